"""Insert and update many rows in one round trip.

For the tables to which every order or payout adds: ``bulk_create`` compiles each value by itself
and sends a statement for each table.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache, partial
from typing import Any, NamedTuple

from django.contrib.postgres.fields import ArrayField
from django.db import connection
from django.db.models import AutoField, Field, JSONField, Model


def insert(*tables: Sequence[Model]) -> None:
    """Insert the rows of each table in turn: one statement a table, all in one round trip.

    A value is sent as a part of its column's array. Only the rows of the last table are given the
    values that the database generates: keys, defaults and computed columns.
    """
    filled = [(_insertion(type(rows[0]), rows[0].pk is not None), rows) for rows in tables if rows]
    if not filled:
        return
    statement = "; ".join(insertion.statement for insertion, _ in filled)
    values = [
        encode([getattr(row, name) for row in rows])
        for insertion, rows in filled
        for name, encode in insertion.columns
    ]
    insertion, last = filled[-1]
    with connection.cursor() as cursor:
        if insertion.generated:
            cursor.execute(f"{statement} RETURNING {_listed(insertion.generated)}", values)
            for row, answer in zip(last, cursor.fetchall(), strict=True):
                for field, value in zip(insertion.generated.values(), answer, strict=True):
                    setattr(row, field, value)
        else:
            cursor.execute(statement, values)
    for _, rows in filled:
        for row in rows:
            row._state.adding, row._state.db = False, connection.alias


def reserve_keys(*wanted: tuple[type[Model], int]) -> list[list[int]]:
    """Draw primary keys from sequences, so that rows can refer to rows not inserted yet.

    :param wanted: models and how many keys of each
    """
    sequences = [f"{model._meta.db_table}_id_seq" for model, count in wanted for _ in range(count)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(name::regclass) FROM unnest(%s) AS name", [sequences])
        keys = iter([key for (key,) in cursor.fetchall()])
    return [[next(keys) for _ in range(count)] for _, count in wanted]


def update(rows: Sequence[Model], fields: Sequence[str]) -> None:
    """Save ``fields`` of rows of one model by one statement.

    ``bulk_update`` builds a CASE of every row for every field, which is far slower.
    """
    if not rows:
        return
    meta = type(rows[0])._meta
    changed = [meta.get_field(name) for name in fields]
    sent = [meta.pk, *changed]
    names, table = _listed(map(_name, sent)), meta.db_table  # type: ignore[arg-type]
    arrays = _listed(f"%s::{_sent(field)}[]" for field in sent)  # type: ignore[arg-type]
    values = [
        _encoder(field)([getattr(row, field.attname) for row in rows])  # type: ignore[arg-type,union-attr]
        for field in sent
    ]
    sets = _listed(f"{_name(field)} = given.{_name(field)}" for field in changed)  # type: ignore[arg-type]
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET {sets} FROM unnest({arrays}) AS given ({names})"  # noqa: S608
            f" WHERE {table}.{_name(meta.pk)} = given.{_name(meta.pk)}",
            values,
        )


class _Insertion(NamedTuple):
    """How rows of a model are inserted, given an array for each column."""

    statement: str
    columns: tuple[tuple[str, Callable[[list[Any]], list[str | None] | str]], ...]
    """The attribute of each column, and what encodes its values as an array."""
    generated: dict[str, str]
    """The columns that the database generates, and their attributes."""


@lru_cache
def _insertion(model: type[Model], keyed: bool) -> _Insertion:
    concrete = model._meta.local_concrete_fields
    generated = [
        field
        for field in concrete
        if field.generated or field.has_db_default() or (isinstance(field, AutoField) and not keyed)
    ]
    fields = [field for field in concrete if field not in generated]
    names = _listed(_name(field) for field in fields)
    sent = _listed(f"%s::{_sent(field)}[]" for field in fields)
    return _Insertion(
        f"INSERT INTO {model._meta.db_table} ({names})"  # noqa: S608 - the models' own names
        f" SELECT {_listed(map(_selected, fields))} FROM unnest({sent}) AS given ({names})",
        tuple((field.attname, _encoder(field)) for field in fields),
        {_name(field): field.attname for field in generated},
    )


def _listed(parts: Iterable[str]) -> str:
    return ", ".join(parts)


def _name(field: Field[Any, Any]) -> str:
    return connection.ops.quote_name(str(field.column))


def _sent(field: Field[Any, Any]) -> str:
    """Return the type of a value in its column's array: text for strings, JSON and arrays."""
    kind = field.db_type(connection) or ""
    as_text = isinstance(field, JSONField | ArrayField) or kind.startswith("varchar")
    return "text" if as_text else kind


def _selected(field: Field[Any, Any]) -> str:
    if isinstance(field, JSONField | ArrayField):
        return f"{_name(field)}::{field.db_type(connection)}"
    return _name(field)


def _encoder(field: Field[Any, Any]) -> Callable[[list[Any]], list[str | None] | str]:
    if not isinstance(field, JSONField):
        return array_literal
    encode = partial(json.dumps, cls=field.encoder or json.JSONEncoder)
    return lambda values: [None if value is None else encode(value) for value in values]


def array_literal(values: Iterable[Any]) -> str:
    """Return the literal of an array, which the database parses faster than separate values."""
    return f"{{{','.join(map(_item, values))}}}"


def _item(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, int):
        return str(value)
    text = array_literal(value) if isinstance(value, list | tuple) else str(value)
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
