"""Break texts into lines as Chinese is set: few characters may begin or end a line (kinsoku)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

from posters.rendering import fonts
from posters.rendering.elements import Style
from posters.rendering.text import Cluster

NEVER_FIRST = frozenset("、。，．,.!！?？;；:：)）]】}｝〉》」』〕”’…·%％℃°~～-—")
NEVER_LAST = frozenset("([（【{｛〈《「『〔“‘¥￥$#@")
HANGING = frozenset("（【「『《〈“‘")
"""Their left half is empty: at the start of a line they move half a character to the left."""
ELLIPSIS = Cluster("…", "text")
STEP = 2
EMOJI_SIZE = 1.04
EMOJI_ROOM = 1.14
"""Emoji fill their square; the characters of a text leave some room around them."""
PHRASE = 0.9
"""In parts of a line: longer phrases are broken like any text."""
PHRASE_ENDS = frozenset("，。；：！？,;:!?")
COLUMN = 3
"""From so many lines on, one line more is accepted to keep phrases whole."""
LEAST_LAST = 0.3
"""In parts of a line: a last line should not be shorter."""
NARROWER = (0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.65, 0.6, 0.55)
"""In parts of a line: widths to try, to make the last line longer."""

Line = tuple[Cluster, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """A text broken into lines, in the size that it needs."""

    lines: tuple[Line, ...]
    size: float


def advance(cluster: Cluster, weight: int, size: float, tracking: float = 0) -> float:
    """Return how far the next cluster is from this one, in pixels."""
    return _advance(cluster, weight) * size / _EM + tracking


def width(line: Sequence[Cluster], weight: int, size: float, tracking: float = 0) -> float:
    """Return the width of a line in pixels."""
    if not line:
        return 0
    whole = sum(_advance(cluster, weight) for cluster in line) * size / _EM
    return whole + tracking * (len(line) - 1)


def break_lines(clusters: Sequence[Cluster], style: Style, room: float) -> Block:
    """Break a text into at most ``style.max_lines``: it shrinks to ``min_size``, then ends with ….

    :param room: the width of a line, in pixels
    """
    size = style.size
    while True:
        lines = _pleasant(clusters, style, size, room)
        if len(lines) <= style.max_lines:
            return Block(lines, size)
        if size - STEP < style.min_size:
            break
        size -= STEP
    kept = lines[: style.max_lines]
    return Block((*kept[:-1], shortened(kept[-1], style, size, room)), size)


def shortened(line: Sequence[Cluster], style: Style, size: float, room: float) -> Line:
    """End a line with an ellipsis that fits into the room."""
    kept = list(line)
    while kept:
        last = kept[-1].text
        fits = width([*kept, ELLIPSIS], style.weight, size, style.tracking) <= room
        if fits and last != " " and last not in NEVER_FIRST and last not in NEVER_LAST:
            break
        kept.pop()
    return (*kept, ELLIPSIS)


_EM = 100
"""The size at which clusters are measured; other sizes follow, because nothing is hinted."""


@lru_cache(maxsize=16384)
def _advance(cluster: Cluster, weight: int) -> float:
    if cluster.font == "emoji":
        return fonts.emoji_face(_EM).getlength(cluster.text) * EMOJI_ROOM
    return fonts.face(weight, _EM).getlength(cluster.text)


def _pleasant(
    clusters: Sequence[Cluster], style: Style, size: float, room: float
) -> tuple[Line, ...]:
    """Break a text where a person would, if that costs no line, or one of a narrow column.

    Chinese titles separate their phrases by spaces, and a phrase is kept on one line. A last line
    with a character or two looks like a mistake: the lines before it become shorter.
    """
    words = _words(clusters)
    lines = _lines(words, style, size, room)
    if not 1 < len(lines) <= style.max_lines:
        return lines
    phrases = _phrases(words, style, size, room * PHRASE)
    by_phrase = _lines(phrases, style, size, room)
    spare = min(style.max_lines, len(lines) + (style.max_lines >= COLUMN))
    if len(by_phrase) <= spare:
        words, lines = phrases, by_phrase
    for part in NARROWER:
        is_short = width(lines[-1], style.weight, size, style.tracking) < room * LEAST_LAST
        narrower = _lines(words, style, size, room * part)
        if len(narrower) > len(lines) or not (is_short or style.align == "center"):
            break
        lines = narrower
    return lines


def _phrases(
    words: Sequence[list[Cluster]], style: Style, size: float, longest: float
) -> list[list[Cluster]]:
    """Join words up to a space or a comma; those of a phrase that is too long stay apart."""
    phrases: list[list[Cluster]] = []
    for _, group in groupby(_numbered(words), key=lambda pair: pair[0]):
        phrase = [word for _, word in group]
        joined = [cluster for word in phrase for cluster in word]
        is_long = width(joined, style.weight, size, style.tracking) > longest
        phrases += phrase if is_long else [joined]
    return phrases


def _numbered(words: Sequence[list[Cluster]]) -> Iterator[tuple[int, list[Cluster]]]:
    """Number the words by phrase; a space between two phrases is one of its own."""
    number = 0
    for word in words:
        is_space = word[0].text == " "
        number += is_space
        yield number, word
        number += is_space or word[-1].text in PHRASE_ENDS


def _lines(
    words: Sequence[list[Cluster]], style: Style, size: float, room: float
) -> tuple[Line, ...]:
    lines: list[Line] = []
    line: list[Cluster] = []
    reach = 0.0
    for word in words:
        length = sum(advance(cluster, style.weight, size, style.tracking) for cluster in word)
        if line and reach + length - style.tracking > room:
            lines.append(_stripped(line))
            line, reach = [], 0.0
            if len(lines) > style.max_lines:
                return tuple(lines)  # too many already: the rest does not matter
        if not line and word[0].text == " ":
            continue
        for cluster in word:  # a word longer than a line is broken anywhere
            step = advance(cluster, style.weight, size, style.tracking)
            if line and reach + step - style.tracking > room:
                lines.append(_stripped(line))
                line, reach = [], 0.0
            line.append(cluster)
            reach += step
    if line:
        lines.append(_stripped(line))
    return tuple(lines)


def _words(clusters: Sequence[Cluster]) -> list[list[Cluster]]:
    """Group what must stay on one line: Latin words, and punctuation with its neighbour."""
    words: list[list[Cluster]] = []
    for cluster in clusters:
        if words and _sticks(words[-1][-1], cluster):
            words[-1].append(cluster)
        else:
            words.append([cluster])
    return words


def _sticks(before: Cluster, after: Cluster) -> bool:
    if " " in (before.text, after.text):
        return False
    if after.text in NEVER_FIRST or before.text in NEVER_LAST:
        return True
    return _is_latin(before) and _is_latin(after)


def _is_latin(cluster: Cluster) -> bool:
    return cluster.font == "text" and cluster.text[0] < "\u2e80" and cluster.text[0].isalnum()


def _stripped(line: list[Cluster]) -> Line:
    while line and line[-1].text == " ":
        line.pop()
    return tuple(line)
