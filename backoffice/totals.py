"""How many rows a list has, and the sums of its amounts: loaded after the list itself.

Counts are exact up to a limit, and estimated by the database above it. Sums over more rows than
that need a range of dates, and end after some seconds.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import OperationalError, connection, transaction
from django.db.models import Q, QuerySet, Sum

EXACT_ROWS = 10_000
MAX_SECONDS = 5
CANCELED = "57014"  # PostgreSQL's code of a statement that took too long


@dataclass(frozen=True, slots=True)
class Total:
    """The sum of one amount.

    :param group: the asset, if the list has several
    """

    field: str
    group: str
    amount: int


@dataclass(frozen=True, slots=True)
class Totals:
    """The number of rows and their sums.

    :param sums: ``None`` if there are too many rows to add up
    """

    count: int
    is_exact: bool
    sums: Sequence[Total] | None


def bounded_count(rows: QuerySet[Any], limit: int) -> int:
    """Count rows, at most to one above the limit."""
    return rows.order_by()[: limit + 1].count()


def estimated_count(rows: QuerySet[Any]) -> int:
    """Return the number of rows that the planner of the database expects."""
    plan = json.loads(rows.order_by().values("pk").explain(format="json"))
    return int(plan[0]["Plan"]["Plan Rows"])


def totals(
    rows: QuerySet[Any],
    fields: Sequence[str],
    *,
    by: str = "",
    has_dates: bool = False,
    conditions: Mapping[str, Q] | None = None,
) -> Totals:
    """Count the rows of a list and add up its amounts.

    :param by: the field with the asset, by which sums are grouped
    :param has_dates: whether a range of dates limits the rows
    :param conditions: by field, which rows it is added up of; those without one of all rows
    """
    count = bounded_count(rows, EXACT_ROWS)
    is_exact = count <= EXACT_ROWS
    if not is_exact:
        count = max(estimated_count(rows), EXACT_ROWS)
    if not fields:
        return Totals(count, is_exact, [])
    if not is_exact and not has_dates:
        return Totals(count, is_exact, None)
    # Names of their own: a sum must not hide the field that it adds up.
    sums = {f"sum_of_{field}": Sum(field, filter=(conditions or {}).get(field)) for field in fields}
    return Totals(count, is_exact, _sums(rows, fields, by, sums))


def _sums(
    rows: QuerySet[Any], fields: Sequence[str], by: str, wanted: Mapping[str, Sum]
) -> Sequence[Total] | None:
    plain = rows.order_by().select_related(None).prefetch_related(None)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = '{MAX_SECONDS}s'")
            groups = (
                list(plain.values(by).annotate(**wanted).order_by(by))
                if by
                else [plain.aggregate(**wanted)]
            )
            cursor.execute("SET LOCAL statement_timeout = DEFAULT")
    except OperationalError as error:
        if getattr(error.__cause__, "pgcode", "") != CANCELED:
            raise
        return None
    return [
        Total(field, str(group.get(by, "")), group[f"sum_of_{field}"] or 0)
        for field in fields
        for group in groups
    ]
