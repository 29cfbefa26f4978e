"""Split texts from strangers into characters that can be drawn.

A *cluster* is what a person sees as one character (Unicode UAX 29): a letter with its marks, or an
emoji of several people. Each cluster is drawn by one font. What no font has is replaced by its
plain form (NFKC) or left out, so that a poster never shows a box instead of a character.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Literal

import regex

from posters.rendering import fonts

NAMELESS = "微信用户"
MAX_NAME = 64
MAX_MARKS = 2
MAX_CLUSTER = 12
SLICE = 8
"""Code points to examine for each wanted character: a name of a megabyte costs no more."""

JOINER = "\u200d"
TEXT_STYLE = "\ufe0e"
EMOJI_STYLE = "\ufe0f"
KEYCAP = "\u20e3"
_TAGS = range(0xE0020, 0xE0080)
_TAG_BASE = "\U0001f3f4"

_CLUSTER = regex.compile(r"\X")
_EMOJI = regex.compile(r"\p{Emoji_Presentation}|\p{Extended_Pictographic}|\p{Regional_Indicator}")
_SPACES = regex.compile(r"\s+")
_EM = 100
_SINGLE = 1.1  # of the size: wider ones were drawn as several pictures
_DROPPED = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})

Font = Literal["text", "emoji"]


@dataclass(frozen=True, slots=True)
class Cluster:
    """One visible character, and the font that draws it."""

    text: str
    font: Font


def shape(text: str, *, limit: int) -> tuple[Cluster, ...]:
    """Return the first ``limit`` characters of a text that can be drawn."""
    sliced = unicodedata.normalize("NFC", text[: limit * SLICE])
    spaced = _SPACES.sub(" ", sliced).strip()
    drawn: list[Cluster] = []
    for match in _CLUSTER.finditer(spaced):
        drawn += _drawable(match.group())
        if len(drawn) >= limit:
            break
    return tuple(_trimmed(drawn[:limit]))


@lru_cache(maxsize=256)
def display_name(nickname: str) -> str:
    """Return the characters of a nickname that can be drawn; 微信用户 if there are none."""
    clusters = shape(nickname, limit=MAX_NAME)
    return "".join(cluster.text for cluster in clusters) or NAMELESS


def runs(clusters: Iterable[Cluster]) -> Iterator[tuple[Font, str]]:
    """Join neighbouring clusters of the same font into texts."""
    for font, group in groupby(clusters, key=lambda cluster: cluster.font):
        yield font, "".join(cluster.text for cluster in group)


@lru_cache(maxsize=8192)
def _drawable(raw: str) -> tuple[Cluster, ...]:
    cleaned = _cleaned(raw)
    if not cleaned or not cleaned.strip(EMOJI_STYLE + TEXT_STYLE + JOINER):
        return ()
    if _is_emoji(cleaned):
        for sequence in (cleaned, cleaned.split(JOINER)[0]):
            if _is_one_emoji(sequence):
                return (Cluster(sequence, "emoji"),)
    plain = cleaned.replace(TEXT_STYLE, "").replace(EMOJI_STYLE, "")
    if _has_text(plain):
        return (Cluster(plain, "text"),)
    return _replaced(plain)


def _replaced(cluster: str) -> tuple[Cluster, ...]:
    """Return the compatible form of a cluster, such as A for a mathematical A, or nothing."""
    compatible = unicodedata.normalize("NFKC", cluster)
    for form in (compatible, compatible[:1], _without_marks(cluster)):
        if form.strip() and form != cluster and _has_text(form):
            return tuple(Cluster(character, "text") for character in form)
    return ()


def _without_marks(cluster: str) -> str:
    parts = unicodedata.normalize("NFKD", cluster)
    return "".join(part for part in parts if not unicodedata.combining(part))


def _cleaned(raw: str) -> str:
    """Drop invisible characters, and marks beyond the second."""
    kept: list[str] = []
    marks = 0
    for place, character in enumerate(raw[: MAX_CLUSTER * 2]):
        category = unicodedata.category(character)
        if category in _DROPPED and not _is_meant(character, raw, place):
            continue
        if category in {"Mn", "Me"} and character not in (EMOJI_STYLE, TEXT_STYLE, KEYCAP):
            marks += 1
            if marks > MAX_MARKS:
                continue
        kept.append(character)
    return "".join(kept[:MAX_CLUSTER])


def _is_meant(character: str, raw: str, place: int) -> bool:
    """Return whether an invisible character belongs to an emoji."""
    if character == JOINER:
        return 0 < place < len(raw) - 1 and _EMOJI.search(raw) is not None
    return ord(character) in _TAGS and raw.startswith(_TAG_BASE)


def _is_emoji(cluster: str) -> bool:
    if TEXT_STYLE in cluster:
        return False
    if KEYCAP in cluster or EMOJI_STYLE in cluster:
        return True
    # © and ™ are pictographic too, but are meant as text unless EMOJI_STYLE follows.
    return _EMOJI.search(cluster) is not None and not _has_text(cluster)


def _is_one_emoji(sequence: str) -> bool:
    """Return whether the font has all parts, and joins them to one picture."""
    if not all(fonts.emoji_coverage().has(character) for character in _visible(sequence)):
        return False
    return fonts.emoji_face(_EM).getlength(sequence) <= _EM * _SINGLE


def _visible(sequence: str) -> str:
    return "".join(
        character
        for character in sequence
        if character not in (JOINER, EMOJI_STYLE) and ord(character) not in _TAGS
    )


def _has_text(text: str) -> bool:
    coverage = fonts.text_coverage()
    return all(coverage.has(character) for character in text)


def _trimmed(clusters: list[Cluster]) -> list[Cluster]:
    """Return clusters without spaces at the ends, and with single spaces between."""
    trimmed: list[Cluster] = []
    for cluster in clusters:
        if cluster.text == " " and (not trimmed or trimmed[-1].text == " "):
            continue
        trimmed.append(cluster)
    while trimmed and trimmed[-1].text == " ":
        trimmed.pop()
    return trimmed
