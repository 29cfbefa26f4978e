"""Draw QR codes, and read them.

One library writes, another reads, so that no mistake of a library hides itself.
"""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO

import zxingcpp
from PIL import Image
from qrcode.constants import ERROR_CORRECT_M
from qrcode.main import QRCode
from qrcode.util import MODE_8BIT_BYTE, QRData

MAX_LINK_BYTES = 42
"""The capacity of version 3 at level M; longer links get smaller modules, which scan worse."""
MASK = 3  # always the same: choosing the best one costs four times as much as the code
LIGHT = (255, 255, 255)
QR_CODES = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])
INVERTED = [255 - value for value in range(256)]


@lru_cache(maxsize=256)
def matrix(link: str) -> Image.Image:
    """Return the code of a link as a grey picture, a pixel for each module, no quiet zone."""
    code = QRCode(error_correction=ERROR_CORRECT_M, mask_pattern=MASK, border=0)
    code.add_data(QRData(link.encode(), mode=MODE_8BIT_BYTE), optimize=0)
    code.make()
    side = code.modules_count
    pixels = bytes(0 if dark else 255 for row in code.modules for dark in row)
    return Image.frombytes("L", (side, side), pixels)


def module_pixels(box: int, side: int, quiet: int) -> int:
    """Return the whole pixels of a module.

    :param box: pixels that the code and its quiet zones have together
    :param side: modules of the code without its quiet zones
    :param quiet: modules of a quiet zone
    """
    return box // (side + 2 * quiet)


def draw(link: str, *, box: int, quiet: int) -> Image.Image:
    """Return a grey picture of ``box`` pixels: the code in the middle, the rest light.

    :raises ValueError: the link is too long for the box
    """
    modules = matrix(link)
    pixels = module_pixels(box, modules.width, quiet)
    if not pixels:
        raise ValueError(f"{modules.width} modules do not fit into {box} pixels")
    # A module of whole pixels has no grey edges, so that phones can read it from further away.
    side = modules.width * pixels
    picture = Image.new("L", (box, box), 255)
    place = (box - side) // 2
    picture.paste(modules.resize((side, side), Image.Resampling.NEAREST), (place, place))
    return picture


def read(image: Image.Image) -> str | None:
    """Return the text of the QR code in a picture; None without one that can be read."""
    grey = image if image.mode == "L" else image.convert("L")
    pixels = memoryview(grey.tobytes()).cast("B", shape=(grey.height, grey.width))
    code = zxingcpp.read_barcode(pixels, formats=QR_CODES)
    return code.text if code else None


def decode(jpeg: bytes) -> str | None:
    """Return the text of the QR code in a poster; None without one that can be read."""
    with Image.open(BytesIO(jpeg), formats=("JPEG",)) as image:
        return read(image)
