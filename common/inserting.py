"""Many rows in one round trip, for the tables to which every order adds."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from django.contrib.postgres.fields import ArrayField
from django.db import connection
from django.db.models import AutoField, Field, JSONField, Model


def insert(*tables: Sequence[Model]) -> None:
    """Insert the rows of one table after the other.

    ``bulk_create`` with less ado: rows of one model, complete as they are, by one statement a
    table, all of them sent at once. Only the last table's rows are given what the database makes
    of them: their keys, and what it computes.
    """
    filled = [rows for rows in tables if rows]
    if not filled:
        return
    shapes = [_shape(type(rows[0])) for rows in filled]
    assert not any(shape.made for shape in shapes[:-1]), "their keys would be lost"
    with connection.cursor() as cursor:
        cursor.execute(
            "; ".join(shape.statement for shape in shapes),
            [
                column
                for shape, rows in zip(shapes, filled, strict=True)
                for column in shape.columns(rows)
            ],
        )
        answers = cursor.fetchall() if shapes[-1].made else [()] * len(filled[-1])
    for row, answer in zip(filled[-1], answers, strict=True):
        for field, value in zip(shapes[-1].made, answer, strict=True):
            setattr(row, field.attname, value)
    for rows in filled:
        for row in rows:
            row._state.adding, row._state.db = False, connection.alias


class _Shape(NamedTuple):
    """How rows of a model are written: a column's values are an array, of which a row is made."""

    statement: str
    fields: tuple[Field[Any, Any], ...]
    made: tuple[Field[Any, Any], ...]

    def columns(self, rows: Sequence[Model]) -> list[list[str] | str]:
        return [_column(field, rows) for field in self.fields]


@lru_cache
def _shape(model: type[Model]) -> _Shape:
    every = model._meta.local_concrete_fields
    made = tuple(field for field in every if field.generated or isinstance(field, AutoField))
    fields = tuple(field for field in every if field not in made)
    names = _listed(_name(field) for field in fields)
    sent = _listed(f"%s::{_sent(field)}[]" for field in fields)
    statement = (
        f"INSERT INTO {model._meta.db_table} ({names})"  # noqa: S608 - the models' own names
        f" SELECT {_listed(map(_selected, fields))} FROM unnest({sent}) AS fresh ({names})"
    )
    if made:
        statement += f" RETURNING {_listed(map(_name, made))}"
    return _Shape(statement, fields, made)


def _listed(parts: Iterable[str]) -> str:
    return ", ".join(parts)


def _name(field: Field[Any, Any]) -> str:
    return connection.ops.quote_name(str(field.column))


def _sent(field: Field[Any, Any]) -> str:
    """The type of a single value: text for what is no number or moment."""
    kind = field.db_type(connection) or ""
    as_text = isinstance(field, JSONField | ArrayField) or kind.startswith("varchar")
    return "text" if as_text else kind


def _selected(field: Field[Any, Any]) -> str:
    if isinstance(field, JSONField | ArrayField):
        return f"{_name(field)}::{field.db_type(connection)}"
    return _name(field)


def _column(field: Field[Any, Any], rows: Sequence[Model]) -> list[str] | str:
    values = [getattr(row, field.attname) for row in rows]
    if isinstance(field, JSONField):
        return [json.dumps(value) for value in values]
    return _array(values)


def _array(values: Iterable[Any]) -> str:
    """The literal of an array: far cheaper to send and to read than each value by itself."""
    return f"{{{','.join(map(_item, values))}}}"


def _item(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, int):
        return str(value)
    text = _array(value) if isinstance(value, list) else str(value)
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
