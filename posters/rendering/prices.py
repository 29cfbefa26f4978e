"""Set prices: a small ¥, large yuan, small fen, and the struck price after them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PIL import Image

from posters.rendering.elements import Element, Style
from posters.rendering.text import Cluster, shape
from posters.rendering.typesetting import Page
from posters.rendering.wrapping import width

SIGN = "¥"
SIGN_SIZE = 0.52
FEN_SIZE = 0.56
SIGN_GAP = 0.06
ORIGINAL_GAP = 0.22
BASELINE = 0.96
"""Of the price, below the top of its box, in parts of its size."""
STEP = 2
SMALLEST = 0.4
LIMIT = 16

Part = tuple[Sequence[Cluster], Style, float]
"""Characters, their style, and the gap before them in pixels."""


def draw_price(canvas: Image.Image, element: Element, price: str, original: str, top: int) -> None:
    """Draw a price. If the box is narrow, the struck price is left out, then the price shrinks.

    :param price: yuan, such as ``199`` or ``68.80``; empty: nothing is drawn
    :param original: the price to strike through; empty: none
    """
    style = element.style
    if not price or style is None:
        return
    box = element.box.moved(0, -top)
    parts, struck = _fitting(price, original, style, box.width)
    used = _width(parts) + _width(struck)
    left = box.left + {"left": 0, "center": 0.5, "right": 1}[style.align] * (box.width - used)
    baseline = box.top + style.size * BASELINE
    page = Page(canvas, element.ink.moved(0, -top))
    left = _write(page, parts, left, baseline)
    page.print(style.color, element.opacity)
    if struck:
        page = Page(canvas, element.ink.moved(0, -top))
        end = _write(page, struck, left, baseline)
        start = left + struck[0][2]
        page.strike(start, end, baseline, struck[0][1].size)
        page.print(style.original_color, element.opacity)


def _fitting(price: str, original: str, style: Style, room: float) -> tuple[list[Part], list[Part]]:
    parts, struck = _parts(price, style), _struck(original, style)
    if _width(parts) + _width(struck) <= room:
        return parts, struck
    size = style.size
    while _width(parts) > room and size > style.size * SMALLEST:
        size -= STEP
        parts = _parts(price, replace(style, size=size))
    return parts, []


def _parts(price: str, style: Style) -> list[Part]:
    yuan, _, fen = price.partition(".")
    sign = replace(style, size=style.size * SIGN_SIZE)
    parts: list[Part] = [
        (shape(SIGN, limit=1), sign, 0),
        (shape(yuan, limit=LIMIT), style, style.size * SIGN_GAP),
    ]
    if fen:
        small = replace(style, size=style.size * FEN_SIZE)
        parts.append((shape(f".{fen}", limit=LIMIT), small, 0))
    return parts


def _struck(original: str, style: Style) -> list[Part]:
    if not original:
        return []
    small = replace(style, size=style.original_size, weight=400)
    return [(shape(SIGN + original, limit=LIMIT), small, style.size * ORIGINAL_GAP)]


def _width(parts: Sequence[Part]) -> float:
    return sum(gap + width(line, style.weight, style.size) for line, style, gap in parts)


def _write(page: Page, parts: Sequence[Part], left: float, baseline: float) -> float:
    for line, style, gap in parts:
        page.write(line, left + gap, baseline, style)
        left += gap + width(line, style.weight, style.size)
    return left
