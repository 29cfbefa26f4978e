"""Many rows in one round trip, for the tables to which every order or payout adds."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
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
    filled = [_RowValues.of(rows) for rows in tables if rows]
    if not filled:
        return
    made, last = filled[-1].shape.made, next(rows for rows in reversed(tables) if rows)
    with connection.cursor() as cursor:
        statement = "; ".join(each.shape.statement for each in filled)
        values = [column for each in filled for column in each.literals()]
        if made:
            cursor.execute(f"{statement} RETURNING {_listed(map(_name, made))}", values)
            for row, answer in zip(last, cursor.fetchall(), strict=True):
                for field, value in zip(made, answer, strict=True):
                    setattr(row, field.attname, value)
        else:
            cursor.execute(statement, values)
    _saved(tables)


def insert_deferred(*tables: Sequence[Model]) -> None:
    """``insert`` rows of which nobody asks what the database makes of them.

    Within ``deferred_inserts`` they are on their way with the next statement, whatever it is.
    """
    soon = next(
        (one for one in connection.execute_wrappers if isinstance(one, _DeferredInserts)), None
    )
    if soon is None:
        insert(*tables)
        return
    for rows in tables:
        soon.add(rows)
    _saved(tables)


def update(rows: Sequence[Model], fields: Sequence[str]) -> None:
    """Bring ``fields`` of rows of one model, as they are now, into the table: one statement.

    ``bulk_update`` with less ado: it builds a CASE of every row for every field.
    """
    if not rows:
        return
    meta = type(rows[0])._meta
    changed = [meta.get_field(name) for name in fields]
    sent = [meta.pk, *changed]
    names, table = _listed(map(_name, sent)), meta.db_table  # type: ignore[arg-type]
    arrays = _listed(f"%s::{_sent(field)}[]" for field in sent)  # type: ignore[arg-type]
    values = [_literal(field, _column(field, rows)) for field in sent]  # type: ignore[arg-type]
    sets = _listed(f"{_name(field)} = fresh.{_name(field)}" for field in changed)  # type: ignore[arg-type]
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET {sets} FROM unnest({arrays}) AS fresh ({names})"  # noqa: S608
            f" WHERE {table}.{_name(meta.pk)} = fresh.{_name(meta.pk)}",
            values,
        )


@contextmanager
def deferred_inserts() -> Iterator[None]:
    """Inside a transaction: save the round trips of what is inserted soon. All is sent at the end.

    A statement that waits may be refused as late as with the next one.
    """
    soon = _DeferredInserts()
    with connection.execute_wrapper(soon):
        yield
        soon.send()


class _DeferredInserts:
    """Sends what waits in front of every statement; what follows each other into one table, by one
    statement."""

    def __init__(self) -> None:
        self._waiting: list[_RowValues] = []

    def __call__(
        self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any
    ) -> Any:
        if sql.startswith("ROLLBACK TO"):
            # All of it came after the savepoint, and the database takes nothing but this now.
            self._waiting.clear()
        if not self._waiting:
            return execute(sql, params, many, context)
        cursor = context["cursor"].cursor
        waiting = self._taken(cursor)
        if many or cursor.name:
            execute("; ".join(waiting), None, False, context)
            return execute(sql, params, many, context)
        waiting.append(cursor.mogrify(sql, params).decode())
        return execute("; ".join(waiting), None, many, context)

    def add(self, rows: Sequence[Model]) -> None:
        if not rows:
            return
        filled = _RowValues.of(rows)
        if self._waiting and self._waiting[-1].shape == filled.shape:
            for column, values in zip(self._waiting[-1].columns, filled.columns, strict=True):
                column.extend(values)
        else:
            self._waiting.append(filled)

    def send(self) -> None:
        if self._waiting:
            with connection.cursor() as cursor:
                cursor.execute("; ".join(self._taken(cursor)))

    def _taken(self, cursor: Any) -> list[str]:
        written = [
            cursor.mogrify(each.shape.statement, each.literals()).decode() for each in self._waiting
        ]
        self._waiting.clear()
        return written


def _saved(tables: Iterable[Sequence[Model]]) -> None:
    for rows in tables:
        for row in rows:
            row._state.adding, row._state.db = False, connection.alias


class _Shape(NamedTuple):
    """How rows of a model are written: a column's values are an array, of which a row is made."""

    statement: str
    fields: tuple[Field[Any, Any], ...]
    made: tuple[Field[Any, Any], ...]


class _RowValues(NamedTuple):
    """The values of rows as they were, column by column."""

    shape: _Shape
    columns: list[list[Any]]

    @classmethod
    def of(cls, rows: Sequence[Model]) -> _RowValues:
        shape = _shape(type(rows[0]), rows[0].pk is not None)
        return cls(shape, [_column(field, rows) for field in shape.fields])

    def literals(self) -> list[list[str | None] | str]:
        return [_literal(*each) for each in zip(self.shape.fields, self.columns, strict=True)]


@lru_cache
def _shape(model: type[Model], keyed: bool) -> _Shape:
    every = model._meta.local_concrete_fields
    made = tuple(
        field
        for field in every
        if field.generated or field.has_db_default() or (isinstance(field, AutoField) and not keyed)
    )
    fields = tuple(field for field in every if field not in made)
    names = _listed(_name(field) for field in fields)
    sent = _listed(f"%s::{_sent(field)}[]" for field in fields)
    statement = (
        f"INSERT INTO {model._meta.db_table} ({names})"  # noqa: S608 - the models' own names
        f" SELECT {_listed(map(_selected, fields))} FROM unnest({sent}) AS fresh ({names})"
    )
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


def _column(field: Field[Any, Any], rows: Sequence[Model]) -> list[Any]:
    values = [getattr(row, field.attname) for row in rows]
    if isinstance(field, ArrayField):  # as they are now, whatever becomes of them
        return [None if value is None else list(value) for value in values]
    if not isinstance(field, JSONField):
        return values
    encode = json.JSONEncoder if field.encoder is None else field.encoder
    return [None if value is None else json.dumps(value, cls=encode) for value in values]


def _literal(field: Field[Any, Any], values: list[Any]) -> list[str | None] | str:
    return values if isinstance(field, JSONField) else array_literal(values)


def array_literal(values: Iterable[Any]) -> str:
    """The literal of an array: far cheaper for the database to read than each value by itself."""
    return f"{{{','.join(map(_item, values))}}}"


def _item(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, int):
        return str(value)
    text = array_literal(value) if isinstance(value, list) else str(value)
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
