"""The elements of a template, in the pixels of the poster that is drawn."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from posters.rendering import bindings
from posters.rendering.bindings import Scope

Color = tuple[int, int, int, int]
Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Box:
    """Left, top, right and bottom; the right column and the bottom row are outside."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        return self.right - self.left

    @property
    def height(self) -> int:
        return self.bottom - self.top

    @property
    def size(self) -> tuple[int, int]:
        return self.width, self.height

    def grown(self, left: int, top: int, right: int, bottom: int) -> Box:
        return Box(self.left - left, self.top - top, self.right + right, self.bottom + bottom)

    def moved(self, dx: int, dy: int) -> Box:
        return Box(self.left + dx, self.top + dy, self.right + dx, self.bottom + dy)

    def overlaps(self, other: Box) -> bool:
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )

    def is_inside(self, size: tuple[int, int]) -> bool:
        return self.left >= 0 and self.top >= 0 and self.right <= size[0] and self.bottom <= size[1]


@dataclass(frozen=True, slots=True)
class Fill:
    """One colour, or a gradient; ``angle`` counts as in CSS: 90 to the right, 180 downwards."""

    stops: tuple[Color, ...]
    angle: int = 180
    is_radial: bool = False


@dataclass(frozen=True, slots=True)
class Border:
    width: int
    color: Color


@dataclass(frozen=True, slots=True)
class Shadow:
    blur: float
    dx: int
    dy: int
    color: Color


Radii = tuple[int, int, int, int]
"""Top left, top right, bottom right, bottom left."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What rectangles, polygons, lines, pictures and QR codes look like."""

    fill: Fill | None = None
    radii: Radii = (0, 0, 0, 0)
    border: Border | None = None
    shadow: Shadow | None = None
    points: tuple[tuple[float, float], ...] = ()
    dash: tuple[int, int] | None = None
    is_dotted: bool = False
    is_contained: bool = False
    quiet: int = 0


@dataclass(frozen=True, slots=True)
class Style:
    """What texts, prices and tags look like."""

    size: float
    min_size: float
    weight: int
    color: Color
    align: str = "left"
    valign: str = "top"
    line_height: float = 0
    max_lines: int = 1
    max_chars: int = 400
    tracking: float = 0
    is_struck: bool = False
    original_size: float = 0
    original_color: Color = (0, 0, 0, 255)
    padding: int = 0
    gap: int = 0


@dataclass(frozen=True, slots=True)
class Element:
    """``ink`` is all that the element may change; ``scope`` says what it depends on."""

    id: str
    kind: str
    box: Box
    ink: Box
    z: int
    scope: Scope
    opacity: float
    show_if: str
    hide_if: str
    text: str
    items: tuple[str, ...]
    shape: Shape
    style: Style | None
    turn: int = 0
    """Degrees to the right, around the middle of the box."""

    def upright(self) -> Element:
        """Return the element before it is turned, on a page of its own as large as its ink."""
        box = self.box.moved(-self.ink.left, -self.ink.top)
        return replace(self, box=box, ink=Box(0, 0, *self.ink.size), turn=0)


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads elements of a document: looks up colours, and scales lengths."""

    tokens: Mapping[str, str]
    factor: float = 1

    def element(self, row: Json) -> Element:
        kind = row["type"]
        shape = self._shape(row)
        style = self._style(row) if kind in TEXTUAL else None
        box = self._box(row, style)
        text = row.get("text") or row.get("src") or ""
        turn = row.get("rotate", 0)
        items = tuple(row.get("items") or ([row["original"]] if "original" in row else ()))
        scope = max(bindings.scope_of(named) for named in named_texts(row))
        return Element(
            row["id"], kind, box, _ink(box, shape, style, turn), row.get("z", 0), scope,
            float(row.get("opacity", 1)), row.get("show_if", ""), row.get("hide_if", ""), text,
            items, shape, style, turn,
        )  # fmt: skip

    def fill(self, value: str | Json) -> Fill:
        if isinstance(value, str):
            return Fill((self.color(value),))
        stops = tuple(self.color(stop) for stop in value["stops"])
        return Fill(stops, value.get("angle", 180), value.get("shape") == "radial")

    def color(self, value: str) -> Color:
        code = self.tokens[value[1:]] if value.startswith("$") else value
        red, green, blue = (int(code[place : place + 2], 16) for place in (1, 3, 5))
        return red, green, blue, int(code[7:9] or "ff", 16)

    def pixels(self, length: float) -> int:
        return math.floor(length * self.factor + 0.5)

    def _box(self, row: Json, style: Style | None) -> Box:
        left, top = row["x"], row["y"]
        height = row.get("h") or (HEIGHTS[row["type"]](row) if style else 0)
        edges = (left, top, left + row["w"], top + height)
        return Box(*(self.pixels(edge) for edge in edges))

    def _shape(self, row: Json) -> Shape:
        fill = row.get("fill") or (row.get("color") if row["type"] in {"line", "qrcode"} else None)
        radius = row.get("radius", 0)
        radii = radius if isinstance(radius, list) else [radius] * 4
        border, shadow, dash = row.get("border"), row.get("shadow"), row.get("dash")
        return Shape(
            fill=self.fill(fill) if fill else None,
            radii=(*map(self.pixels, radii),),  # type: ignore[arg-type]  # the schema counts them
            border=self._border(border) if border else None,
            shadow=self._shadow(shadow) if shadow else None,
            points=tuple((x, y) for x, y in row.get("points", ())),
            dash=(max(1, self.pixels(dash[0])), max(1, self.pixels(dash[1]))) if dash else None,
            is_dotted=row.get("cap") == "round",
            is_contained=row.get("fit") == "contain",
            quiet=row.get("quiet", 2),
        )

    def _border(self, row: Json) -> Border:
        return Border(max(1, self.pixels(row["width"])), self.color(row["color"]))

    def _shadow(self, row: Json) -> Shadow:
        place = (self.pixels(row.get("dx", 0)), self.pixels(row.get("dy", 0)))
        return Shadow(row["blur"] * self.factor, *place, self.color(row["color"]))

    def _style(self, row: Json) -> Style:
        size = row["size"]
        color = self.color(row["color"])
        original = row.get("original_color")
        return Style(
            size=size * self.factor,
            min_size=row.get("min_size", size) * self.factor,
            weight=row.get("weight", 700 if row["type"] == "price" else 400),
            color=color,
            align=row.get("align", "left"),
            valign=row.get("valign", "top"),
            line_height=line_height(row) * self.factor,
            max_lines=row.get("max_lines", 1),
            max_chars=row.get("max_chars", 400),
            tracking=row.get("tracking", 0) * self.factor,
            is_struck=row.get("strike", False),
            original_size=row.get("original_size", round(size * 0.42)) * self.factor,
            original_color=self.color(original) if original else color,
            padding=self.pixels(row.get("padding", round(size * 0.7))),
            gap=self.pixels(row.get("gap", round(size * 0.6))),
        )


TEXTUAL = frozenset({"text", "price", "tags"})
HEIGHTS: Mapping[str, Callable[[Json], float]] = {
    "text": lambda row: line_height(row) * row.get("max_lines", 1),
    "price": lambda row: row["size"] * 1.2,
    "tags": lambda row: row["size"] * 1.8,
}


def line_height(row: Json) -> float:
    return float(row.get("line_height") or round(row["size"] * 1.4))


def named_texts(row: Json) -> list[str]:
    """All texts of an element that may name values."""
    keys = ("text", "src", "original", "show_if", "hide_if")
    return ["", *(row[key] for key in keys if key in row), *row.get("items", ())]


def _ink(box: Box, shape: Shape, style: Style | None, turn: int) -> Box:
    """Return all that an element may change, turned around the middle of its box."""
    reach = _reach(box, shape, style)
    if not turn:
        return reach
    sine, cosine = (abs(part(math.radians(turn))) for part in (math.sin, math.cos))
    # The middle of the reach is not that of the box: shadows fall to one side.
    half = max(box.left - reach.left, reach.right - box.right) + box.width / 2
    high = max(box.top - reach.top, reach.bottom - box.bottom) + box.height / 2
    across = math.ceil(half * cosine + high * sine - box.width / 2) + 1
    down = math.ceil(half * sine + high * cosine - box.height / 2) + 1
    return box.grown(across, down, across, down)


def _reach(box: Box, shape: Shape, style: Style | None) -> Box:
    """Return the box, with what may reach over its edge: a shadow, or strokes of a glyph."""
    if style:
        reach = math.ceil(style.size * 0.25)
        return box.grown(reach, reach, reach, reach)
    if shadow := shape.shadow:
        reach = math.ceil(shadow.blur * 1.5)
        return box.grown(
            max(0, reach - shadow.dx), max(0, reach - shadow.dy),
            max(0, reach + shadow.dx), max(0, reach + shadow.dy),
        )  # fmt: skip
    return box
