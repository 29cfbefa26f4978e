"""Fit pictures into their boxes, and draw stand-ins for missing ones."""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256
from io import BytesIO

from PIL import Image, ImageOps

from posters.rendering import shapes
from posters.rendering.elements import Box, Color, Fill, Style
from posters.rendering.text import Cluster
from posters.rendering.typesetting import MIDDLE, Page
from posters.rendering.wrapping import width

FORMATS = ("JPEG", "PNG", "WEBP")
MAX_PIXELS = 25_000_000
PAPER = Fill(((244, 241, 236, 255), (228, 223, 214, 255)), angle=160)
PAPER_INK: Color = (190, 182, 170, 255)
TINTS: tuple[Color, ...] = (
    (232, 133, 120, 255),
    (226, 167, 85, 255),
    (121, 178, 130, 255),
    (98, 165, 196, 255),
    (139, 140, 205, 255),
    (196, 128, 170, 255),
)
WHITE: Color = (255, 255, 255, 255)


@lru_cache(maxsize=64)
def remembered(content: bytes, size: tuple[int, int], *, is_contained: bool) -> Image.Image | None:
    """Return what ``fitted`` returns, and remember it: avatars and logos recur."""
    return fitted(content, size, is_contained=is_contained)


def fitted(content: bytes, size: tuple[int, int], *, is_contained: bool) -> Image.Image | None:
    """Return a picture that covers a size, or lies within it; ``None`` if it cannot be read.

    :param content: a JPEG, PNG or WebP of at most ``MAX_PIXELS``
    :param size: width and height in pixels
    """
    try:
        with Image.open(BytesIO(content), formats=FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:
                return None
            needed = _covering(image.size, size)
            image.draft("RGB", needed)
            upright = ImageOps.exif_transpose(image)
            mode = "RGBA" if upright.has_transparency_data else "RGB"
            upright = upright.convert(mode)
    except Exception:  # noqa: BLE001 - Pillow's decoders raise many
        return None
    if is_contained:
        return ImageOps.contain(upright, size, Image.Resampling.BICUBIC)
    return ImageOps.fit(upright, size, Image.Resampling.BICUBIC)


def _covering(image: tuple[int, int], size: tuple[int, int]) -> tuple[int, int]:
    factor = max(size[0] / image[0], size[1] / image[1])
    return max(1, round(image[0] * factor)), max(1, round(image[1] * factor))


def centred(picture: Image.Image, box: Box) -> Box:
    """Return the box of a picture in the middle of another box."""
    left = box.left + (box.width - picture.width) // 2
    top = box.top + (box.height - picture.height) // 2
    return Box(left, top, left + picture.width, top + picture.height)


def placeholder(size: tuple[int, int], initial: Cluster | None) -> Image.Image:
    """Return paper with the first character of a product's title."""
    paper = shapes.filled(PAPER, size).convert("RGB")
    _write_initial(paper, initial, PAPER_INK, 0.34)
    return paper


def initials(size: tuple[int, int], name: tuple[Cluster, ...]) -> Image.Image:
    """Return an avatar for a member without one: the first character on a colour of its own."""
    text = "".join(cluster.text for cluster in name)
    tint = TINTS[sha256(text.encode()).digest()[0] % len(TINTS)]
    avatar = Image.new("RGB", size, tint[:3])
    _write_initial(avatar, name[0] if name else None, WHITE, 0.5)
    return avatar


def _write_initial(
    picture: Image.Image, initial: Cluster | None, color: Color, part: float
) -> None:
    if initial is None:
        return
    size = min(picture.size) * part
    style = Style(size=size, min_size=size, weight=700, color=color)
    page = Page(picture, Box(0, 0, *picture.size))
    left = (picture.width - width([initial], style.weight, size)) / 2
    page.write([initial], left, picture.height / 2 + size * MIDDLE, style)
    page.print(color, 1)
