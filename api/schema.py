"""Complete the OpenAPI schema: every call may answer with a problem."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

ALWAYS = (400, 401, 403, 404, 406, 429, 500, 503)
WITH_BODY = (409, 413, 415, 422)

PROBLEM = {
    "type": "object",
    "description": "RFC 9457. docs/errors.md lists the codes.",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "For people, in the language asked for."},
        "code": {"type": "string", "description": "For programs; stable."},
        "errors": {
            "type": "array",
            "description": "Every invalid field.",
            "items": {
                "type": "object",
                "required": ["field", "code", "message"],
                "properties": {name: {"type": "string"} for name in ("field", "code", "message")},
            },
        },
        "data": {"type": "object", "description": "What the error names."},
    },
}


def add_problems(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Document the problems of every operation."""
    components = result.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = PROBLEM
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    components["responses"] = {
        _name(status): {"description": HTTPStatus(status).phrase, "content": content}
        for status in sorted(ALWAYS + WITH_BODY)
    }
    for operations in result["paths"].values():
        for method, operation in operations.items():
            operation.setdefault("security", [])  # without it: unknown
            for status in ALWAYS if method == "get" else ALWAYS + WITH_BODY:
                reference = {"$ref": f"#/components/responses/{_name(status)}"}
                operation["responses"].setdefault(str(status), reference)
    return result


def _name(status: int) -> str:
    return HTTPStatus(status).phrase.title().replace(" ", "")
