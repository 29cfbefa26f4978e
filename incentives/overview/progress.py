"""How far a member is in the present period of incentives, and what is missing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Q, Sum

from common import clock
from incentives.models import Award, Progress, Reward, Version
from incentives.models.incentive import PeriodKind
from incentives.periods import Span, closes_as_a_whole, closes_at, span_of
from members.models import Member

DAY = timedelta(days=1)
MOMENT = timedelta(microseconds=1)
Side, Reach = Reward.Side, Version.Reach


@dataclass(frozen=True, slots=True)
class OwnProgress:
    """Fen or pieces of the present period; of incentives for each order, since it began."""

    first_day: date
    last_day: date | None
    """``None``: the incentive has no end."""
    counts_until: datetime | None
    """Orders must be paid before."""
    final_at: datetime | None
    """When the period closes; ``None``: each order for itself."""
    value: int
    coming: int
    """Of orders that are paid and not completed yet."""
    next_at: int | None
    """The value at which something is given next; ``None``: nothing more, or by rank."""
    awards: int
    """How many the member has got in this period."""

    @property
    def missing(self) -> int | None:
        return None if self.next_at is None else max(0, self.next_at - self.value)


def own_progress(
    versions: Collection[Version], member: Member, *, at: datetime
) -> dict[int, OwnProgress]:
    """Return a member's progress by version, in a constant number of queries."""
    spans = {version.pk: span_of(version, last_moment(version, at)) for version in versions}
    sums = _sums(versions, spans, member)
    counts = _award_counts(versions, spans, member)
    return {
        version.pk: _progress(
            version, spans[version.pk], *sums[version.incentive_id],
            awards=counts[version.incentive_id],
        )
        for version in versions
    }  # fmt: skip


def _progress(version: Version, span: Span, value: int, coming: int, *, awards: int) -> OwnProgress:
    end = None if version.period == PeriodKind.EACH else span.end
    return OwnProgress(
        first_day=span.start,
        last_day=end - DAY if end else None,
        counts_until=_counts_until(version, end),
        final_at=closes_at(version, span) if closes_as_a_whole(version) else None,
        value=value,
        coming=coming,
        next_at=next_at(version, version.rewards.all(), value),
        awards=awards,
    )


def last_moment(version: Version, at: datetime) -> datetime:
    """Return now, or the last moment in which orders counted."""
    until = version.counts_until
    return at if until is None else min(at, until - MOMENT)


def next_at(version: Version, rewards: Iterable[Reward], value: int) -> int | None:
    """Return the value at which an incentive gives something next; ``None``: no such value.

    :param value: what counts so far
    """
    steps = sorted(row.threshold or 1 for row in rewards if row.side == Side.EARNER)
    if not steps or version.reach in (Reach.RANK, Reach.EACH):
        return None
    if version.reach == Reach.EVERY:
        most = version.most_per_member
        reached = value // steps[0]
        return None if most is not None and reached >= most else (reached + 1) * steps[0]
    return next((step for step in steps if step > value), None)


def _counts_until(version: Version, end: date | None) -> datetime | None:
    ends = (version.counts_until, clock.day_start(end) if end else None)
    return min((moment for moment in ends if moment is not None), default=None)


def _of_periods(versions: Collection[Version], spans: dict[int, Span]) -> Q:
    """Return the condition on the rows of the present periods; for each order, on all."""
    condition = Q(pk=None)
    for version in versions:
        of_version = Q(incentive=version.incentive_id)
        if version.period != PeriodKind.EACH:
            of_version &= Q(period_start=spans[version.pk].start)
        condition |= of_version
    return condition


def _sums(
    versions: Collection[Version], spans: dict[int, Span], member: Member
) -> dict[int, tuple[int, int]]:
    rows = (
        Progress.objects.filter(
            _of_periods(versions, spans), member__in=Member.objects.of_person(member.pk)
        )
        .order_by()
        .values_list("incentive_id")
        .annotate(Sum("value"), Sum("coming"))
    )
    found: dict[int, tuple[int, int]] = defaultdict(lambda: (0, 0))
    found.update({incentive: (value, coming) for incentive, value, coming in rows})
    return found


def _award_counts(
    versions: Collection[Version], spans: dict[int, Span], member: Member
) -> dict[int, int]:
    rows = Award.objects.visible_to(member).filter(
        _of_periods(versions, spans), status=Award.Status.GRANTED
    )
    rows = rows.without_cancelled_gifts().order_by()
    return defaultdict(int, rows.values_list("incentive_id").annotate(Count("pk")))
