"""Read official pictures, and draw what lists and cards show of them."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO

from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps

from common.errors import TwotierError
from materials.models import MaterialFile
from members.pictures import Picture, read_picture

Variant = MaterialFile.Variant
EDGE, LEAST_EDGE = 2_160, 1_080
QUALITY, SMALL_QUALITY = 92, 82
PREVIEW_EDGE = 480
CARDS = {Variant.CHAT: (750, 600), Variant.SQUARE: (600, 600)}
"""What WeChat shows in a chat (5:4) and in Moments (1:1)."""


class PictureTooSmall(TwotierError):
    code = "picture_too_small"
    message = _("The longer edge of an official picture has at least %(edge)s pixels.")
    status = 400


@dataclass(frozen=True, slots=True)
class OfficialPicture:
    """A picture with its smaller variants, all JPEG."""

    full: Picture
    variants: dict[str, bytes]


def read_official_picture(raw: bytes) -> OfficialPicture:
    """Return a picture upright, without metadata, at most ``EDGE`` pixels wide and high.

    :raises PictureUnreadable: it is damaged, or neither JPEG, PNG nor WebP
    :raises PictureTooLarge: it has too many pixels; nothing was decoded
    :raises PictureTooSmall: it would look poor on a phone
    """
    full = read_picture(raw, edge=EDGE, quality=QUALITY)
    if max(full.width, full.height) < LEAST_EDGE:
        raise PictureTooSmall(edge=LEAST_EDGE)
    with Image.open(BytesIO(full.content)) as image:
        cards = {
            str(variant): _jpeg(ImageOps.fit(image, size)) for variant, size in CARDS.items()
        }
        image.thumbnail((PREVIEW_EDGE, PREVIEW_EDGE))
        return OfficialPicture(full, {str(Variant.PREVIEW): _jpeg(image), **cards})


def _jpeg(image: Image.Image) -> bytes:
    target = BytesIO()
    image.save(target, "JPEG", quality=SMALL_QUALITY, optimize=True)
    return target.getvalue()
