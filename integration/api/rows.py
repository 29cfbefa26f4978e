"""Batches of rows with a result for each, at its place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import Direction, extend_schema_field
from rest_framework import serializers

from api.errors import InvalidInput
from api.problems import field_errors, problem
from api.serializers import StrictSerializer
from common.errors import TwotierError

MAX_ROWS = 500
STATUSES = ("created", "updated", "unchanged", "conflict", "invalid")


@extend_schema_field({"$ref": "#/components/schemas/Problem"})
class ProblemField(serializers.DictField):
    """Why the row was not taken in."""


class Rows(serializers.ListField):
    """Up to 500 objects, each of them validated by itself, later.

    :param body: what the schema says of each
    """

    def __init__(self, body: type[StrictSerializer], **kwargs: Any) -> None:
        self.body = body
        super().__init__(
            child=serializers.DictField(), allow_empty=False, max_length=MAX_ROWS, **kwargs
        )


class RowsInSchema(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """Describe the objects, which the field itself accepts with any content."""

    target_class = Rows

    def map_serializer_field(self, auto_schema: AutoSchema, direction: Direction) -> dict[str, Any]:
        row = auto_schema.resolve_serializer(self.target.body, direction)
        return {"type": "array", "items": row.ref, "minItems": 1, "maxItems": MAX_ROWS}


class Flag(serializers.BooleanField):
    """true or false, never a text or a number."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return bool(data)


def differs_from_address(field: str, message: str) -> InvalidInput:
    """Return the error of a body that names something else than its address does."""
    error = {"field": field, "code": "differs_from_address", "message": message}
    return InvalidInput(errors=[error])


def without_nulls(body: dict[str, Any]) -> dict[str, Any]:
    """Return what a body reports: null is the same as an absent field."""
    return {name: value for name, value in body.items() if value is not None}


def read_rows(
    rows: Sequence[Any], reader: StrictSerializer, key: str
) -> tuple[dict[int, dict[str, Any]], dict[int, dict[str, Any]]]:
    """Validate each row by itself.

    :returns: the valid bodies by place, and the results ``{key, status, problem}`` of the others
    """
    valid: dict[int, dict[str, Any]] = {}
    refused: dict[int, dict[str, Any]] = {}
    for place, row in enumerate(rows):
        try:
            valid[place] = without_nulls(reader.run_validation(row))
        except serializers.ValidationError as error:
            given = row.get(key)
            refused[place] = {
                key: given if isinstance(given, str) else "",
                **_refused(InvalidInput(errors=list(field_errors(error.detail)))),
            }
    return valid, refused


def save_rows(
    rows: Sequence[Any],
    reader: StrictSerializer,
    key: str,
    save: Callable[[list[dict[str, Any]]], Sequence[str | TwotierError]],
) -> list[dict[str, Any]]:
    """Save the valid rows together; return ``{key, status, problem?}`` for each.

    :param save: returns the status of each row, or why it was refused
    """
    valid, results = read_rows(rows, reader, key)
    outcomes = save(list(valid.values())) if valid else []
    for (place, row), outcome in zip(valid.items(), outcomes, strict=True):
        results[place] = {
            key: row[key],
            **(_refused(outcome) if isinstance(outcome, TwotierError) else {"status": outcome}),
        }
    return [results[place] for place in range(len(rows))]


def _refused(error: TwotierError) -> dict[str, Any]:
    return {"status": "invalid", "problem": problem(error)}
