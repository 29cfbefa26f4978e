"""Read a template: a checked document that can be drawn in several sizes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from typing import Any

from posters.rendering import rules, schema
from posters.rendering.bindings import AD_MARK, BINDING, names
from posters.rendering.elements import Element, Fill
from posters.rendering.problems import Problem, TemplateInvalid
from posters.rendering.reading import Reader

Size = tuple[int, int]
Document = Mapping[str, Any]

WIDTH = 1080
OWN = "own"
TALL: Size = (1080, 1920)
SHORT: Size = (1080, 1440)
PHONE: Size = (750, 1334)
"""The tall poster scaled down: a layout of its own would look the same."""

AD_ELEMENTS: tuple[Document, ...] = (
    {
        "id": "ad-mark-box", "type": "rect", "x": 984, "y": 20, "w": 76, "h": 40, "z": 100,
        "radius": 8, "fill": "#00000080", "show_if": "{{shop.ad}}",
    },
    {
        "id": "ad-mark", "type": "text", "text": "{{shop.ad}}", "x": 984, "y": 20, "w": 76, "h": 40,
        "z": 100, "size": 24, "line_height": 40, "align": "center", "color": "#FFFFFF",
    },
)  # fmt: skip


class SizeUnknown(ValueError):
    """The template has no layout for this size."""


@dataclass(frozen=True, slots=True)
class Layout:
    """A template in one size; ``elements`` are in the order of drawing, the lowest first."""

    size: Size
    factor: float
    background: Fill
    elements: tuple[Element, ...]


@dataclass(frozen=True, slots=True)
class Template:
    """A valid document; ``sha`` is its hash, and templates with equal hashes draw the same."""

    document: Document = field(repr=False, compare=False)
    sha: str

    @property
    def name(self) -> str:
        return str(self.document["name"])

    @property
    def kind(self) -> str:
        return str(self.document.get("kind", "product"))

    @property
    def industry(self) -> str:
        return str(self.document.get("industry", ""))

    @property
    def texts(self) -> list[str]:
        """The template's own words in all layouts, without the values that it names."""
        rows = [row for rows in _all_elements(self.document).values() for row in rows]
        named = [text for row in rows for text in (row.get("text", ""), *row.get("items", ()))]
        bare = (BINDING.sub(" ", text).strip() for text in named)
        return list(dict.fromkeys(text for text in bare if text))

    @property
    def size(self) -> Size:
        canvas = self.document["canvas"]
        return canvas["w"], canvas["h"]

    @property
    def sizes(self) -> tuple[Size, ...]:
        """All sizes that the template can be drawn in, its own first."""
        variants = [(WIDTH, int(key.split("x")[1])) for key in self.document.get("variants", ())]
        drawn = [self.size, *variants]
        return tuple(dict.fromkeys([*drawn, *([PHONE] if TALL in drawn else [])]))


def parse(document: object) -> Template:
    """Check a document, and return its template.

    :raises TemplateInvalid: has all problems of the document
    """
    if problems := schema.problems_of(document):
        raise TemplateInvalid(problems)
    normal = _normal(document)
    problems = rules.unknown_elements(normal)
    for key, elements in _all_elements(normal).items():
        problems += _problems_of(normal, key, elements)
    if problems:
        raise TemplateInvalid(problems)
    text = json.dumps(normal, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return Template(normal, sha256(text.encode()).hexdigest())


def _normal(document: object) -> dict[str, Any]:
    """Return a copy in which whole numbers are integers, because the schema accepts 2.0 as one."""
    try:
        text = json.dumps(document, allow_nan=False)
    except ValueError:
        problem = Problem("template", "schema", {"detail": "NaN is no number of JSON"})
        raise TemplateInvalid([problem]) from None
    copy: dict[str, Any] = json.loads(text, parse_float=_number)
    return copy


def _number(text: str) -> float:
    value = float(text)
    return int(value) if value.is_integer() else value


def _problems_of(document: Document, key: str, elements: list[Document]) -> list[Problem]:
    if key == OWN:
        return rules.problems_of(document, elements, document["canvas"]["h"], "")
    prefix = f"variants/{key}"
    merged = {**document, "elements": elements, "variants": {}}
    height = int(key.split("x")[1])
    return schema.problems_of(merged, prefix) or rules.problems_of(
        document, elements, height, prefix
    )


@lru_cache(maxsize=64)
def layout(template: Template, size: Size | None = None) -> Layout:
    """Return the layout for a size, by default the template's own.

    :raises SizeUnknown: the template has no such size
    """
    wanted = size or template.size
    if wanted not in template.sizes:
        raise SizeUnknown(f"{wanted[0]}x{wanted[1]}")
    source = TALL if wanted == PHONE else wanted
    document = template.document
    key = OWN if source == template.size else f"{source[0]}x{source[1]}"
    reader = Reader(document.get("tokens", {}), wanted[0] / source[0])
    rows = _all_elements(document)[key]
    elements = [reader.element(row) for row in rows if row.get("visible", True)]
    if not any(AD_MARK in names(element.text) for element in elements):
        elements += [reader.element(row) for row in AD_ELEMENTS]
    variant = document.get("variants", {}).get(key, {})
    background = variant.get("bg", document["canvas"]["bg"])
    elements.sort(key=lambda element: element.z)
    return Layout(wanted, reader.factor, reader.fill(background), tuple(elements))


def _all_elements(document: Document) -> dict[str, list[Document]]:
    """Return the elements of each layout; that of the document itself is called ``OWN``."""
    own = list(document["elements"])
    variants = document.get("variants", {})
    return {OWN: own, **{size: _varied(own, variant) for size, variant in variants.items()}}


def _varied(elements: list[Document], variant: Document) -> list[Document]:
    changes = variant.get("elements", {})
    shift = variant.get("shift")
    return [_changed(row, changes.get(row["id"], {}), shift) for row in elements]


def _changed(row: Document, change: Document, shift: Document | None) -> Document:
    moved = dict(row)
    if shift and row["y"] >= shift["from"]:
        moved["y"] = row["y"] + shift["by"]
    merged = {**moved, **change}
    return {key: value for key, value in merged.items() if value is not None}
