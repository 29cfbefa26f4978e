"""Draw the elements of a template on a canvas, or on a band of it.

``top`` is the row of the whole canvas at which the band starts, in pixels.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from PIL import Image

from posters.rendering import bindings, pictures, qr, shapes
from posters.rendering.data import PosterData
from posters.rendering.elements import Box, Element, Radii
from posters.rendering.prices import draw_price
from posters.rendering.tags import draw_tags
from posters.rendering.text import display_name, shape
from posters.rendering.typesetting import draw_text

PRODUCT_PICTURE = "product.image"
AVATAR = "user.avatar"
DARK = (0, 0, 0)
CODE_MARGIN = 24
"""A mini-program code leaves a 24th of its box white on each side."""


def draw(canvas: Image.Image, element: Element, data: PosterData, top: int = 0) -> None:
    """Draw an element, unless it is hidden for these data."""
    if is_shown(element, data):
        drawn = _turned if element.turn else _DRAW[element.kind]
        drawn(canvas, element, data, top)


def _turned(canvas: Image.Image, element: Element, data: PosterData, top: int) -> None:
    page = Image.new("RGBA", element.ink.size, (0, 0, 0, 0))
    draw(page, element.upright(), data)
    if area := page.getbbox():
        turned = shapes.turned(page.crop(area), element.turn)
        # Only the drawn part is turned, for speed; its middle moves around the middle of the page.
        across, down = (
            (area[0] + area[2] - page.width) / 2,
            (area[1] + area[3] - page.height) / 2,
        )
        sine, cosine = math.sin(math.radians(element.turn)), math.cos(math.radians(element.turn))
        left = (page.width - turned.width) / 2 + across * cosine - down * sine
        upper = (page.height - turned.height) / 2 + across * sine + down * cosine
        box = element.ink.moved(round(left), round(upper) - top)
        place = Box(box.left, box.top, box.left + turned.width, box.top + turned.height)
        shapes.paste(canvas, turned, place)


def is_shown(element: Element, data: PosterData) -> bool:
    """Return whether ``show_if`` and ``hide_if`` let an element be drawn."""
    if element.show_if and not bindings.is_given(element.show_if, data):
        return False
    return not (element.hide_if and bindings.is_given(element.hide_if, data))


def _rect(canvas: Image.Image, element: Element, _data: PosterData, top: int) -> None:
    box, look = element.box.moved(0, -top), element.shape
    if look.shadow:
        shapes.cast_shadow(canvas, box, look.shadow, radii=look.radii, opacity=element.opacity)
    if look.fill:
        fill = shapes.filled(look.fill, box.size)
        shapes.paste(canvas, fill, box, radii=look.radii, opacity=element.opacity)
    if look.border:
        shapes.frame(canvas, box, look.border, radii=look.radii, opacity=element.opacity)


def _polygon(canvas: Image.Image, element: Element, _data: PosterData, top: int) -> None:
    box, look = element.box.moved(0, -top), element.shape
    assert look.fill is not None
    fill = shapes.clipped(shapes.filled(look.fill, box.size), look.points)
    shapes.paste(canvas, fill, box, opacity=element.opacity)


def _line(canvas: Image.Image, element: Element, _data: PosterData, top: int) -> None:
    box, look = element.box.moved(0, -top), element.shape
    assert look.fill is not None
    mask = Image.new("L", box.size, 0 if look.dash else shapes.OPAQUE)
    if look.dash:
        on, off = look.dash
        is_flat = box.width >= box.height
        size = (on, box.height) if is_flat else (box.width, on)
        radius = min(size) // 2 if look.is_dotted else 0
        stroke = shapes.rounded_mask(size, (radius, radius, radius, radius))
        for start in range(0, max(box.size), on + off):
            mask.paste(stroke, (start, 0) if is_flat else (0, start))
    shapes.paint(canvas, mask, (box.left, box.top), look.fill.stops[0], element.opacity)


def _image(canvas: Image.Image, element: Element, data: PosterData, top: int) -> None:
    box, look = element.box.moved(0, -top), element.shape
    if look.shadow:
        shapes.cast_shadow(canvas, box, look.shadow, radii=look.radii, opacity=element.opacity)
    inner, radii = box, look.radii
    if look.border:
        shapes.frame(canvas, box, look.border, radii=radii, opacity=element.opacity)
        edge = look.border.width
        inner = box.grown(-edge, -edge, -edge, -edge)
        radii = _inner(radii, edge)
    picture = _picture(element, data, inner)
    if picture is not None:
        place = pictures.centred(picture, inner)
        if look.points:
            picture = shapes.clipped(picture, look.points)
        shapes.paste(canvas, picture, place, radii=radii, opacity=element.opacity)


def _inner(radii: Radii, edge: int) -> Radii:
    first, second, third, fourth = (max(0, radius - edge) for radius in radii)
    return first, second, third, fourth


def _picture(element: Element, data: PosterData, box: Box) -> Image.Image | None:
    [name] = bindings.names(element.text)
    content = bindings.PICTURES[name](data)
    if content is not None:
        fit = pictures.fitted if name == PRODUCT_PICTURE else pictures.remembered
        fitted = fit(content, box.size, is_contained=element.shape.is_contained)
        if fitted is not None:
            return fitted
    if name == AVATAR:
        name_of_user = display_name(data.user.nickname)
        return pictures.initials(box.size, shape(name_of_user, limit=1))
    if name == PRODUCT_PICTURE:
        title = shape(data.product.title if data.product else data.shop.name, limit=1)
        return pictures.placeholder(box.size, title[0] if title else None)
    return None


def _text(canvas: Image.Image, element: Element, data: PosterData, top: int) -> None:
    if text := bindings.fill(element.text, data):
        draw_text(canvas, element, text, top)


def _price(canvas: Image.Image, element: Element, data: PosterData, top: int) -> None:
    original = bindings.fill(element.items[0], data) if element.items else ""
    draw_price(canvas, element, bindings.fill(element.text, data), original, top)


def _tags(canvas: Image.Image, element: Element, data: PosterData, top: int) -> None:
    texts = [
        text for item in element.items for text in bindings.fill(item, data).split("\n") if text
    ]
    draw_tags(canvas, element, texts, top)


def _qrcode(canvas: Image.Image, element: Element, data: PosterData, top: int) -> None:
    size, look = element.box.size, element.shape
    paper = Image.new("RGB", size, qr.LIGHT)
    if picture := mini_program_code(element, data):
        shapes.paste(paper, picture, pictures.centred(picture, Box(0, 0, *size)))
    else:
        grey = qr.draw(data.share.link, box=size[0], quiet=look.quiet)
        dark = look.fill.stops[0][:3] if look.fill else DARK
        paper.paste(dark, mask=grey.point(qr.INVERTED))
    shapes.paste(canvas, paper, element.box.moved(0, -top), radii=look.radii)


def mini_program_code(element: Element, data: PosterData) -> Image.Image | None:
    """Return the mini-program code, fitted into the box; ``None``: draw the link instead."""
    if data.share.code_picture is None:
        return None
    side = element.box.width - 2 * (element.box.width // CODE_MARGIN)
    return pictures.remembered(data.share.code_picture, (side, side), is_contained=True)


_DRAW: Mapping[str, Callable[[Image.Image, Element, PosterData, int], None]] = {
    "rect": _rect,
    "polygon": _polygon,
    "line": _line,
    "image": _image,
    "text": _text,
    "price": _price,
    "tags": _tags,
    "qrcode": _qrcode,
}
