"""Read commissions in the order of their updates, without missing one that commits late.

An update gets its time before its commit, so one with an earlier time may appear after a reader
has passed. A reader therefore stops before the start of the oldest transaction that is writing
updates: every update that is still to appear is later than that.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import connection
from django.db.models import QuerySet

from commissions.models import Commission
from common import writers

INSTANT = timedelta(microseconds=1)
"""The precision of times in the database."""

ENTRIES = """
SELECT logged.at, logged.id, entry.number, entry.commission
FROM commissions_commissionupdate AS logged
CROSS JOIN LATERAL
    unnest(logged.commission_ids) WITH ORDINALITY AS entry (commission, number)
WHERE (logged.at, logged.id) >= (%s, %s) AND logged.at < %s
    AND (logged.id <> %s OR entry.number > %s)
ORDER BY logged.at, logged.id, entry.number
LIMIT %s
"""


class Place(NamedTuple):
    """A place in the updates: behind the commission ``number`` (from 1) of an update."""

    at: datetime
    update: int
    number: int


class _Entry(NamedTuple):
    at: datetime
    update: int
    number: int
    commission: int

    @property
    def place(self) -> Place:
        return Place(self.at, self.update, self.number)


@dataclass(frozen=True, slots=True)
class UpdatedPage:
    """Commissions in the order of their updates, each with ``updated_at``.

    ``next``: the place behind them if there are more already. ``read_until``: everything that was
    updated until then has been listed, and nothing can appear there any more.
    """

    rows: list[Commission]
    next: Place | None
    read_until: datetime


def after(moment: datetime) -> Place:
    """Return the place of the first update after a moment."""
    return Place(moment + INSTANT, 0, 0)


def settled_until() -> datetime:
    """Return the time before which no update can appear any more; look it up before reading."""
    return writers.settled_until("commissions_commissionupdate")


def updated_page(rows: QuerySet[Commission], *, start: Place, limit: int) -> UpdatedPage:
    """Return those of ``rows`` among the next ``limit`` updates, in a fixed number of queries.

    A commission that was updated several times may be listed again, as it is now.
    """
    until = settled_until()
    entries = _entries(start, until, limit + 1)
    has_more = len(entries) > limit
    last_by_key: dict[int, _Entry] = {}
    for entry in entries[:limit]:
        last_by_key.pop(entry.commission, None)
        last_by_key[entry.commission] = entry
    known = rows.in_bulk(list(last_by_key))
    page = []
    for key, entry in last_by_key.items():
        if row := known.get(key):
            row.updated_at = entry.at  # type: ignore[attr-defined]
            page.append(row)
    place = entries[limit - 1].place if has_more else None
    passed = place.at if place else until
    return UpdatedPage(page, place, max(passed, start.at) - INSTANT)


def _entries(start: Place, until: datetime, limit: int) -> list[_Entry]:
    with connection.cursor() as cursor:
        cursor.execute(ENTRIES, [start.at, start.update, until, start.update, start.number, limit])
        return [_Entry(*row) for row in cursor.fetchall()]
