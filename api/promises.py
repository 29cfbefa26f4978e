"""What callers of the API may rely on: one line for each thing, in ``docs/api-promises.txt``.

The lines come from ``docs/openapi.json``. Names of schemas are not in them, so renaming one
breaks no promise. ``data[].id`` is the field ``id`` of each item of the list ``data``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings

DOCS = Path(settings.BASE_DIR, "docs")
PATH, CHANGELOG, SCHEMA = (
    DOCS / name for name in ("api-promises.txt", "api-changelog.md", "openapi.json")
)
BODY = "(body)"
"""The request's body itself, where other lines have a field."""


def promises(schema: dict[str, Any]) -> set[str]:
    """Return a line for each operation, request field and answer field of an OpenAPI schema."""
    return {
        line
        for path, item in schema["paths"].items()
        for method, operation in item.items()
        for line in _of_operation(f"{method.upper()} {path}", operation, schema)
    }


def broken(promised: set[str], current: set[str]) -> list[str]:
    """Return what breaks callers: ``- `` and a lost line, ``+ `` and a new required field."""
    lost = {f"- {line}" for line in promised - current if " requires " not in line}
    demanded = {
        f"+ {line}"
        for line in current - promised
        if " requires " in line and _could_be_called(line, promised)
    }
    return sorted(lost | demanded)


def unannounced(breaks: list[str]) -> list[str]:
    """Return those breaks that the changelog of the API does not quote."""
    text = CHANGELOG.read_text(encoding="utf-8").replace("`", "")
    announced = {line.strip() for line in text.splitlines()}
    return [line for line in breaks if line not in announced]


def advice(breaks: list[str]) -> str:
    """Say what to do about unannounced breaks."""
    return (
        "This breaks callers of the API. Keep what they use, or copy these lines into"
        " docs/api-changelog.md under today's date with what callers do instead, and run"
        " ./manage.py api_promises:\n" + "\n".join(breaks)
    )


def read() -> set[str]:
    """Return the promises as they are committed."""
    return set(PATH.read_text(encoding="utf-8").splitlines())


def of_schema_file() -> set[str]:
    """Return the promises of ``docs/openapi.json``."""
    return promises(json.loads(SCHEMA.read_text(encoding="utf-8")))


def _could_be_called(line: str, promised: set[str]) -> bool:
    """Tell whether a caller could send the object around this field before."""
    operation, _, field = line.partition(" requires ")
    parent = field.rpartition(".")[0].removesuffix("[]")
    if not parent:
        return f"{operation} exists" in promised
    return any(known.startswith(f"{operation} takes {parent}: ") for known in promised)


def _of_operation(name: str, operation: dict[str, Any], schema: dict[str, Any]) -> Iterator[str]:
    yield f"{name} exists"
    for parameter in operation.get("parameters", []):
        if parameter["in"] != "path":  # which is part of the address
            yield from _of_parameter(name, parameter, schema)
    if body := operation.get("requestBody"):
        yield from _of_body(name, body, schema)
    for status, answer in operation["responses"].items():
        if status.startswith("2"):
            yield f"{name} answers {status}"
            for content in answer.get("content", {}).values():
                yield from _fields(f"{name} {status} has", "", content["schema"], schema)


def _of_parameter(name: str, parameter: dict[str, Any], schema: dict[str, Any]) -> Iterator[str]:
    field = f"{parameter['in']}:{parameter['name']}"
    yield from _fields(f"{name} takes", field, parameter["schema"], schema)
    if parameter.get("required"):
        yield f"{name} requires {field}"


def _of_body(name: str, body: dict[str, Any], schema: dict[str, Any]) -> Iterator[str]:
    if body.get("required"):
        yield f"{name} requires {BODY}"
    for kind, content in body["content"].items():
        yield f"{name} takes {BODY}: {kind}"
        yield from _fields(f"{name} takes", "", content["schema"], schema)
        yield from _required(f"{name} requires", "", content["schema"], schema)


def _fields(
    verb: str, field: str, part: dict[str, Any], schema: dict[str, Any], *above: str
) -> Iterator[str]:
    """Yield a line with the type of each field below ``field``."""
    for node, names in _variants(part, schema, above):
        if field:
            yield f"{verb} {field}: {_kind(node)}"
        if verb.endswith(" takes"):
            for value in node.get("enum", []):
                yield f"{verb} {field}: value {value}"
        for name, inner in node.get("properties", {}).items():
            yield from _fields(verb, f"{field}.{name}".lstrip("."), inner, schema, *names)
        if "items" in node:
            yield from _fields(verb, f"{field}[]", node["items"], schema, *names)


def _required(
    verb: str, field: str, part: dict[str, Any], schema: dict[str, Any], *above: str
) -> Iterator[str]:
    """Yield a line for each field without which the object around it is refused."""
    for node, names in _variants(part, schema, above):
        for name in node.get("required", []):
            yield f"{verb} {field}.{name}".replace(f"{verb} .", f"{verb} ")
        for name, inner in node.get("properties", {}).items():
            yield from _required(verb, f"{field}.{name}".lstrip("."), inner, schema, *names)
        if "items" in node:
            yield from _required(verb, f"{field}[]", node["items"], schema, *names)


def _variants(
    part: dict[str, Any], schema: dict[str, Any], above: tuple[str, ...]
) -> Iterator[tuple[dict[str, Any], tuple[str, ...]]]:
    """Follow references and choices; a schema that contains itself is followed once."""
    if name := part.get("$ref", "").rpartition("/")[2]:
        if name not in above:
            yield from _variants(schema["components"]["schemas"][name], schema, (*above, name))
        return
    choices = [*part.get("oneOf", []), *part.get("anyOf", []), *part.get("allOf", [])]
    for choice in choices:
        yield from _variants(choice, schema, above)
    if not choices or "properties" in part:
        yield part, above


def _kind(node: dict[str, Any]) -> str:
    kind = node.get("type", "any")
    return " or ".join(sorted(kind)) if isinstance(kind, list) else str(kind)
