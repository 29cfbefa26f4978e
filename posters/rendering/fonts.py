"""The fonts of posters, and which characters they have.

FreeType's faces are not safe to share between threads, so each thread opens its own.
"""

from __future__ import annotations

import json
import threading
from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from PIL import ImageFont, features

FOLDER = Path(__file__).parent.parent / "fonts"
FILES = {400: "NotoSansSC-Regular.woff2", 700: "NotoSansSC-Bold.woff2"}
EMOJI_FILE = "Twemoji.woff2"
COVERAGE_FILE = "coverage.json"
MAX_FACES = 96
"""Sizes that a thread holds open."""

_faces = threading.local()


@dataclass(frozen=True, slots=True)
class Coverage:
    """Ranges of code points, as sorted first and last ones."""

    firsts: tuple[int, ...]
    lasts: tuple[int, ...]

    def has(self, character: str) -> bool:
        code = ord(character)
        place = bisect_right(self.firsts, code) - 1
        return place >= 0 and code <= self.lasts[place]


@lru_cache(maxsize=1)
def _coverages() -> dict[str, Coverage]:
    rows = json.loads((FOLDER / COVERAGE_FILE).read_text(encoding="utf-8"))
    return {
        name: Coverage(tuple(first for first, _ in ranges), tuple(last for _, last in ranges))
        for name, ranges in rows.items()
    }


def text_coverage() -> Coverage:
    """What both weights of the text font have."""
    return _coverages()["text"]


def emoji_coverage() -> Coverage:
    return _coverages()["emoji"]


def face(weight: int, size: float) -> ImageFont.FreeTypeFont:
    return _face(FILES[weight], size)


def emoji_face(size: float) -> ImageFont.FreeTypeFont:
    return _face(EMOJI_FILE, size)


def _face(file: str, size: float) -> ImageFont.FreeTypeFont:
    opened: dict[tuple[str, float], ImageFont.FreeTypeFont] = _faces.__dict__
    key = (file, round(size, 2))
    if key not in opened:
        if len(opened) >= MAX_FACES:
            opened.clear()
        opened[key] = ImageFont.truetype(FOLDER / file, key[1], layout_engine=_layout())
    return opened[key]


def _layout() -> ImageFont.Layout:
    return ImageFont.Layout.RAQM


def has_raqm() -> bool:
    """Whether joined emoji, flags and ligatures can be drawn: Pillow needs the library fribidi."""
    return bool(features.check("raqm"))
