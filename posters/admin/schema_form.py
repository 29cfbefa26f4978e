"""Turn the schema of templates into descriptions of forms, which the editor's script draws."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from posters.rendering import bindings, schema

Json = Mapping[str, Any]
Field = dict[str, Any]

BY_REFERENCE = {"color": "color", "hex": "color", "fill": "fill", "radius": "radius"}
"""The kinds of fields that follow from the name of a definition."""
NOT_IN_FORMS = {"id", "type", "visible", "locked", "z"}
"""The form shows the id by itself; the list of layers has the others."""
LATER = ("show_if", "hide_if", "opacity")
FALSE_BY_DEFAULT = False

LABELS: dict[str, Promise] = {
    "align": _("alignment"),
    "angle": _("angle"),
    "bg": _("background"),
    "blur": _("blur"),
    "border": _("border"),
    "cap": _("line ends"),
    "clip": _("clip"),
    "color": _("colour"),
    "dash": _("dashes"),
    "dx": _("shift to the right"),
    "dy": _("shift down"),
    "family": _("typeface"),
    "fill": _("filling"),
    "fit": _("fit"),
    "gap": _("gap"),
    "h": _("height"),
    "hide_if": _("hidden if there is"),
    "items": _("tags"),
    "line_height": _("line height"),
    "max_chars": _("most characters"),
    "max_lines": _("most lines"),
    "min_size": _("smallest size"),
    "name": _("name"),
    "opacity": _("opacity"),
    "original": _("original price"),
    "original_color": _("colour of the original price"),
    "original_size": _("size of the original price"),
    "pad": _("padding"),
    "padding": _("padding"),
    "points": _("points"),
    "quiet": _("quiet zone"),
    "radius": _("rounding"),
    "rotate": _("rotation"),
    "shadow": _("shadow"),
    "shape": _("shape"),
    "show_if": _("shown if there is"),
    "size": _("text size"),
    "src": _("picture"),
    "strike": _("struck through"),
    "text": _("text"),
    "tracking": _("letter spacing"),
    "valign": _("vertical alignment"),
    "vertical": _("vertical text"),
    "w": _("width"),
    "weight": _("weight"),
    "width": _("width"),
    "x": _("from the left"),
    "y": _("from the top"),
}
CHOICES: dict[str, Promise] = {
    "left": _("left"),
    "center": _("centred"),
    "right": _("right"),
    "top": _("top"),
    "middle": _("middle"),
    "bottom": _("bottom"),
    "cover": _("fills the frame"),
    "contain": _("fits into the frame"),
    "linear": _("linear"),
    "radial": _("radial"),
    "flat": _("flat"),
    "round": _("round"),
    "sans": _("sans serif"),
    "400": _("regular"),
    "700": _("bold"),
}
TYPES: dict[str, tuple[Promise, Json]] = {
    "text": (_("words"), {
        "text": "{{product.title}}", "x": 80, "y": 80, "w": 800, "size": 48, "color": "#222222",
    }),
    "price": (_("price"), {
        "text": "{{product.price}}", "original": "{{product.original}}", "x": 80, "y": 200,
        "w": 800, "size": 88, "color": "#E23A3E", "show_if": "{{product.price}}",
    }),
    "image": (_("picture"), {
        "src": "{{product.image}}", "x": 80, "y": 320, "w": 400, "h": 400, "fit": "cover",
    }),
    "rect": (_("rectangle"), {"x": 80, "y": 320, "w": 400, "h": 240, "fill": "#FFFFFF"}),
    "line": (_("stroke"), {"x": 80, "y": 600, "w": 400, "h": 2, "color": "#CCCCCC"}),
    "tags": (_("tags"), {
        "items": ["{{product.tags}}"], "x": 80, "y": 640, "w": 800, "size": 28, "color": "#E23A3E",
    }),
    "polygon": (_("polygon"), {
        "points": [[0, 0], [1, 0], [1, 1]], "x": 80, "y": 700, "w": 200, "h": 200,
        "fill": "#F4D9C8",
    }),
    "qrcode": (_("QR code"), {"text": "{{share.qr}}", "x": 720, "y": 1560, "w": 280, "h": 280}),
}  # fmt: skip
"""The kinds of elements, with their name and what a new one is like."""


def element_types() -> list[Json]:
    """Return the kinds of elements that the schema knows."""
    known = schema()["properties"] and _known_types()
    return [
        {"name": name, "label": str(TYPES[name][0]), "blank": {"type": name, **TYPES[name][1]}}
        if name in TYPES
        else {"name": name, "label": name, "blank": {"type": name}}
        for name in known
    ]


def forms() -> dict[str, list[Field]]:
    """Return the fields of each kind of element, and as ``canvas`` those of the template."""
    common = _definition("common")["properties"]
    described = {"canvas": _canvas()}
    for name in _known_types():
        definition = _definition(name)
        required = {*_definition("common")["required"], *definition.get("required", ())}
        properties = {**common, **definition["properties"]}
        fields = _fields(properties, required)
        fields.sort(key=lambda field: field["key"] in LATER)
        described[name] = fields
    return described


def _canvas() -> list[Field]:
    properties = schema()["properties"]
    canvas = properties["canvas"]["properties"]
    return [
        {**_field("name", properties["name"], is_required=True), "path": "name"},
        {**_field("h", canvas["h"], is_required=True), "path": "canvas/h"},
        {**_field("bg", canvas["bg"], is_required=True), "path": "canvas/bg"},
    ]


def _known_types() -> list[str]:
    names: list[str] = _definition("element")["properties"]["type"]["enum"]
    return names


def _definition(name: str) -> Json:
    definition: Json = schema()["$defs"][name]
    return definition


def _fields(properties: Json, required: set[str]) -> list[Field]:
    return [
        _field(key, rule, is_required=key in required)
        for key, rule in properties.items()
        if key not in NOT_IN_FORMS and not _is_fixed(rule, key in required)
    ]


def _is_fixed(rule: Any, is_required: bool) -> bool:
    """Return whether there is nothing to choose, such as for the text of a QR code."""
    return rule is True or len(rule.get("enum", ())) == 1 or (is_required and "const" in rule)


def _field(key: str, rule: Json, *, is_required: bool) -> Field:
    name = rule.get("$ref", "").rsplit("/", 1)[-1]
    resolved = _definition(name) if name else rule
    field: Field = {
        "key": key, "label": str(LABELS.get(key, key.replace("_", " "))), "required": is_required,
    }  # fmt: skip
    return field | _kind(key, name, resolved)


def _kind(key: str, name: str, rule: Json) -> Field:
    if name == "condition":
        return {"kind": "binding", "options": _bindings(only_pictures=key == "src")}
    if name in BY_REFERENCE:
        kind = BY_REFERENCE[name]
        return {"kind": kind, "fields": _gradient(rule)} if kind == "fill" else {"kind": kind}
    if "const" in rule:
        return {"kind": "choice", "options": _options([rule["const"]])}
    if "enum" in rule:
        return {"kind": "choice", "options": _options(rule["enum"])}
    return _by_type(rule)


def _by_type(rule: Json) -> Field:
    kind = rule.get("type")
    if kind in ("integer", "number"):
        return {"kind": kind, "min": rule.get("minimum"), "max": rule.get("maximum")}
    if kind == "boolean":
        return {"kind": "boolean", "default": FALSE_BY_DEFAULT}
    if kind == "string":
        return {"kind": "text", "max": rule.get("maxLength")}
    if kind == "object":
        required = set(rule.get("required", ()))
        return {"kind": "object", "fields": _fields(rule["properties"], required)}
    if kind == "array":
        return _array(rule)
    return {"kind": "json"}


def _array(rule: Json) -> Field:
    item = rule["items"].get("type")
    if item == "string":
        return {"kind": "lines"}
    if item in ("integer", "number") and rule.get("minItems") == rule.get("maxItems"):
        return {"kind": "numbers", "length": rule["maxItems"]}
    return {"kind": "json"}


def _gradient(rule: Json) -> list[Field]:
    """Return the fields of a gradient besides its colours."""
    gradient = next(part for part in rule["anyOf"] if part.get("type") == "object")
    others = {key: part for key, part in gradient["properties"].items() if key != "stops"}
    return _fields(others, set())


def _options(values: list[Any]) -> list[Json]:
    return [
        {"value": value, "label": str(CHOICES.get(str(value), _binding_label(str(value))))}
        for value in values
    ]


def _bindings(*, only_pictures: bool) -> list[Json]:
    names = bindings.PICTURES if only_pictures else bindings.KNOWN
    return [{"value": f"{{{{{name}}}}}", "label": _binding_label(name)} for name in names]


BINDINGS: dict[str, Promise] = {
    "product.image": _("picture of the product"),
    "product.title": _("title of the product"),
    "product.price": _("price"),
    "product.original": _("original price"),
    "product.badge": _("badge"),
    "product.tags": _("tags"),
    "user.avatar": _("avatar"),
    "user.nickname": _("nickname"),
    "share.line": _("recommendation"),
    "share.qr": _("QR code"),
    "shop.name": _("name of the shop"),
    "shop.logo": _("logo of the shop"),
    "shop.slogan": _("slogan"),
    "shop.cta": _("call to action"),
    "shop.cta2": _("second line of the call"),
    "shop.footer": _("footer"),
    "shop.ad": _("mark of advertising"),
}
"""The values that elements may name, as people call them."""


def _binding_label(name: str) -> str:
    bare = name.strip("{}")
    return str(BINDINGS[bare]) if bare in BINDINGS else name
