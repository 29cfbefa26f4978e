"""Recognize a picture that was handed in before, also as another file, smaller or compressed again.

``picture_hash`` is that of the pixels. ``cells`` is the picture as 32 by 32 shades of grey: another
size or quality of the same picture moves each by a few shades, another name or number in the same
screenshot moves some by many.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import IO

from PIL import Image

EDGE = 32  # cells
TOLERANCE = 10  # of 256 shades
MAX_STRETCH = 0.03
"""By how much the proportions of the same picture may differ: sizes are whole pixels."""
SHADES = 64
"""``brightness`` counts sixty-fourths of a shade."""
BRIGHTNESS_TOLERANCE = 2 * SHADES
PROBES = tuple(EDGE * row + column for row in (5, 12, 19, 26) for column in (5, 12, 19, 26))
"""The cells by which the database leaves out most pictures before all cells are compared."""


@dataclass(frozen=True, slots=True)
class Picture:
    """What is stored to recognize a picture.

    :param cells: ``EDGE`` rows of ``EDGE`` shades, from the top left
    :param brightness: the mean of all cells
    :param proportion: width by height
    """

    picture_hash: str
    cells: bytes
    brightness: int
    proportion: float


def read(file: IO[bytes]) -> Picture:
    """Return what identifies a picture that ``members.uploads`` has stored."""
    with Image.open(file) as image:
        pixels = image.convert("RGB")
    size = f"{pixels.width}x{pixels.height}"
    digest = hashlib.sha256(size.encode() + pixels.tobytes()).hexdigest()
    cells = pixels.convert("L").resize((EDGE, EDGE), Image.Resampling.BOX).tobytes()
    brightness = round(SHADES * sum(cells) / len(cells))
    return Picture(digest, cells, brightness, pixels.width / pixels.height)


def is_same(one: Picture, other: Picture) -> bool:
    """Return whether both show the same, perhaps in another size or quality."""
    if one.picture_hash == other.picture_hash:
        return True
    stretch = one.proportion / other.proportion
    if not 1 / (1 + MAX_STRETCH) <= stretch <= 1 + MAX_STRETCH:
        return False
    return all(
        abs(first - second) <= TOLERANCE
        for first, second in zip(one.cells, other.cells, strict=True)
    )
