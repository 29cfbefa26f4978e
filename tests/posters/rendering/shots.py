"""Draw and compare posters in tests."""

from __future__ import annotations

from io import BytesIO

from PIL import Image, ImageChops

from posters.rendering import Drawn, PosterData, Template, render
from posters.rendering.engine import draw_whole
from posters.rendering.splice import encode
from posters.rendering.template import Size, layout


def pixels(jpeg: bytes) -> Image.Image:
    image = Image.open(BytesIO(jpeg))
    image.load()
    return image


def whole(template: Template, data: PosterData, size: Size | None = None) -> Image.Image:
    """Return a poster drawn on one canvas and encoded at once, as it comes out of its JPEG."""
    return pixels(encode(draw_whole(layout(template, size), data)))


def difference(one: Image.Image, other: Image.Image) -> tuple[int, int, int, int] | None:
    """Return the area in which two pictures differ; None if they are equal."""
    assert one.size == other.size
    return ImageChops.difference(one.convert("RGB"), other.convert("RGB")).getbbox()


def drawn(template: Template, data: PosterData, size: Size | None = None) -> Drawn:
    """Return a poster of which the code can be read."""
    poster = render(template, data, size=size)
    assert poster.is_qr_readable
    assert (poster.width, poster.height) == pixels(poster.content).size
    return poster
