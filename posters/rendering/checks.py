"""Decide whether a template may be published: a person can read it, and a phone its QR code."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO

from PIL import Image, ImageChops, ImageStat

from posters.rendering import engine, qr, samples
from posters.rendering.bindings import AD_MARK, names
from posters.rendering.data import PosterData
from posters.rendering.element_drawing import draw
from posters.rendering.elements import Color, Element, Style
from posters.rendering.problems import Problem
from posters.rendering.shapes import filled
from posters.rendering.template import Layout, Size, Template, layout

SCALES = (100, 50, 30)
"""Per cent of 1080 pixels: the sizes in which chats show a poster."""
CHAT_QUALITY = 60
LEAST_CONTRAST = 3.0
"""WCAG 2.2, 1.4.3, for large text: the smallest text of posters is large on a phone."""
FULL_WIDTH = 1080
WHITE: Color = (255, 255, 255, 255)
_KNEE = 0.04045


def check(template: Template, data: PosterData | None = None) -> list[Problem]:
    """List the problems that forbid to publish a template, in all its sizes.

    :param data: by default the sample of the template's kind and industry
    """
    shown = data or samples.normal(template.kind, template.industry)
    shown = replace(shown, shop=replace(shown.shop, is_ad=True))  # as any shop may need it
    found: list[Problem] = []
    for size in template.sizes:
        found += _contrast(layout(template, size), shown)
        found += _ad_mark(layout(template, size), shown)
        found += _qrcode(template, size, shown)
    return found


def unreadable_scales(jpeg: bytes, link: str) -> list[int]:
    """List the scales, in per cent, at which the QR code cannot be read after a chat shrank it."""
    with Image.open(BytesIO(jpeg)) as poster:
        return [scale for scale in SCALES if _read_in_chat(poster, scale) != link]


def _qrcode(template: Template, size: Size, data: PosterData) -> Iterator[Problem]:
    drawn = engine.render(template, data, size=size, preview=True)
    for scale in unreadable_scales(drawn.content, data.share.link):
        yield Problem("elements", "qr_unreadable", {"size": _written(size), "scale": scale})


def _read_in_chat(poster: Image.Image, scale: int) -> str | None:
    width = min(poster.width, FULL_WIDTH * scale // 100)
    small = poster.resize((width, poster.height * width // poster.width), Image.Resampling.BICUBIC)
    target = BytesIO()
    small.save(target, "JPEG", quality=CHAT_QUALITY)
    return qr.decode(target.getvalue())


def _ad_mark(drawn: Layout, data: PosterData) -> Iterator[Problem]:
    """Find a mark of advertising that is covered, or that is not shown for every product."""
    bare = replace(data, shop=replace(data.shop, is_ad=False))
    pictures = (engine.draw_whole(drawn, each) for each in (data, bare))
    marks = [element for element in drawn.elements if AD_MARK in names(element.text)]
    is_conditional = any(
        mark.hide_if or AD_MARK not in names(mark.show_if or mark.text) for mark in marks
    )
    if is_conditional or ImageChops.difference(*pictures).getbbox() is None:
        yield Problem("elements", "ad_mark_hidden", {"size": _written(drawn.size)})


def _contrast(drawn: Layout, data: PosterData) -> Iterator[Problem]:
    canvas = filled(drawn.background, drawn.size).convert("RGB")
    for place, element in enumerate(drawn.elements):
        before = canvas.copy() if element.style else canvas
        draw(canvas, element, data)
        ratio = _ratio_of(element, data, before, canvas) if element.style else None
        if ratio is not None and ratio < LEAST_CONTRAST:
            values = {
                "id": element.id, "size": _written(drawn.size), "ratio": f"{ratio:.1f}",
                "least": f"{LEAST_CONTRAST:g}",
            }  # fmt: skip
            yield Problem(f"elements/{place}", "low_contrast", values)


def _writes(element: Element, style: Style, data: PosterData, size: Size) -> bool:
    """Whether an element would write something, if it were white on black."""
    page = Image.new("RGB", size)
    white = replace(style, color=WHITE, original_color=WHITE)
    draw(page, replace(element, style=white, opacity=1.0), data)
    return page.getbbox() is not None


def _ratio_of(
    element: Element, data: PosterData, before: Image.Image, after: Image.Image
) -> float | None:
    """Return the lowest contrast of an element's colours on the pixels behind it.

    :returns: ``None`` if the element draws nothing
    """
    changed = ImageChops.difference(before, after).getbbox()
    style = element.style
    if style is None:
        return None
    if changed is None:  # empty, or in the very colour of what lies behind it
        return 1.0 if _writes(element, style, data, before.size) else None
    clear: Color = (0, 0, 0, 0)
    bare = replace(element, style=replace(style, color=clear, original_color=clear))
    draw(before, bare, data)  # the pills of tags stay
    red, green, blue = ImageStat.Stat(before.crop(changed)).mean
    behind = (red, green, blue)
    colors = [style.color]
    if element.kind == "price" and data.product and data.product.strike_fen:
        colors.append(style.original_color)
    return min(contrast(_over(color, element.opacity, behind), behind) for color in colors)


def contrast(front: tuple[float, float, float], back: tuple[float, float, float]) -> float:
    """Return the contrast ratio of two colours, 1 to 21 (WCAG 2.2); channels are 0 to 255."""
    darker, lighter = sorted((_luminance(front), _luminance(back)))
    return (lighter + 0.05) / (darker + 0.05)


def _over(
    color: Color, opacity: float, behind: tuple[float, float, float]
) -> tuple[float, float, float]:
    alpha = color[3] / 255 * opacity
    red, green, blue = (
        front * alpha + back * (1 - alpha) for front, back in zip(color, behind, strict=False)
    )
    return red, green, blue


def _luminance(color: tuple[float, float, float]) -> float:
    red, green, blue = (_linear(value / 255) for value in color)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(value: float) -> float:
    """Undo the gamma of sRGB (IEC 61966-2-1)."""
    return value / 12.92 if value <= _KNEE else ((value + 0.055) / 1.055) ** 2.4


def _written(size: Size) -> str:
    return f"{size[0]}×{size[1]}"
