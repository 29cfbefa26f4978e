"""Open the fonts of posters, and look up which characters they have.

FreeType's faces are not safe to share between threads, so each thread opens its own.
"""

from __future__ import annotations

import json
import lzma
import os
import tempfile
import threading
from bisect import bisect_right
from collections import OrderedDict
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from PIL import ImageFont, features

FOLDER = Path(__file__).parent.parent / "fonts"
FILES = {400: "NotoSansSC-Regular.ttf.xz", 700: "NotoSansSC-Bold.ttf.xz"}
EMOJI_FILE = "Twemoji.ttf.xz"
COVERAGE_FILE = "coverage.json"
MAX_FACES = 6
"""Faces (a font in a size) that a thread holds open."""

_faces = threading.local()
_unpacking = threading.Lock()


@dataclass(frozen=True, slots=True)
class Coverage:
    """The code points of a font: sorted ranges, as their first and their last code points."""

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
    """Return the characters that both weights of the text font have."""
    return _coverages()["text"]


def emoji_coverage() -> Coverage:
    """Return the characters that the emoji font has."""
    return _coverages()["emoji"]


def face(weight: int, size: float) -> ImageFont.FreeTypeFont:
    """Return the text font.

    :param weight: 400 or 700
    :param size: in pixels
    """
    return _face(FILES[weight], size)


def emoji_face(size: float) -> ImageFont.FreeTypeFont:
    """Return the emoji font in a size in pixels."""
    return _face(EMOJI_FILE, size)


def _face(file: str, size: float) -> ImageFont.FreeTypeFont:
    opened: OrderedDict[tuple[str, float], ImageFont.FreeTypeFont]
    opened = _faces.__dict__.setdefault("opened", OrderedDict())
    key = (file, round(size, 2))
    if key in opened:
        opened.move_to_end(key)
        return opened[key]
    opened[key] = ImageFont.truetype(_path(file), key[1], layout_engine=ImageFont.Layout.RAQM)
    if len(opened) > MAX_FACES:
        opened.popitem(last=False)
    return opened[key]


def path(weight: int) -> str:
    """Return the path at which this process can open the unpacked font of a weight."""
    return _path(FILES[weight])


def _path(file: str) -> str:
    with _unpacking:
        return f"/dev/fd/{_unpacked(file)}"


@cache
def _unpacked(file: str) -> int:
    """Return the descriptor of a file that holds an unpacked font."""
    # It has no name and ends with the process. FreeType maps it: all sizes and threads, and the
    # processes that are forked later, share these bytes.
    with tempfile.TemporaryFile() as target:
        target.write(lzma.decompress((FOLDER / file).read_bytes()))
        target.flush()
        return os.dup(target.fileno())


def unpack() -> None:
    """Unpack all fonts: half a second that the first poster of a process need not wait for."""
    for weight in FILES:
        face(weight, 32)
    emoji_face(32)


def has_raqm() -> bool:
    """Return whether Pillow can draw joined emoji, flags and ligatures: it needs FriBiDi."""
    return bool(features.check("raqm"))
