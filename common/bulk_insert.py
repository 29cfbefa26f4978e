"""Insert and update many rows in one round trip.

For the tables to which every order or payout adds: ``bulk_create`` compiles each value by itself
and makes a round trip for each table. Here the rows of a table are sent as one JSON array, which
the database reads as rows of that table (``json_populate_recordset``).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import date, time
from functools import lru_cache
from operator import attrgetter
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import AutoField, Field, Model


def _as_text(value: Any) -> str:
    # Not DjangoJSONEncoder, which drops the microseconds.
    return value.isoformat() if isinstance(value, date | time) else str(value)


_encode_json = json.JSONEncoder(
    default=_as_text, separators=(",", ":"), check_circular=False
).encode


def insert(*tables: Sequence[Model]) -> None:
    """Insert the rows of each table in turn: one statement a table, all in one round trip.

    The database generates keys, defaults and computed columns, whatever the rows have; only the
    rows of the last table are given these values. Fields with a ``pre_save`` are not supported.
    """
    filled = [(_insertion(type(rows[0]), rows[0].pk is not None), rows) for rows in tables if rows]
    if not filled:
        return
    statement = "; ".join(insertion.statement for insertion, _ in filled)
    values = [insertion.columns.as_json(rows) for insertion, rows in filled]
    insertion, last = filled[-1]
    with connection.cursor() as cursor:
        if insertion.generated:
            cursor.execute(f"{statement} RETURNING {_listed(insertion.generated)}", values)
            for row, answer in zip(last, cursor.fetchall(), strict=True):
                for field, value in zip(insertion.generated.values(), answer, strict=True):
                    setattr(row, field, value)
        else:
            cursor.execute(statement, values)
    alias = connection.alias
    for _, rows in filled:
        for row in rows:
            row._state.adding, row._state.db = False, alias


def reserve_keys(*wanted: tuple[type[Model], int]) -> list[list[int]]:
    """Draw primary keys from sequences, so that rows can refer to rows not inserted yet.

    :param wanted: models and how many keys of each
    """
    sequences = [f"{model._meta.db_table}_id_seq" for model, count in wanted for _ in range(count)]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(name::regclass) FROM unnest(%s::text[]) AS name", [sequences]
        )
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
    table, key = meta.db_table, _name(meta.pk)
    sets = _listed(f"{_name(field)} = given.{_name(field)}" for field in changed)  # type: ignore[arg-type]
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET {sets} FROM {_populated(table)} AS given"  # noqa: S608
            f" WHERE {table}.{key} = given.{key}",
            [_Columns.of([meta.pk, *changed]).as_json(rows)],  # type: ignore[list-item]
        )


class _Columns(NamedTuple):
    """Columns of a table, and what reads a row's value for each."""

    names: tuple[str, ...]
    read: Callable[[Model], tuple[Any, ...]]

    @classmethod
    def of(cls, fields: Sequence[Field[Any, Any]]) -> _Columns:
        """Build from at least two fields: ``attrgetter`` of one returns no tuple."""
        return cls(
            tuple(str(field.column) for field in fields),
            attrgetter(*(field.attname for field in fields)),
        )

    def as_json(self, rows: Sequence[Model]) -> str:
        return _encode_json([dict(zip(self.names, self.read(row), strict=True)) for row in rows])


class _Insertion(NamedTuple):
    """How rows of a model are inserted, given as JSON."""

    statement: str
    columns: _Columns
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
    table, names = model._meta.db_table, _listed(map(_name, fields))
    return _Insertion(
        f"INSERT INTO {table} ({names}) SELECT {names} FROM {_populated(table)}",  # noqa: S608
        _Columns.of(fields),
        {_name(field): field.attname for field in generated},
    )


def _populated(table: str) -> str:
    return f"json_populate_recordset(NULL::{table}, %s)"


def _listed(parts: Iterable[str]) -> str:
    return ", ".join(parts)


def _name(field: Field[Any, Any]) -> str:
    return connection.ops.quote_name(str(field.column))
