"""Move the stored sums of contributions by what changed in them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from operator import add, sub
from typing import NamedTuple

from django.db import connection

from incentives.models import Contribution, Progress


class Place(NamedTuple):
    """A member's period in an incentive, by primary keys: where contributions add up."""

    incentive: int
    member: int
    period_start: date


Touched = Mapping[Place, Collection[str]]
"""Where something changed, and the bases of what may be due there for it, see ``basis_for``."""


class Sums(NamedTuple):
    """The columns ``Progress.SUMS``, or what is added to them."""

    value: int = 0
    coming: int = 0
    orders: int = 0
    coming_orders: int = 0
    paid: int = 0
    commissions: int = 0
    room: int = 0

    def __add__(self, other: Sums) -> Sums:  # type: ignore[override]  # sums, not a longer tuple
        return Sums(*map(add, self, other))

    def __sub__(self, other: Sums) -> Sums:
        return Sums(*map(sub, self, other))


class Added(NamedTuple):
    """What a contribution adds to the sums of its place."""

    place: Place
    sums: Sums


def added_by(row: Contribution) -> Added:
    """Return what a contribution adds, as it is now; a proof adds no order."""
    place = Place(row.incentive_id, row.member_id, row.period_start)
    orders = int(row.order_id is not None and row.value > 0)
    if not row.counted:
        return Added(place, Sums(coming=row.value, coming_orders=orders))
    return Added(
        place,
        Sums(
            value=row.value, orders=orders, paid=row.paid, commissions=row.commissions,
            room=row.room,
        ),
    )  # fmt: skip


def places_of(row: Contribution) -> set[Place]:
    """Return where a contribution counts: for who earns, and for the friend."""
    people = {row.member_id, row.subject_id or row.member_id}
    return {Place(row.incentive_id, member, row.period_start) for member in people}


def total(rows: Iterable[Contribution]) -> Sums:
    """Return what contributions add up to."""
    return sum((added_by(row).sums for row in rows), Sums())


class Changes:
    """What contributions add to the sums of places, less what they added before."""

    def __init__(self) -> None:
        self._sums: dict[Place, Sums] = defaultdict(Sums)

    def move(self, before: Added | None, after: Added) -> None:
        """Take out what a contribution added before, and put in what it adds now."""
        if before == after:
            return
        if before:
            self._sums[before.place] -= before.sums
        self._sums[after.place] += after.sums

    def save(self) -> None:
        """Add the changes to the stored sums in one statement; the caller has locked the people."""
        rows = [(*place, *sums) for place, sums in sorted(self._sums.items()) if any(sums)]
        if rows:
            with connection.cursor() as cursor:
                cursor.execute(_ADD, [list(column) for column in zip(*rows, strict=True)])


def sum_up(places: Collection[Place]) -> None:
    """Set the stored sums of places from all their contributions, as after a merge."""
    if not places:
        return
    with connection.cursor() as cursor:
        cursor.execute(_SUM_UP, [list(column) for column in zip(*places, strict=True)])


def sums_at(places: Iterable[Place]) -> dict[Place, Sums]:
    """Return the stored sums; places without contributions are missing."""
    wanted = list(places)
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_SUMS, [list(column) for column in zip(*wanted, strict=True)])
        return {Place(*row[:3]): Sums(*row[3:]) for row in cursor.fetchall()}


_COLUMNS = ", ".join(Progress.SUMS)
_PLACES = "unnest(%s::bigint[], %s::bigint[], %s::date[]) AS place (incentive, member, period)"
_CHANGED = f"SET ({_COLUMNS}) = ({', '.join(f'excluded.{name}' for name in Progress.SUMS)})"
_OF_PLACE = """
    known.incentive_id = place.incentive AND known.member_id = place.member
    AND known.period_start = place.period
"""
# Not ``value + excluded.value``: the checks refuse a negative row before the conflict is found.
_ADD = f"""
INSERT INTO incentives_progress (incentive_id, member_id, period_start, {_COLUMNS})
SELECT place.incentive, place.member, place.period,
    {", ".join(f"coalesce(known.{name}, 0) + place.{name}" for name in Progress.SUMS)}
FROM unnest(
    %s::bigint[], %s::bigint[], %s::date[], {", ".join(["%s::bigint[]"] * len(Progress.SUMS))}
) AS place (incentive, member, period, {_COLUMNS})
LEFT JOIN incentives_progress AS known ON {_OF_PLACE}
ORDER BY 1, 2, 3
ON CONFLICT (incentive_id, member_id, period_start) DO UPDATE {_CHANGED}
"""  # noqa: S608
# Keep in step with ``added_by``: ``award_controls`` compares both.
_SUMMED = """
    coalesce(sum(counts.value) FILTER (WHERE counts.counted), 0) AS value,
    coalesce(sum(counts.value) FILTER (WHERE NOT counts.counted), 0) AS coming,
    count(counts.order_id) FILTER (WHERE counts.counted AND counts.value > 0) AS orders,
    count(counts.order_id) FILTER (WHERE NOT counts.counted AND counts.value > 0) AS coming_orders,
    coalesce(sum(counts.paid) FILTER (WHERE counts.counted), 0) AS paid,
    coalesce(sum(counts.commissions) FILTER (WHERE counts.counted), 0) AS commissions,
    coalesce(sum(counts.room) FILTER (WHERE counts.counted), 0) AS room
"""
_SUM_UP = f"""
INSERT INTO incentives_progress (incentive_id, member_id, period_start, {_COLUMNS})
SELECT place.incentive, place.member, place.period, {_SUMMED}
FROM {_PLACES}
LEFT JOIN incentives_contribution AS counts ON counts.incentive_id = place.incentive
    AND counts.member_id = place.member AND counts.period_start = place.period
GROUP BY 1, 2, 3
HAVING count(counts.id) > 0
    OR EXISTS (SELECT FROM incentives_progress AS known WHERE {_OF_PLACE})
ORDER BY 1, 2, 3
ON CONFLICT (incentive_id, member_id, period_start) DO UPDATE {_CHANGED}
"""  # noqa: S608
_SUMS = f"""
SELECT known.incentive_id, known.member_id, known.period_start, {_COLUMNS}
FROM {_PLACES} JOIN incentives_progress AS known ON {_OF_PLACE}
"""  # noqa: S608
