"""Draw lines of text: a mask for the characters of a font, pictures for emoji."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from math import ceil, floor

from PIL import Image, ImageDraw

from posters.rendering import fonts, shapes
from posters.rendering.elements import Box, Color, Element, Style
from posters.rendering.text import Cluster, runs, shape
from posters.rendering.wrapping import EMOJI_SIZE, HANGING, Line, advance, break_lines, width

MIDDLE = 0.38
"""How far the middle of a Chinese character is above its baseline, in parts of its size."""
STRIKE_WIDTH = 0.06


class Page:
    """A mask of the size of an element's ink, so that nothing is drawn outside of it."""

    def __init__(self, canvas: Image.Image, ink: Box) -> None:
        self._canvas = canvas
        self._ink = ink
        self._mask = Image.new("L", ink.size, 0)
        self._draw = ImageDraw.Draw(self._mask)
        self._emoji: list[tuple[Image.Image, tuple[int, int]]] = []

    def write(self, line: Sequence[Cluster], left: float, baseline: float, style: Style) -> None:
        """Write a line on the mask; ``left`` and ``baseline`` are pixels of the canvas."""
        for font, text in runs(line) if not style.tracking else _single(line):
            if font == "emoji":
                left = self._write_emoji(text, left, baseline, style)
                continue
            face = fonts.face(style.weight, style.size)
            place = (left - self._ink.left, baseline - self._ink.top)
            self._draw.text(place, text, fill=255, font=face, anchor="ls")
            left += face.getlength(text) + style.tracking

    def _write_emoji(self, text: str, left: float, baseline: float, style: Style) -> float:
        for cluster in shape(text, limit=len(text)):
            picture = emoji(cluster.text, round(style.size * EMOJI_SIZE))
            step = advance(cluster, style.weight, style.size)
            start = round(left + (step - picture.width) / 2)
            top = round(baseline - style.size * MIDDLE - picture.height / 2)
            self._emoji.append((picture, (start - self._ink.left, top - self._ink.top)))
            left += step + style.tracking
        return left

    def strike(self, left: float, right: float, baseline: float, size: float) -> None:
        """Draw a line through text of a size, from ``left`` to ``right``."""
        thickness = max(1, round(size * STRIKE_WIDTH))
        top = floor(baseline - size * MIDDLE - thickness / 2) - self._ink.top
        edges = (floor(left) - self._ink.left, ceil(right) - self._ink.left)
        self._draw.rectangle((edges[0], top, edges[1], top + thickness - 1), fill=255)

    def print(self, color: Color, opacity: float) -> None:
        """Lay the text on the canvas."""
        place = (self._ink.left, self._ink.top)
        shapes.paint(self._canvas, self._mask, place, color, opacity)
        for picture, (left, top) in self._emoji:
            # The mask cuts letters at the edges of the ink; emoji are pasted, and would leave it.
            spot = Box(left, top, left + picture.width, top + picture.height)
            if spot.is_inside(self._ink.size):
                at = spot.moved(*place)
                self._canvas.paste(
                    picture, (at.left, at.top), shapes.faded(picture.getchannel("A"), opacity)
                )


@lru_cache(maxsize=512)
def emoji(text: str, size: int) -> Image.Image:
    """Return an emoji as a picture with transparency, cropped to its visible height."""
    face = fonts.emoji_face(size)
    left, top, right, bottom = face.getbbox(text, anchor="ls")
    picture = Image.new("RGBA", (ceil(right - left), ceil(bottom - top)), (0, 0, 0, 0))
    pen = ImageDraw.Draw(picture)
    pen.text((-left, -top), text, font=face, embedded_color=True, anchor="ls")
    # Pillow puts the layers of a colour at the top, whatever their height.
    seen = picture.getchannel("A").getbbox()
    return picture.crop((0, seen[1], picture.width, seen[3])) if seen else picture


def draw_text(canvas: Image.Image, element: Element, text: str, top: int) -> None:
    """Draw a text into its box: broken into lines, aligned, perhaps struck through."""
    style = element.style
    assert style is not None
    clusters = shape(text, limit=style.max_chars)
    if not clusters:
        return
    box = element.box.moved(0, -top)
    block = break_lines(clusters, style, box.width)
    style = _sized(style, block.size, len(block.lines))
    page = Page(canvas, element.ink.moved(0, -top))
    height = len(block.lines) * style.line_height
    first = box.top + {"top": 0, "middle": 0.5, "bottom": 1}[style.valign] * (box.height - height)
    for number, line in enumerate(block.lines):
        middle = first + (number + 0.5) * style.line_height
        left = box.left + indent(line, style, box.width)
        baseline = middle + style.size * MIDDLE
        page.write(line, left, baseline, style)
        if style.is_struck:
            end = left + width(line, style.weight, style.size, style.tracking)
            page.strike(left, end, baseline, style.size)
    page.print(style.color, element.opacity)


def indent(line: Line, style: Style, room: float) -> float:
    """Return how far a line starts from the left edge of its room, in pixels."""
    used = width(line, style.weight, style.size, style.tracking)
    if style.align == "left":
        return -style.size / 2 if line[0].text in HANGING else 0
    return (room - used) / (2 if style.align == "center" else 1)


def _sized(style: Style, size: float, lines: int) -> Style:
    if size == style.size:
        return style
    # The height of a single line only places it; the distance of lines shrinks with their size.
    factor = size / style.size if lines > 1 else 1
    return replace(style, size=size, line_height=style.line_height * factor)


def _single(line: Sequence[Cluster]) -> list[tuple[str, str]]:
    return [(cluster.font, cluster.text) for cluster in line]
