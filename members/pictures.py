"""Read pictures from strangers: only what Pillow decodes is kept, drawn again as a JPEG.

So nothing survives but the pixels: no metadata, no second file appended to the first, no script.
"""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO

from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps

from common.errors import TwotierError
from members.picture_files import JPEG, PNG, WEBP, Damaged, trimmed, webp_size

FORMATS = (JPEG, PNG, WEBP)
MAX_PIXELS = {JPEG: 25_000_000, PNG: 12_000_000, WEBP: 12_000_000}
"""A JPEG is decoded no larger than needed, the others with all their pixels."""
MAX_EDGE = 10_000
QUALITY = 85
WHITE = (255, 255, 255)


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
        content = trimmed(raw)
        if content.startswith(b"RIFF"):
            _check_size(webp_size(content), WEBP)
        with Image.open(BytesIO(content), formats=FORMATS) as image:
            _check_size(image.size, image.format or "")
            return _drawn_again(image, edge, quality)
    except Damaged:
        raise PictureUnreadable from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_large("") from None
    except TwotierError:
        raise
    except Exception:  # noqa: BLE001 - Pillow's decoders raise many
        raise PictureUnreadable from None


def _check_size(size: tuple[int, int], kind: str) -> None:
    width, height = size  # from the header: nothing is decoded yet
    if width * height > MAX_PIXELS[kind] or max(size) > MAX_EDGE:
        raise _too_large(kind)


def _drawn_again(image: Image.Image, edge: int, quality: int) -> Picture:
    image.thumbnail((edge, edge))  # first: a JPEG is decoded no larger than needed
    upright = _turned(image)
    canvas = Image.new("RGB", upright.size, WHITE)
    if upright.has_transparency_data:
        layer = upright.convert("RGBA")
        canvas.paste(layer, mask=layer.getchannel("A"))
    else:
        canvas.paste(upright.convert("RGB"))
    target = BytesIO()
    canvas.save(target, "JPEG", quality=quality, optimize=True)
    return Picture(target.getvalue(), *canvas.size)


def _turned(image: Image.Image) -> Image.Image:
    """Return the picture as its metadata says that it was held; broken metadata says nothing."""
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # noqa: BLE001 - as the decoders do
        return image


def _too_large(kind: str) -> PictureTooLarge:
    return PictureTooLarge(pixels=MAX_PIXELS.get(kind, MAX_PIXELS[PNG]), edge=MAX_EDGE)
