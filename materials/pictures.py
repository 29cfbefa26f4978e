"""Read official pictures, and cut the smaller ones for lists and cards."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from catalog.cards import CHAT, SQUARE, cut_card
from common.errors import TwotierError
from materials.models import MaterialFile
from members.pictures import Picture, read_picture

Variant = MaterialFile.Variant
EDGE, LEAST_EDGE = 2_160, 1_080  # pixels of the longer edge
QUALITY = 92
PREVIEW_EDGE = 480
CARDS = {Variant.CHAT: CHAT, Variant.SQUARE: SQUARE}


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
    preview = read_picture(full.content, edge=PREVIEW_EDGE).content
    cards = {variant.value: cut_card(full.content, size) for variant, size in CARDS.items()}
    return OfficialPicture(full, {Variant.PREVIEW.value: preview, **cards})
