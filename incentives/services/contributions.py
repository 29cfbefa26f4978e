"""Save what orders and proofs contribute, and the sums of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Q

from common.bulk_insert import insert, update
from incentives.metrics import Counted
from incentives.models import Contribution, PeriodClosing, Version
from incentives.services.friends import announce_friends
from incentives.services.locks import keep_periods_open

FIELDS = (
    "version_id", "member_id", "subject_id", "period_start", "value", "paid", "counted",
    "happened_at", "counted_at",
)  # fmt: skip


class Place(NamedTuple):
    """A member's period in an incentive, by primary keys: where contributions add up."""

    incentive: int
    member: int
    period_start: date


class Source(NamedTuple):
    """What contributes to an incentive: an order or a proof, by primary key."""

    incentive: int
    order: int | None
    proof: int | None


Counts = Mapping[Source, tuple[Version, Counted] | None]
"""What each source counts now; None: nothing."""


def save_contributions(counts: Counts, *, at: datetime) -> set[Place]:
    """Save what sources count now, and sum it up; the caller has locked the people.

    After the close of a period its contributions stay, unless the terms let refunds lower them.

    :returns: every place that the sources count for, or have counted for, unless it is closed and
        nothing changed
    """
    incentives = {source.incentive for source in counts}
    keep_periods_open(incentives)
    known = _known(counts)
    closed = set(
        PeriodClosing.objects.filter(incentive__in=incentives).values_list(
            "incentive", "period_start"
        )
    )
    new: list[Contribution] = []
    changed: list[Contribution] = []
    places: set[Place] = set()
    for source, count in _once_each(counts, known, closed).items():
        row = known.get(source)
        before = _places(row) if row else set()
        if _is_closed(source, row, count, closed):
            if row is None or not _lower(row, count):
                continue
            changed.append(row)
        elif row is None:
            if count is None:
                continue
            row = _apply(_contribution(source), count)
            new.append(row)
        elif _state(row) != _state(_apply(row, count)):
            changed.append(row)
        places |= before | _places(row)
    announce_friends(new, at=at)
    insert(new)
    update(changed, FIELDS)
    sum_up(places)
    return places


def _once_each(
    counts: Counts, known: Mapping[Source, Contribution], closed: Collection[tuple[int, date]]
) -> Counts:
    """Leave out who counts in a closed period already, by an order that stays counted there."""
    counted = {
        (source.incentive, row.subject_id): source
        for source, row in known.items()
        if row.subject_id and row.value and (source.incentive, row.period_start) in closed
        and (counts.get(source) or not row.version.takes_back_after_close)
    }  # fmt: skip

    def is_other(source: Source, count: tuple[Version, Counted] | None) -> bool:
        subject = count[1].subject if count else None
        return subject is not None and counted.get((source.incentive, subject), source) != source

    return {source: None if is_other(source, count) else count for source, count in counts.items()}


def _contribution(source: Source) -> Contribution:
    return Contribution(incentive_id=source.incentive, order_id=source.order, proof_id=source.proof)


def _known(counts: Counts) -> dict[Source, Contribution]:
    incentives = {source.incentive for source in counts}
    orders = [source.order for source in counts if source.order is not None]
    proofs = [source.proof for source in counts if source.proof is not None]
    rows = Contribution.objects.filter(
        Q(order__in=orders) | Q(proof__in=proofs), incentive__in=incentives
    ).select_related("version")
    return {Source(row.incentive_id, row.order_id, row.proof_id): row for row in rows}


def _is_closed(
    source: Source,
    row: Contribution | None,
    count: tuple[Version, Counted] | None,
    closed: Collection[tuple[int, date]],
) -> bool:
    """Return whether the period in which it counts, or counted, is closed."""
    periods = {row.period_start} if row else set()
    periods |= {count[1].period_start} if count else set()
    return any((source.incentive, period) in closed for period in periods)


def _lower(row: Contribution, count: tuple[Version, Counted] | None) -> bool:
    """Lower a contribution of a closed period if its terms allow it; return whether it changed."""
    value, paid = (count[1].value, count[1].paid) if count else (0, 0)
    lower = min(value, row.value), min(paid, row.paid)
    may_lower = row.version.takes_back_after_close and row.counted
    if not may_lower or lower == (row.value, row.paid):
        return False
    row.value, row.paid = lower
    return True


def _apply(row: Contribution, count: tuple[Version, Counted] | None) -> Contribution:
    """Set what a contribution counts; without anything it keeps its place and counts nothing."""
    if count is None:
        row.value = row.paid = 0
        row.counted, row.counted_at = False, None
        return row
    version, counted = count
    row.version = version
    row.member_id, row.subject_id = counted.member, counted.subject
    row.period_start = counted.period_start
    row.value, row.paid = counted.value, counted.paid
    row.counted, row.counted_at = counted.counted, counted.counted_at
    row.happened_at = counted.happened_at
    return row


def _state(row: Contribution) -> tuple[Any, ...]:
    return tuple(getattr(row, name) for name in FIELDS)


def _places(row: Contribution) -> set[Place]:
    """Return where a contribution counts: for who earns it, and for the friend it is about."""
    people = {row.member_id, row.subject_id or row.member_id}
    return {Place(row.incentive_id, member, row.period_start) for member in people}


def sum_up(places: Collection[Place]) -> None:
    """Bring progress to the sums of the contributions; nobody gets a row without any."""
    if not places:
        return
    with connection.cursor() as cursor:
        cursor.execute(_SUM_UP, [list(column) for column in zip(*places, strict=True)])


_SUM_UP = """
INSERT INTO incentives_progress AS known (incentive_id, member_id, period_start, value, coming)
SELECT place.incentive, place.member, place.period,
    coalesce(sum(counts.value) FILTER (WHERE counts.counted), 0),
    coalesce(sum(counts.value) FILTER (WHERE NOT counts.counted), 0)
FROM unnest(%s::bigint[], %s::bigint[], %s::date[]) AS place (incentive, member, period)
LEFT JOIN incentives_contribution AS counts ON counts.incentive_id = place.incentive
    AND counts.member_id = place.member AND counts.period_start = place.period
GROUP BY 1, 2, 3
HAVING count(counts.id) > 0 OR EXISTS (
    SELECT FROM incentives_progress AS before WHERE before.incentive_id = place.incentive
        AND before.member_id = place.member AND before.period_start = place.period
)
ORDER BY 1, 2, 3
ON CONFLICT (incentive_id, member_id, period_start) DO UPDATE
SET value = excluded.value, coming = excluded.coming
WHERE (known.value, known.coming) IS DISTINCT FROM (excluded.value, excluded.coming)
"""
