"""Replace bands of a JPEG without encoding the rest again.

With a restart marker after each row of blocks, a baseline JPEG is a header and one independent
segment per 16 rows of pixels (ITU-T T.81, E.1.4). The segments of a band that was encoded with the
same tables take the place of the old ones; then the markers are numbered again. The pixels are
those of encoding the whole picture.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO

from PIL import Image

ROWS = 16
"""Rows of pixels in a row of blocks, with colours at half resolution (4:2:0)."""
QUALITY = 88
SUBSAMPLING = 2

_SCAN = b"\xff\xda"
_END = b"\xff\xd9"
_FRAME = b"\xff\xc0"
_RESTART = re.compile(rb"\xff[\xd0-\xd7]")


class SpliceMismatch(Exception):
    """The bands do not fit into the picture; encode it as a whole."""


@dataclass(frozen=True, slots=True)
class Segments:
    """A JPEG cut at its restart markers."""

    header: bytes
    rows: Sequence[bytes]

    def joined(self) -> bytes:
        """Return the JPEG, with its restart markers numbered again."""
        parts = [self.header, self.rows[0]]
        for number, row in enumerate(self.rows[1:]):
            parts += (bytes((0xFF, 0xD0 + number % 8)), row)
        parts.append(_END)
        return b"".join(parts)


def encode(image: Image.Image, quality: int = QUALITY) -> bytes:
    """Return an RGB picture as a JPEG that ``cut`` can take apart."""
    target = BytesIO()
    # Fixed Huffman tables: optimised ones would differ from band to band.
    image.save(
        target, "JPEG", quality=quality, subsampling=SUBSAMPLING, optimize=False,
        progressive=False, restart_marker_rows=1,
    )  # fmt: skip
    return target.getvalue()


def cut(jpeg: bytes, *, height: int) -> Segments:
    """Cut a JPEG of ``encode`` into its rows of blocks.

    :param height: of the picture, in pixels
    :raises SpliceMismatch: it does not have a segment for each 16 rows
    """
    scan = jpeg.find(_SCAN)
    if scan < 0 or not jpeg.endswith(_END):
        raise SpliceMismatch("no scan, or no end")
    start = scan + 2 + int.from_bytes(jpeg[scan + 2 : scan + 4], "big")
    rows = _RESTART.split(jpeg[start : -len(_END)])
    if len(rows) != -(-height // ROWS):
        raise SpliceMismatch(f"{len(rows)} segments for {height} rows")
    return Segments(jpeg[:start], rows)


def replace(picture: Segments, bands: Mapping[int, Segments]) -> bytes:
    """Return the JPEG with some bands replaced; the keys are their first rows, in pixels.

    :raises SpliceMismatch: a band was encoded by other tables, or reaches out of the picture
    """
    rows = list(picture.rows)
    for top, band in bands.items():
        first, rest = divmod(top, ROWS)
        if rest or first + len(band.rows) > len(rows):
            raise SpliceMismatch(f"a band of {len(band.rows)} segments at {top}")
        if _without_height(picture.header) != _without_height(band.header):
            raise SpliceMismatch("other tables")
        rows[first : first + len(band.rows)] = band.rows
    return Segments(picture.header, rows).joined()


def _without_height(header: bytes) -> bytes:
    # FFC0, two bytes of length, one of precision, then two of the height.
    place = header.find(_FRAME) + 5
    return header[:place] + header[place + 2 :]
