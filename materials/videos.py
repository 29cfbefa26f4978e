"""Check MP4 videos by their structure alone: nothing is decoded.

An MP4 file (ISO/IEC 14496-12) is a row of boxes: four bytes of size, four of kind, content. The
boxes together must fill the file exactly, so that truncated files and files with another one
appended are refused. Boxes that may hold place and author of the recording are blanked.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from common.errors import TwotierError

MAX_BOXES, MAX_INNER_BOXES = 2_000, 64
HEADER, LARGE_HEADER = 8, 16
BRANDS = frozenset(
    [b"isom", b"mp41", b"mp42", b"avc1", b"M4V ", b"MSNV", *(b"iso%d" % n for n in range(2, 10))]
)
TOP = frozenset(
    [b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"udta", b"meta", b"uuid", b"moof",
     b"mfra", b"sidx", b"styp", b"pdin", b"prft", b"emsg"]
)  # fmt: skip
"""The boxes that a file may have on its top level."""
BLANKED = frozenset([b"udta", b"meta", b"uuid", b"free", b"skip", b"wide"])
CONTAINERS: Mapping[bytes, Any] = {b"moov": {b"trak": {}}}
"""The boxes that are searched for boxes to blank, with those inside of them."""
FTYP = slice(4, 8)


class VideoUnreadable(TwotierError):
    code = "video_unreadable"
    message = _("This is no MP4 video, or it is damaged. Export it as MP4 (H.264), and try again.")
    status = 400


@dataclass(frozen=True, slots=True)
class Box:
    """A box of a file; places in bytes from its beginning."""

    kind: bytes
    start: int
    content: int
    """Where the content begins."""
    end: int


def is_video(raw: bytes) -> bool:
    """Return whether a file claims to be of the family of MP4."""
    return raw[FTYP] == b"ftyp"


def read_video(raw: bytes) -> bytes:
    """Return an MP4 video of the same length, with its metadata blanked.

    :raises VideoUnreadable: it is no MP4, or its boxes do not fill the file exactly
    """
    top = list(_boxes(raw, 0, len(raw), limit=MAX_BOXES))
    kinds = [box.kind for box in top]
    is_whole = kinds[:1] == [b"ftyp"] and kinds.count(b"moov") == 1 and b"mdat" in kinds
    if not is_whole or not TOP.issuperset(kinds) or not _is_mp4(raw, top[0]):
        raise VideoUnreadable
    video = bytearray(raw)
    _blank(video, top, CONTAINERS)
    return bytes(video)


def _is_mp4(raw: bytes, ftyp: Box) -> bool:
    brand, minor = ftyp.content, ftyp.content + 4
    if ftyp.end - ftyp.start > 1_024 or ftyp.end < minor:  # noqa: PLR2004 - some dozen brands
        return False
    compatible = {raw[place : place + 4] for place in range(minor + 4, ftyp.end, 4)}
    return raw[brand:minor] in BRANDS or (
        raw[brand:minor] != b"qt  " and not BRANDS.isdisjoint(compatible)
    )


def _boxes(raw: bytes | bytearray, start: int, end: int, *, limit: int) -> Iterator[Box]:
    """Yield the boxes that fill the bytes from ``start`` to ``end``.

    :raises VideoUnreadable: they do not fill them exactly, or there are more than ``limit``
    """
    for _place in range(limit):
        if start == end:
            return
        box = _box(raw, start, end)
        yield box
        start = box.end
    raise VideoUnreadable


def _box(raw: bytes | bytearray, start: int, end: int) -> Box:
    try:
        size, kind = struct.unpack_from(">I4s", raw, start)
        content = start + HEADER
        if size == 1:
            (size,) = struct.unpack_from(">Q", raw, content)
            content = start + LARGE_HEADER
    except struct.error:
        raise VideoUnreadable from None
    box = Box(kind, start, content, start + size if size else end)  # 0: up to the end
    if not content <= box.end <= end:
        raise VideoUnreadable
    return box


def _blank(video: bytearray, boxes: list[Box], containers: Mapping[bytes, Any]) -> None:
    for box in boxes:
        if box.kind in BLANKED:
            video[box.start + 4 : box.start + HEADER] = b"free"
            video[box.content : box.end] = bytes(box.end - box.content)
        elif box.kind in containers:
            inner = list(_boxes(video, box.content, box.end, limit=MAX_INNER_BOXES))
            _blank(video, inner, containers[box.kind])
