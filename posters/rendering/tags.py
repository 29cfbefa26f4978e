"""Set tags: short texts side by side, each on a pill, as many as fit into the row."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from PIL import Image

from posters.rendering import shapes
from posters.rendering.elements import Box, Element
from posters.rendering.text import Cluster, shape
from posters.rendering.typesetting import MIDDLE, Page
from posters.rendering.wrapping import width

MAX_TAGS = 8
LIMIT = 16


def draw_tags(canvas: Image.Image, element: Element, texts: Sequence[str], top: int) -> None:
    """Draw a row of pills."""
    style = element.style
    assert style is not None
    box = element.box.moved(0, -top)
    pills = _fitting(texts, element, box.width)
    if not pills:
        return
    used = sum(wide for _, wide in pills) + style.gap * (len(pills) - 1)
    left = box.left + {"left": 0, "center": 0.5, "right": 1}[style.align] * (box.width - used)
    page = Page(canvas, element.ink.moved(0, -top))
    baseline = (box.top + box.bottom) / 2 + style.size * MIDDLE
    for line, wide in pills:
        pill = Box(round(left), box.top, round(left) + wide, box.bottom)
        _draw_pill(canvas, pill, element)
        page.write(line, pill.left + style.padding, baseline, style)
        left += wide + style.gap
    page.print(style.color, element.opacity)


def _fitting(
    texts: Sequence[str], element: Element, room: float
) -> list[tuple[tuple[Cluster, ...], int]]:
    style = element.style
    assert style is not None
    pills: list[tuple[tuple[Cluster, ...], int]] = []
    used = 0
    for text in texts[:MAX_TAGS]:
        line = shape(text, limit=LIMIT)
        wide = ceil(width(line, style.weight, style.size)) + 2 * style.padding
        if line and used + wide <= room:
            pills.append((line, wide))
            used += wide + style.gap
    return pills


def _draw_pill(canvas: Image.Image, pill: Box, element: Element) -> None:
    look = element.shape
    radii = look.radii
    if look.fill:
        fill = shapes.filled(look.fill, pill.size)
        shapes.paste(canvas, fill, pill, radii=radii, opacity=element.opacity)
    if look.border:
        shapes.frame(canvas, pill, look.border, radii=radii, opacity=element.opacity)
