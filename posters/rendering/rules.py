"""Check the rules for templates that a schema cannot state."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from posters.rendering import bindings
from posters.rendering.elements import TEXTUAL, Box
from posters.rendering.problems import Problem
from posters.rendering.reading import Json, Reader

MOST_CANVASES = 24
"""How many times the elements of a template together may cover its canvas."""


def problems_of(
    document: Json, elements: Sequence[Json], height: int, prefix: str
) -> list[Problem]:
    """List the problems of the elements of one layout; each of them fits the schema.

    :param height: of the layout, in pixels
    :param prefix: the path of the layout in the document, empty for the document's own
    """
    tokens, size = document.get("tokens", {}), (document["canvas"]["w"], height)
    problems = [*_same_ids(elements), *_qrcode(elements, size), *_background(document, tokens)]
    problems += _too_much(elements, size)
    for number, row in enumerate(elements):
        path = f"elements/{number}"
        names = [*_unknown_tokens(row, tokens, path), *_unknown_bindings(row, path)]
        problems += names or _place(row, tokens, size, path)
    return [
        Problem(f"{prefix}/{problem.path}".strip("/"), problem.code, problem.data)
        for problem in problems
    ]


def unknown_elements(document: Json) -> list[Problem]:
    """List changes of a variant to elements that do not exist."""
    known = {row["id"] for row in document["elements"]}
    return [
        Problem(f"variants/{size}/elements/{name}", "unknown_element", {"id": name})
        for size, variant in document.get("variants", {}).items()
        for name in variant.get("elements", {})
        if name not in known
    ]


def _same_ids(elements: Sequence[Json]) -> list[Problem]:
    counted = Counter(row["id"] for row in elements)
    return [
        Problem("elements", "same_id", {"id": name}) for name, times in counted.items() if times > 1
    ]


def _qrcode(elements: Sequence[Json], size: tuple[int, int]) -> list[Problem]:
    codes = [row for row in elements if row["type"] == "qrcode" and row.get("visible", True)]
    if len(codes) != 1 or any(key in codes[0] for key in ("show_if", "hide_if")):
        return [Problem("elements", "no_qrcode")]
    if codes[0]["w"] != codes[0]["h"]:
        return [Problem("elements", "not_square", {"size": f"{size[0]}x{size[1]}"})]
    return []


def _too_much(elements: Sequence[Json], size: tuple[int, int]) -> list[Problem]:
    # The schema bounds each element; together they could still keep a worker busy for a minute.
    painted = sum(row["w"] * row.get("h", row.get("size", 0)) for row in elements)
    if painted > MOST_CANVASES * size[0] * size[1]:
        return [Problem("elements", "too_much", {"limit": MOST_CANVASES})]
    return []


def _background(document: Json, tokens: Json) -> list[Problem]:
    fills = [("canvas/bg", document["canvas"]["bg"])]
    fills += [
        (f"variants/{size}/bg", variant["bg"])
        for size, variant in document.get("variants", {}).items()
        if "bg" in variant
    ]
    return [problem for path, fill in fills for problem in _unknown_tokens(fill, tokens, path)]


def _unknown_tokens(value: object, tokens: Json, path: str) -> Iterator[Problem]:
    for key, colour in _colours(value):
        if colour.startswith("$") and colour[1:] not in tokens:
            yield Problem(f"{path}{key}", "unknown_token", {"name": colour[1:]})


COLOUR_KEYS = ("color", "original_color", "fill", "border", "shadow", "stops")


def _colours(value: object, key: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from _colours(item, f"{key}/{place}")
    elif isinstance(value, dict):
        for name in COLOUR_KEYS:
            if name in value:
                yield from _colours(value[name], f"{key}/{name}")


_BY_KEY: Mapping[str, tuple[str, ...]] = {
    "text": tuple(bindings.TEXTS),
    "src": tuple(bindings.PICTURES),
    "original": ("product.original",),
    "show_if": bindings.KNOWN,
    "hide_if": bindings.KNOWN,
}


def _unknown_bindings(row: Json, path: str) -> Iterator[Problem]:
    texts = [(key, row[key], allowed) for key, allowed in _BY_KEY.items() if key in row]
    if row["type"] == "qrcode":
        texts = [text for text in texts if text[0] != "text"]  # the schema allows but one
    for place, text in enumerate(row.get("items", ())):
        texts.append((f"items/{place}", text, tuple(bindings.TEXTS)))
    for key, text, allowed in texts:
        for name in bindings.names(text):
            if name not in allowed:
                code = "wrong_binding" if name in bindings.KNOWN else "unknown_binding"
                data = {"name": name, "known": ", ".join(allowed)}
                yield Problem(f"{path}/{key}", code, data)


def _place(row: Json, tokens: Json, size: tuple[int, int], path: str) -> Iterator[Problem]:
    element = Reader(tokens).element(row)
    canvas = Box(0, 0, *size)
    # Decoration may cross the edge, as long as some of it can be seen.
    is_content = row["type"] in TEXTUAL | {"image", "qrcode"}
    is_seen = element.box.is_inside(size) if is_content else element.box.overlaps(canvas)
    if not is_seen:
        yield Problem(path, "outside", {"id": row["id"], "size": f"{size[0]}x{size[1]}"})
    if row.get("min_size", 0) > row.get("size", 0):
        yield Problem(f"{path}/min_size", "size_order", {"id": row["id"]})
