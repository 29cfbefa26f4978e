"""Look at the files of pictures before anything decodes them: a refusal costs no memory."""

from __future__ import annotations

import re
from collections.abc import Iterator

JPEG, PNG, WEBP = "JPEG", "PNG", "WEBP"
PNG_HEAD = b"\x89PNG\r\n\x1a\n"
# The chunks of a PNG that its pixels depend on, and its orientation. Texts and profiles are packed
# and could unpack to gigabytes.
PNG_CHUNKS = {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"eXIf", b"IEND"}
SCAN = re.compile(rb"\xff\xda\0[\x08\x0a\x0c\x0e]")
"""How each scan of a JPEG begins: marker, and the length of a header for 1 to 4 components."""
MAX_SCANS = 50  # progressive JPEGs have about 10
JPEG_HEAD, JPEG_END = b"\xff\xd8\xff", b"\xff\xd9"
FILL, START_OF_SCAN = 0xFF, 0xDA
STANDALONE = {0x01, *range(0xD0, 0xD9)}


class Damaged(ValueError):
    """The file is no picture of these formats, or not a whole one."""


def trimmed(raw: bytes) -> bytes:
    """Return what has to be decoded of a JPEG, PNG or WebP file, and nothing else.

    :raises Damaged: it is none, was cut off, or has so many scans that decoding takes hours
    """
    if raw.startswith(JPEG_HEAD):
        _check_jpeg(raw)
        return raw
    if raw.startswith(PNG_HEAD):
        return PNG_HEAD + b"".join(_png_chunks(raw))
    if raw[:4] == b"RIFF" and raw[8:12] == WEBP.encode():
        return _webp(raw)
    raise Damaged


def _check_jpeg(raw: bytes) -> None:
    # Bytes of a scan never look like its end; a preview among the metadata has an end of its own.
    if raw.find(JPEG_END, _first_scan(raw)) < 0 or len(SCAN.findall(raw)) > MAX_SCANS:
        raise Damaged


def _first_scan(raw: bytes) -> int:
    place = 2
    while place + 4 <= len(raw) and raw[place] == FILL:
        marker = raw[place + 1]
        if marker == START_OF_SCAN:
            return place
        if marker == FILL:
            place += 1
        elif marker in STANDALONE:
            place += 2
        else:
            place += 2 + int.from_bytes(raw[place + 2 : place + 4], "big")
    raise Damaged


def _png_chunks(raw: bytes) -> Iterator[bytes]:
    place = len(PNG_HEAD)
    while place + 12 <= len(raw):
        end = place + 12 + int.from_bytes(raw[place : place + 4], "big")
        name = raw[place + 4 : place + 8]
        if end > len(raw):
            break
        if name in PNG_CHUNKS:
            yield raw[place:end]
        if name == b"IEND":
            return
        place = end
    raise Damaged


def _webp(raw: bytes) -> bytes:
    end = 8 + int.from_bytes(raw[4:8], "little")
    if end > len(raw):
        raise Damaged
    return raw[:end]


def webp_size(raw: bytes) -> tuple[int, int]:
    """Return the width and height in the head of a WebP file.

    Its decoder takes the memory for all pixels before anybody can ask it for the size.

    :raises Damaged: there is none
    """
    kind = raw[12:16]
    if len(raw) < 30:  # noqa: PLR2004 - the longest of the three heads
        raise Damaged
    if kind == b"VP8X":
        return _number(raw, 24, 3) + 1, _number(raw, 27, 3) + 1
    if kind == b"VP8 ":
        return _number(raw, 26, 2) & 0x3FFF, _number(raw, 28, 2) & 0x3FFF
    if kind == b"VP8L":
        bits = _number(raw, 21, 4)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    raise Damaged


def _number(raw: bytes, place: int, length: int) -> int:
    return int.from_bytes(raw[place : place + length], "little")
