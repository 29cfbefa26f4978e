"""Compute the ink of an element: how far it may reach over the edges of its box.

Layers and bands rely on it: drawing never leaves the ink, and elements that do not overlap it are
not drawn again. The smaller the ink is, the fewer elements are drawn for each person.
"""

from __future__ import annotations

import math

from PIL import Image, ImageDraw

from posters.rendering.elements import Box, Element, Shape, Style

SHADOW_REACH = 1.25
"""In parts of the blur: 2.5 standard deviations, beyond which a shadow is invisible."""
GLYPH_HEIGHT = 0.66
"""How far a character reaches above and below its middle, in parts of its size."""
GLYPH_SIDE = 0.1
"""How far a character reaches over its sides, in parts of its size."""
TURN_ROUNDING = 2  # pixels
GRAIN = 8
"""Polygons are compared in a mask that is smaller by this factor."""


def ink_of(kind: str, box: Box, shape: Shape, style: Style | None, turn: int) -> Box:
    """Return a box around all pixels that an element may change.

    :param turn: degrees around the middle of ``box``
    """
    reach = _upright(kind, box, shape, style)
    if not turn:
        return reach
    sine, cosine = (abs(part(math.radians(turn))) for part in (math.sin, math.cos))
    # The middle of the reach is not that of the box: shadows fall to one side.
    half = max(box.left - reach.left, reach.right - box.right) + box.width / 2
    high = max(box.top - reach.top, reach.bottom - box.bottom) + box.height / 2
    across = math.ceil(half * cosine + high * sine - box.width / 2) + TURN_ROUNDING
    down = math.ceil(half * sine + high * cosine - box.height / 2) + TURN_ROUNDING
    return box.grown(across, down, across, down)


def touch(lower: Element, upper: Element) -> bool:
    """Return whether two elements may change the same pixels."""
    if not lower.ink.overlaps(upper.ink):
        return False
    return _reaches(lower, upper.ink) and _reaches(upper, lower.ink)


def _upright(kind: str, box: Box, shape: Shape, style: Style | None) -> Box:
    if style:
        side = math.ceil(style.size * GLYPH_SIDE)
        above, below = _lines_over(box, style) if kind == "text" else (0, 0)
        return box.grown(side, above, side, below)
    if shadow := shape.shadow:
        reach = math.ceil(shadow.blur * SHADOW_REACH)
        return box.grown(
            max(0, reach - shadow.dx), max(0, reach - shadow.dy),
            max(0, reach + shadow.dx), max(0, reach + shadow.dy),
        )  # fmt: skip
    return box


def _lines_over(box: Box, style: Style) -> tuple[int, int]:
    """Return how far lines may leave the top and the bottom of a box that is too low for them."""
    excess = max(0.0, style.max_lines * style.line_height - box.height)
    above = {"top": 0.0, "middle": 0.5, "bottom": 1.0}[style.valign] * excess
    glyphs = max(0.0, style.size * GLYPH_HEIGHT - style.line_height / 2)
    return math.ceil(above + glyphs), math.ceil(excess - above + glyphs)


def _reaches(element: Element, box: Box) -> bool:
    """Return whether an element may reach a box within its ink; only polygons leave parts out."""
    if element.kind != "polygon":
        return True
    size = (element.box.width // GRAIN + 2, element.box.height // GRAIN + 2)
    mask = Image.new("1", size)
    corners = [(x * element.box.width / GRAIN, y * element.box.height / GRAIN) for x, y in
               element.shape.points]  # fmt: skip
    ImageDraw.Draw(mask).polygon(corners, fill=1, outline=1)
    area = box.moved(-element.box.left, -element.box.top)
    seen = mask.crop(
        (area.left // GRAIN - 1, area.top // GRAIN - 1,
         area.right // GRAIN + 2, area.bottom // GRAIN + 2)
    )  # fmt: skip
    return seen.getbbox() is not None
