"""Check a template against ``schema.json``, after cheap bounds on its size."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from posters.rendering.problems import Problem

MAX_ELEMENTS = 80
MAX_VALUES = 20_000
MAX_DEPTH = 12
MAX_PROBLEMS = 20
MAX_DETAIL = 160  # characters of a message


@lru_cache(maxsize=1)
def schema() -> dict[str, Any]:
    """Return the schema, from which the editor builds its form."""
    text = (Path(__file__).parent / "schema.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


@lru_cache(maxsize=1)
def _validator() -> Draft202012Validator:
    return Draft202012Validator(schema())


def problems_of(document: object, prefix: str = "") -> list[Problem]:
    """List where a document differs from the schema, at most 20 places."""
    if excess := _too_many(document) or _too_large(document):
        return [excess]
    errors = islice(_validator().iter_errors(document), MAX_PROBLEMS)
    return [_problem(cause, prefix) for error in errors for cause in _causes(error)][:MAX_PROBLEMS]


def _too_many(document: object) -> Problem | None:
    # Checked first, because the validator would visit all elements before it counts them.
    elements = document.get("elements") if isinstance(document, dict) else None
    if isinstance(elements, list) and len(elements) > MAX_ELEMENTS:
        return Problem("elements", "too_many", {"count": len(elements), "limit": MAX_ELEMENTS})
    return None


def _too_large(document: object) -> Problem | None:
    left: list[tuple[object, int]] = [(document, 0)]
    seen = 0
    while left:
        value, depth = left.pop()
        seen += 1
        if seen > MAX_VALUES or depth > MAX_DEPTH:
            return Problem("template", "too_large", {"limit": MAX_VALUES, "depth": MAX_DEPTH})
        if isinstance(value, dict):
            left += [(item, depth + 1) for item in value.values()]
        elif isinstance(value, list):
            left += [(item, depth + 1) for item in value]
    return None


def _causes(error: ValidationError) -> Iterator[ValidationError]:
    if error.validator in {"anyOf", "unevaluatedProperties"} or not error.context:
        yield error
        return
    for cause in error.context:
        yield from _causes(cause)


def _problem(error: ValidationError, prefix: str) -> Problem:
    path = "/".join([prefix, *map(str, error.absolute_path)]).strip("/")
    return Problem(path or "template", "schema", {"detail": error.message[:MAX_DETAIL]})
