"""Read pictures from strangers: only what Pillow decodes is kept, drawn again as a JPEG.

So nothing survives but the pixels: no metadata, no second file appended to the first, no script.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from io import BytesIO

from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps

from common.errors import TwotierError

FORMATS = ("JPEG", "PNG", "WEBP")
MAX_PIXELS = 25_000_000
MAX_EDGE = 10_000
QUALITY = 85
WHITE = (255, 255, 255)
SCAN = re.compile(rb"\xff\xda\0[\x08\x0a\x0c\x0e]")
"""How each scan of a JPEG begins: marker, and the length of a header for 1 to 4 components."""
MAX_SCANS = 50  # progressive JPEGs have about 10


class PictureUnreadable(TwotierError):
    code = "picture_unreadable"
    message = _("This is no JPEG, PNG or WebP picture, or it is damaged. Choose another one.")
    status = 400


class PictureTooLarge(TwotierError):
    """``data["pixels"]`` and ``data["edge"]`` are the limits."""

    code = "picture_too_large"
    message = _("The picture has more than %(pixels)s pixels, or an edge above %(edge)s.")
    status = 400


@dataclass(frozen=True, slots=True)
class Picture:
    """A JPEG."""

    content: bytes
    width: int
    height: int


def read_picture(raw: bytes, *, edge: int, quality: int = QUALITY) -> Picture:
    """Return a picture upright and without metadata, at most ``edge`` pixels wide and high.

    :param quality: of the JPEG, up to 95

    :raises PictureUnreadable: it is damaged, or of another format
    :raises PictureTooLarge: it has too many pixels; nothing was decoded
    """
    try:
        with Image.open(BytesIO(raw), formats=FORMATS) as image:
            _check_size(image)
            _check_scans(image, raw)
            return _drawn_again(image, edge, quality)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_large() from None
    except TwotierError:
        raise
    except Exception:  # noqa: BLE001 - Pillow's decoders raise many
        raise PictureUnreadable from None


def _check_size(image: Image.Image) -> None:
    width, height = image.size  # from the header: nothing is decoded yet
    if width * height > MAX_PIXELS or max(width, height) > MAX_EDGE:
        raise _too_large()


def _check_scans(image: Image.Image, raw: bytes) -> None:
    # A scan of a few bytes goes over all pixels: a small file could take hours.
    if image.format == "JPEG" and len(SCAN.findall(raw)) > MAX_SCANS:
        raise PictureUnreadable


def _drawn_again(image: Image.Image, edge: int, quality: int) -> Picture:
    image.thumbnail((edge, edge))  # first: a JPEG is decoded no larger than needed
    upright = ImageOps.exif_transpose(image)
    canvas = Image.new("RGB", upright.size, WHITE)
    if upright.has_transparency_data:
        layer = upright.convert("RGBA")
        canvas.paste(layer, mask=layer.getchannel("A"))
    else:
        canvas.paste(upright.convert("RGB"))
    target = BytesIO()
    canvas.save(target, "JPEG", quality=quality, optimize=True)
    return Picture(target.getvalue(), *canvas.size)


def _too_large() -> PictureTooLarge:
    return PictureTooLarge(pixels=MAX_PIXELS, edge=MAX_EDGE)
