"""Compare the status of each order with its times: those of the files, and the stored ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from integration.mall.files import Files
from integration.mall.local_time import format_time
from integration.mall.problems import STATUS, Problem
from integration.mall.sheets import Row
from orders.models import Order

BATCH_SIZE = 500
REACHED = {"closed_at": {"closed"}, "received_at": {"received", "completed"},
           "shipped_at": {"shipped"}, "paid_at": {"paid"}}  # fmt: skip
"""The statuses that an order may have by the last time it has; ``placed`` without any."""
COLUMN_OF = {status: name for name, statuses in REACHED.items() for status in statuses}

Times = dict[str, datetime | None]


def find_status_contradictions(files: Files) -> Iterator[Problem]:
    orders = list({row["order_no"]: row for row in reversed(files.orders.rows)}.values())
    for start in range(0, len(orders), BATCH_SIZE):
        batch = orders[start : start + BATCH_SIZE]
        stored = _stored_times([row["order_no"] for row in batch])
        for row in batch:
            yield from _compare(row, stored.get(row["order_no"], {}))


def _stored_times(numbers: Sequence[str]) -> dict[str, Times]:
    rows = Order.objects.filter(number__in=numbers).values("number", *REACHED)
    return {row.pop("number"): row for row in rows}


def _compare(row: Row, stored: Times) -> Iterator[Problem]:
    own: Times = row.pick(*REACHED)
    if row["status"] not in _statuses(own):
        yield row.problem("status", _own_contradiction(row["status"], own), STATUS)
        return
    known = {name: own[name] or stored.get(name) for name in REACHED}
    if row["status"] not in _statuses(known):
        name, at = _last(known)
        message = _("is “%(status)s”, but %(column)s is stored: %(time)s") % {
            "status": row["status"], "column": name, "time": format_time(at),
        }  # fmt: skip
        yield row.problem("status", message, STATUS)


def _statuses(times: Times) -> set[str]:
    return next((REACHED[name] for name in REACHED if times[name]), {"placed"})


def _last(times: Times) -> tuple[str, Any]:
    return next((name, times[name]) for name in REACHED if times[name])


def _own_contradiction(status: str, own: Times) -> str:
    column = COLUMN_OF.get(status)
    if column and not own[column]:
        return _("is “%(status)s”, but %(column)s is empty") % {"status": status, "column": column}
    name, at = _last(own)
    return _("is “%(status)s”, but %(column)s is %(time)s") % {
        "status": status, "column": name, "time": format_time(at),
    }  # fmt: skip
