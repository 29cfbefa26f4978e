"""Break texts into lines as Chinese is set: few characters may begin or end a line (kinsoku)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from posters.rendering import fonts
from posters.rendering.elements import Style
from posters.rendering.text import Cluster

NEVER_FIRST = frozenset("、。，．,.!！?？;；:：)）]】}｝〉》」』〕”’…·%％℃°~～-—")
NEVER_LAST = frozenset("([（【{｛〈《「『〔“‘¥￥$#@")
HANGING = frozenset("（【「『《〈“‘")
"""Their left half is empty: at the start of a line they move half a character to the left."""
ELLIPSIS = Cluster("…", "text")
STEP = 2
EMOJI_SIZE = 1.08
"""Emoji beside the characters of a text, which leave some room around them."""

Line = tuple[Cluster, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """A text broken into lines, in the size that it needs."""

    lines: tuple[Line, ...]
    size: float


def advance(cluster: Cluster, weight: int, size: float, tracking: float = 0) -> float:
    """How far the next cluster is from this one, in pixels."""
    return _advance(cluster, weight) * size / _EM + tracking


def width(line: Sequence[Cluster], weight: int, size: float, tracking: float = 0) -> float:
    if not line:
        return 0
    whole = sum(_advance(cluster, weight) for cluster in line) * size / _EM
    return whole + tracking * (len(line) - 1)


def broken(clusters: Sequence[Cluster], style: Style, room: float) -> Block:
    """Break a text into at most ``style.max_lines``: first it shrinks, then it ends with ….

    A text never ends within a line while it could go on in smaller characters.
    """
    size = style.size
    while True:
        lines = _lines(clusters, style, size, room)
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
        return fonts.emoji_face(_EM).getlength(cluster.text) * EMOJI_SIZE
    return fonts.face(weight, _EM).getlength(cluster.text)


def _lines(clusters: Sequence[Cluster], style: Style, size: float, room: float) -> tuple[Line, ...]:
    lines: list[Line] = []
    line: list[Cluster] = []
    reach = 0.0
    for word in _words(clusters):
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
