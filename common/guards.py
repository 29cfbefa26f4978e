"""Write the SQL of guards: triggers that refuse a change from any client.

Migrations call these functions with literal values, so a guard changes only by a new migration;
``tests/architecture/test_guards.py`` compares what is installed with the models. Guards with logic
of their own are ``.sql`` files in ``<room>/guards``.
The functions that these triggers call are in ``events/guards/refusals.sql``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from django.db import migrations

CREATED = re.compile(
    r"^CREATE (?:CONSTRAINT )?TRIGGER (?P<trigger>\w+)[^;]*? ON (?P<on>\w+)"
    r"|^CREATE FUNCTION (?P<function>\w+)"
    r"|^ALTER TABLE (?P<table>\w+) ADD CONSTRAINT (?P<constraint>\w+)",
    re.MULTILINE,
)


def append_only(table: str, *, always: bool = False) -> str:
    """Refuse UPDATE, DELETE and TRUNCATE.

    :param always: also in a session whose ``session_replication_role`` switches triggers off
    """
    events = "UPDATE OR DELETE OR TRUNCATE"
    return statement_guard(table, name="append_only", on=events, always=always)


def never_deleted(table: str, *, always: bool = False) -> str:
    """Refuse DELETE and TRUNCATE."""
    return statement_guard(table, name="never_deleted", on="DELETE OR TRUNCATE", always=always)


def immutable(
    table: str, *columns: str, name: str = "immutable_columns", always: bool = False
) -> str:
    """Refuse an UPDATE that names one of the columns."""
    return statement_guard(table, name=name, on=f"UPDATE OF {', '.join(columns)}", always=always)


def statement_guard(table: str, *, name: str, on: str, always: bool = False) -> str:
    """Refuse every statement that does what ``on`` says."""
    sql = (
        f"CREATE TRIGGER {name} BEFORE {on} ON {table}\n"
        "    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();\n"
    )
    return sql + (f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name};\n" if always else "")


def set_once(table: str, *columns: str, name: str, constraint: str, message: str) -> str:
    """Refuse another value in a column that is no longer null."""
    when = "\n    OR ".join(
        f"OLD.{column} IS NOT NULL AND NEW.{column} IS DISTINCT FROM OLD.{column}"
        for column in columns
    )
    return row_guard(table, name=name, when=when, constraint=constraint, message=message)


def row_guard(
    table: str, *, name: str, when: str, constraint: str, message: str, on: str = "UPDATE"
) -> str:
    """Refuse the change of a row for which the condition ``when`` holds."""
    return (
        f"CREATE TRIGGER {name} BEFORE {on} ON {table} FOR EACH ROW WHEN (\n    {when}\n"
        f") EXECUTE FUNCTION refuse_row({_text(constraint)}, {_text(message)});\n"
    )


def no_early_review(table: str, *accounts: str) -> str:
    """Refuse a review or signature by an account that has just changed.

    The function is in ``members/guards/review_wait.sql``.

    :param accounts: the columns of the accounts that review or sign
    """
    return (
        f"CREATE TRIGGER no_early_review BEFORE INSERT OR UPDATE OF {', '.join(accounts)}\n"
        f"    ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_early_review({_texts(accounts)});\n"
    )


def transitions(
    table: str,
    *,
    statuses: Iterable[str],
    comes_from: Mapping[str, Iterable[str]],
    constraint: str,
    editable_in: Iterable[str] | None = None,
) -> str:
    """Refuse a change of status that ``comes_from`` does not list, and of rows that are settled.

    An unknown status passes: the CHECK of the column refuses it.

    :param editable_in: the statuses in which other columns may change; None: all of them
    """
    known = [str(status) for status in statuses]
    editable = known if editable_in is None else [str(status) for status in editable_in]
    cases = ""
    for status in known:
        allowed = [
            after
            for after in known
            if (after == status and status in editable) or status in comes_from.get(after, ())
        ]
        refused = f"NEW.status NOT IN ({_texts(allowed)})" if allowed else "true"
        cases += f"        WHEN {_text(status)} THEN {refused}\n"
    event = "UPDATE OF status" if editable_in is None else "UPDATE"
    return (
        f"CREATE TRIGGER status_transitions BEFORE {event} ON {table} FOR EACH ROW WHEN (\n"
        f"    NEW.status IN ({_texts(known)})\n    AND CASE OLD.status\n{cases}    END\n"
        f") EXECUTE FUNCTION refuse_transition({_text(constraint)});\n"
    )


def read(room: str, *names: str) -> str:
    """Read the ``.sql`` files of a room, in this order; a migration passes its ``__file__``."""
    folder = Path(room).resolve().parent.parent / "guards"
    return "\n".join((folder / f"{name}.sql").read_text(encoding="utf-8") for name in names)


def install(*statements: str) -> migrations.RunSQL:
    """Return the operation that installs these guards; going back drops what they create."""
    forward = "\n".join(statements)
    return migrations.RunSQL(forward, "\n".join(reversed([*map(_drop, CREATED.finditer(forward))])))


def _drop(created: re.Match[str]) -> str:
    if created["trigger"]:
        return f"DROP TRIGGER {created['trigger']} ON {created['on']};"
    if created["function"]:
        return f"DROP FUNCTION {created['function']};"
    return f"ALTER TABLE {created['table']} DROP CONSTRAINT {created['constraint']};"


def _texts(values: Iterable[str]) -> str:
    return ", ".join(map(_text, values))


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
