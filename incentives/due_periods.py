"""Find the periods of incentives that are to be closed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from django.db.models import Max

from common.clock import day_start
from events.queries import has_undelivered, undelivered_subjects
from incentives.models import PeriodClosing, Progress, Version
from incentives.models.incentive import PeriodKind
from incentives.periods import (
    Span,
    closes_at,
    counting_version,
    period_version,
    span_of,
    start_of,
)
from orders.models import Order

PATIENCE = timedelta(hours=1)
"""So long a close waits for facts from before it that no worker has followed yet."""
COUNTER = "incentives.followers.count_orders"
MERGER = "incentives.followers.follow_merges"


@dataclass(frozen=True, slots=True)
class DuePeriod:
    """A period that ended and is not closed. ``version`` is the one that counts in it."""

    version: Version
    span: Span
    closes: datetime


def due_periods(*, at: datetime) -> Iterator[DuePeriod]:
    """Return the periods that are to be closed at this moment, those of an incentive in order."""
    rows = (
        Version.objects.published()
        .exclude(period=PeriodKind.EACH)
        .filter(starts_at__lte=at)
        .select_related("incentive")
        .order_by("incentive_id", "starts_at", "number")
    )
    closed = dict(
        PeriodClosing.objects.order_by().values_list("incentive").annotate(Max("period_start"))
    )
    for incentive, versions in groupby(rows, key=lambda row: row.incentive_id):
        for due in _ended(list(versions), closed.get(incentive), at):
            if _waits_for_facts(due, at):
                break  # the later periods of the incentive come after it
            yield due


def left_out(due: DuePeriod) -> dict[str, int]:
    """Return how many orders of a period, and merges of participants, no worker has followed.

    :returns: by name, without noughts
    """
    orders = Order.objects.filter(
        public_id__in=undelivered_subjects(COUNTER, before=due.closes), **_paid_in(due.span)
    )
    merged = Progress.objects.filter(
        incentive=due.version.incentive_id, period_start=due.span.start,
        member__public_id__in=undelivered_subjects(MERGER, before=due.closes),
    )  # fmt: skip
    found = {"orders": orders.count(), "merged": merged.count()}
    return {name: count for name, count in found.items() if count}


def version_of_period(incentive: int, period_start: date) -> Version:
    """Return the version that counts in a closed period of an incentive."""
    versions = Version.objects.published().filter(incentive=incentive).select_related("incentive")
    version = period_version(list(versions), period_start)
    assert version, "only a period in which a version counts is closed"
    return version


def _ended(versions: Sequence[Version], closed: date | None, at: datetime) -> Iterator[DuePeriod]:
    """Return the periods of an incentive after the last closed one whose close has come."""
    moment: datetime | None = start_of(versions[0])
    if closed:
        moment = max(start_of(versions[0]), day_start(closed))
    while moment:
        version = counting_version(versions, moment)
        if version is None:  # it had ended; perhaps another version started later
            moment = _next_start(versions, moment)
            continue
        span = span_of(version, moment)
        closes = closes_at(version, span)
        if closes is None or span.end is None or closes > at:
            return
        if closed is None or span.start > closed:
            yield DuePeriod(version, span, closes)
        moment = day_start(span.end)


def _next_start(versions: Sequence[Version], after: datetime) -> datetime | None:
    return next((start for row in versions if (start := start_of(row)) > after), None)


def _waits_for_facts(due: DuePeriod, at: datetime) -> bool:
    """Return whether orders of the period are still to be completed or counted, or moved.

    Orders of a merged member move to the survivor.
    """
    if at >= due.closes + PATIENCE:
        return False
    if any(has_undelivered(follower, before=due.closes) for follower in (COUNTER, MERGER)):
        return True
    uncompleted = Order.objects.filter(
        release_at__lt=due.closes, completed_at=None, **_paid_in(due.span)
    )
    return uncompleted.exists()


def _paid_in(span: Span) -> dict[str, datetime]:
    assert span.end, "only what has ended is closed"
    return {"paid_at__gte": day_start(span.start), "paid_at__lt": day_start(span.end)}
