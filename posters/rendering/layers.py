"""Decide which elements are drawn once per template, once per product, and for each person.

An element may only go into an earlier layer if it does not lie over one of a later layer. So
templates may place anything anywhere, and the layers never change what is seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from posters.rendering.bindings import Scope
from posters.rendering.elements import Element
from posters.rendering.ink import touch
from posters.rendering.splice import ROWS
from posters.rendering.template import Layout, Size, Template, layout


@dataclass(frozen=True, slots=True)
class Band:
    """Rows of the poster that change from person to person; whole rows of JPEG blocks."""

    top: int
    bottom: int
    elements: tuple[Element, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """The elements of each layer, the lowest first; those of persons are grouped in bands.

    ``code`` is the QR code, which is in one of the bands.
    """

    layout: Layout
    const: tuple[Element, ...]
    product: tuple[Element, ...]
    bands: tuple[Band, ...]
    code: Element


@lru_cache(maxsize=64)
def plan(template: Template, size: Size | None = None) -> Plan:
    """Return the layers of a template in a size, by default its own.

    :raises SizeUnknown: the template has no such size
    """
    drawn = layout(template, size)
    layers: dict[Scope, list[Element]] = {scope: [] for scope in Scope}
    placed: list[tuple[Element, Scope]] = []
    for element in drawn.elements:
        below = [scope for lower, scope in placed if touch(lower, element)]
        scope = max([element.scope, *below])
        placed.append((element, scope))
        layers[scope].append(element)
    user = tuple(layers[Scope.USER])
    [code] = [element for element in user if element.kind == "qrcode"]
    bands = _bands(user, drawn.size[1])
    return Plan(drawn, tuple(layers[Scope.CONST]), tuple(layers[Scope.PRODUCT]), bands, code)


def _bands(elements: tuple[Element, ...], height: int) -> tuple[Band, ...]:
    """Return the bands that cover the elements, without overlaps, from top to bottom."""
    spans: list[tuple[int, int]] = []
    for top, bottom in sorted((element.ink.top, element.ink.bottom) for element in elements):
        first = max(0, top // ROWS * ROWS)
        last = min(height, -(-bottom // ROWS) * ROWS)
        if first >= last:
            continue
        if spans and first <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(last, spans[-1][1]))
        else:
            spans.append((first, last))
    return tuple(Band(*span, _within(elements, *span)) for span in spans)


def _within(elements: tuple[Element, ...], top: int, bottom: int) -> tuple[Element, ...]:
    return tuple(
        element for element in elements if element.ink.top < bottom and top < element.ink.bottom
    )
