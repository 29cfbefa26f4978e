"""Look at posters as a phone does, and at what their texts leave behind."""

from __future__ import annotations

from functools import cache
from io import BytesIO
from itertools import combinations

from PIL import Image, ImageChops

from posters.rendering import PosterData, Template, parse, qr
from posters.rendering.bindings import names
from posters.rendering.element_drawing import draw, is_shown
from posters.rendering.elements import Box, Element
from posters.rendering.template import Layout
from tests.posters.samples import document

CHAT_QUALITY = 60


@cache
def template(code: str) -> Template:
    return parse(document(code))


def pixels(jpeg: bytes) -> Image.Image:
    with Image.open(BytesIO(jpeg)) as opened:
        return opened.convert("RGB")


def read_at_half(jpeg: bytes) -> str | None:
    """Read the code of a poster that its JPEG decoder halves, as a chat list does."""
    with Image.open(BytesIO(jpeg)) as opened:
        opened.draft("L", (opened.width // 2, opened.height // 2))
        return qr.read(opened.convert("L"))


def read_at(poster: Image.Image, percent: int, *, in_chat: bool) -> str | None:
    """Read the code after a phone has shrunk the poster, and perhaps a chat has pressed it."""
    size = (poster.width * percent // 100, poster.height * percent // 100)
    small = poster.resize(size, Image.Resampling.BICUBIC)
    if in_chat:
        buffer = BytesIO()
        small.save(buffer, "JPEG", quality=CHAT_QUALITY)
        small = pixels(buffer.getvalue())
    return qr.read(small)


def ink(element: Element, data: PosterData, size: tuple[int, int]) -> Box | None:
    """Return the rectangle that an element really changes; None if it draws nothing."""
    grey = Image.new("RGB", size, (119, 119, 119))
    drawn = grey.copy()
    draw(drawn, element, data)
    changed = ImageChops.difference(grey, drawn).getbbox()
    return Box(*changed) if changed else None


def collisions(layout: Layout, data: PosterData) -> list[str]:
    """List the pairs of texts, avatar and code whose ink shares pixels."""
    kinds = {"text", "price", "tags", "qrcode"}
    shown = [
        element
        for element in layout.elements
        if (element.kind in kinds or "user.avatar" in names(element.text))
        and is_shown(element, data)
    ]
    inks = [(element.id, ink(element, data, layout.size)) for element in shown]
    return [
        f"{one} and {other}"
        for (one, first), (other, second) in combinations(inks, 2)
        if first and second and first.overlaps(second)
    ]
