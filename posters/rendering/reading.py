"""Read elements of a document: set defaults, look up colours, scale lengths."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from posters.rendering import bindings
from posters.rendering.elements import (
    TEXTUAL,
    Border,
    Box,
    Color,
    Element,
    Fill,
    Shadow,
    Shape,
    Style,
)
from posters.rendering.ink import ink_of

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads parts of a valid document; ``factor`` scales its lengths to pixels of the poster."""

    tokens: Mapping[str, str]
    factor: float = 1

    def element(self, row: Json) -> Element:
        """Return an element with its defaults."""
        kind = row["type"]
        shape = self._shape(row)
        style = self._style(row) if kind in TEXTUAL else None
        box = self._box(row, style)
        text = row.get("text") or row.get("src") or ""
        turn = row.get("rotate", 0)
        items = tuple(row.get("items") or ([row["original"]] if "original" in row else ()))
        scope = max(bindings.scope_of(named) for named in named_texts(row))
        return Element(
            row["id"], kind, box, ink_of(kind, box, shape, style, turn), row.get("z", 0), scope,
            float(row.get("opacity", 1)), row.get("show_if", ""), row.get("hide_if", ""), text,
            items, shape, style, turn,
        )  # fmt: skip

    def fill(self, value: str | Json) -> Fill:
        """Return a fill: a colour, or a gradient with its stops."""
        if isinstance(value, str):
            return Fill((self.color(value),))
        stops = tuple(self.color(stop) for stop in value["stops"])
        return Fill(stops, value.get("angle", 180), value.get("shape") == "radial")

    def color(self, value: str) -> Color:
        """Return a colour of ``#RRGGBB``, ``#RRGGBBAA`` or ``$token``."""
        code = self.tokens[value[1:]] if value.startswith("$") else value
        red, green, blue = (int(code[place : place + 2], 16) for place in (1, 3, 5))
        return red, green, blue, int(code[7:9] or "ff", 16)

    def pixels(self, length: float) -> int:
        """Return a length of the document in whole pixels of the poster."""
        return math.floor(length * self.factor + 0.5)

    def _box(self, row: Json, style: Style | None) -> Box:
        left, top = row["x"], row["y"]
        height = row.get("h") or (HEIGHTS[row["type"]](row) if style else 0)
        edges = (left, top, left + row["w"], top + height)
        box = Box(*(self.pixels(edge) for edge in edges))
        if row["type"] in ROUND and row["w"] == height:
            # If each edge were rounded by itself, circles could become ovals.
            side = self.pixels(height)
            return Box(box.left, box.top, box.left + side, box.top + side)
        return box

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


ROUND = frozenset({"qrcode", "image"})
HEIGHTS: Mapping[str, Callable[[Json], float]] = {
    "text": lambda row: line_height(row) * row.get("max_lines", 1),
    "price": lambda row: row["size"] * 1.2,
    "tags": lambda row: row["size"] * 1.8,
}


def line_height(row: Json) -> float:
    return float(row.get("line_height") or round(row["size"] * 1.4))


def named_texts(row: Json) -> list[str]:
    """List all texts of an element that may name values, and an empty one."""
    keys = ("text", "src", "original", "show_if", "hide_if")
    return ["", *(row[key] for key in keys if key in row), *row.get("items", ())]
