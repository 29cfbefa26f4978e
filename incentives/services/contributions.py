"""Save what orders and proofs contribute, and the sums of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from operator import attrgetter
from typing import Any, NamedTuple

from django.db.models import Q

from common.bulk_insert import insert, update
from incentives.metrics import Counted
from incentives.metrics.commissions import commissions_by_version
from incentives.models import Contribution, Version
from incentives.rewards import basis_for
from incentives.services.closed_periods import closed_periods
from incentives.services.friends import announce_friends, screen_friends
from incentives.services.locks import keep_periods_open
from incentives.services.order_shares import contributions_beside, share_orders
from incentives.services.totals import Added, Changes, Place, Touched, added_by, places_of
from members.persons import survivor_keys

FIELDS = (
    "version_id", "member_id", "subject_id", "period_start", "value", "paid", "commissions",
    "room", "friend_room", "counted", "happened_at", "counted_at",
)  # fmt: skip

State = tuple[Any, ...]


class Source(NamedTuple):
    """What contributes to an incentive: an order or a proof, by primary key."""

    incentive: int
    order: int | None
    proof: int | None


Count = tuple[Version, Counted]
"""What a source counts, and the version that counts it."""
Counts = Mapping[Source, Count | None]
"""What each source counts now; None: nothing."""


def save_contributions(counts: Counts, *, at: datetime) -> Touched:
    """Save what sources count now, and move the sums; the caller has locked the people.

    After the close of a period its contributions stay, unless the terms let refunds lower them.

    :returns: every place that the sources count for, or have counted for, unless it is closed and
        nothing changed
    """
    incentives = {source.incentive for source in counts}
    keep_periods_open(incentives)
    known = _known(counts)
    closed = _closed_periods(incentives, known.values(), counts)
    commissions = _commissions(counts)
    new: list[Contribution] = []
    counted: list[_Recounted] = []
    for source, count in _once_each(counts, known, closed).items():
        row = known.get(source)
        cost = commissions.get((count[0].pk, source.order or 0), 0) if count else 0
        before = _Before.of(row)
        if _is_closed(source, row, count, closed):
            if row is None or not _lower(row, count, cost):
                continue
        elif row is None:
            if count is None:
                continue
            row = _apply(_contribution(source), count, cost)
            new.append(row)
        else:
            _apply(row, count, cost)
        counted.append(_Recounted(row, before))
    counted += _share_orders([row for row, _before in counted])
    announce_friends(new, at=at)
    insert(new)
    update([row for row, before in counted if before.state not in (None, _state(row))], FIELDS)
    screen_friends([found.row for found in counted if found.begins_to_count], at=at)
    return _add_up(counted)


def _share_orders(rows: Sequence[Contribution]) -> list[_Recounted]:
    """Share what the orders of these leave; return others that may give more or less now."""
    beside = [_Recounted(row, _Before.of(row)) for row in contributions_beside(rows)]
    keep_periods_open({row.incentive_id for row, _before in beside})
    share_orders(rows, [row for row, _before in beside])
    return [found for found in beside if found.before.state != _state(found.row)]


def _add_up(counted: Iterable[_Recounted]) -> Touched:
    """Move the sums by what changed; return where contributions count, or have counted."""
    sums = Changes()
    touched: dict[Place, set[str]] = defaultdict(set)
    for row, before in counted:
        after = _Before.of(row)
        sums.move(before.added, added_by(row))
        for place in before.places | after.places:
            touched[place] |= before.bases | after.bases
    sums.save()
    return touched


def _closed_periods(
    incentives: Collection[int], known: Iterable[Contribution], counts: Counts
) -> set[tuple[int, date]]:
    """Return the closed ones of the periods in which the sources count or have counted."""
    periods = {row.period_start for row in known}
    periods |= {count[1].period_start for count in counts.values() if count}
    return closed_periods(incentives, periods)


def _once_each(
    counts: Counts, known: Mapping[Source, Contribution], closed: Collection[tuple[int, date]]
) -> Counts:
    """Drop a person who already counts in a closed period by another order.

    An order that was only coming when its period was closed bars no other.
    """
    counted = {
        (source.incentive, row.subject_id): source
        for source, row in known.items()
        if row.subject_id and row.value and row.counted
        and (source.incentive, row.period_start) in closed
        and (counts.get(source) or not row.version.takes_back_after_close)
    }  # fmt: skip
    # What an account had when its period was closed stays there, whoever it was merged into.
    persons = survivor_keys({who for _, who in counted if who})
    counted = {(key, persons[who]): source for (key, who), source in counted.items() if who}

    def is_other(source: Source, count: Count | None) -> bool:
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


def _commissions(counts: Counts) -> dict[tuple[int, int], int]:
    """Return the commissions by version and order: they lower what is left for awards in money."""
    return commissions_by_version(
        [
            (count[0].pk, source.order)
            for source, count in counts.items()
            if count and source.order is not None
        ]
    )


def _is_closed(
    source: Source,
    row: Contribution | None,
    count: Count | None,
    closed: Collection[tuple[int, date]],
) -> bool:
    """Return whether the period in which it counts, or counted, is closed."""
    periods = {row.period_start} if row else set()
    periods |= {count[1].period_start} if count else set()
    return any((source.incentive, period) in closed for period in periods)


def _lower(row: Contribution, count: Count | None, commissions: int) -> bool:
    """Lower a contribution of a closed period if its terms allow it; return whether it changed."""
    value, paid = (count[1].value, count[1].paid) if count else (0, 0)
    lower = min(value, row.value), min(paid, row.paid)
    may_lower = row.version.takes_back_after_close and row.counted
    if not may_lower or lower == (row.value, row.paid):
        return False
    (row.value, row.paid), row.commissions = lower, commissions
    return True


def _apply(row: Contribution, count: Count | None, commissions: int) -> Contribution:
    """Set what a contribution counts; without anything it keeps its place and counts nothing."""
    if count is None:
        row.value = row.paid = row.commissions = 0
        row.counted, row.counted_at = False, None
        return row
    version, counted = count
    row.version = version
    row.member_id, row.subject_id = counted.member, counted.subject
    row.period_start = counted.period_start
    row.value, row.paid, row.commissions = counted.value, counted.paid, commissions
    row.counted, row.counted_at = counted.counted, counted.counted_at
    row.happened_at = counted.happened_at
    return row


_state: Callable[[Contribution], State] = attrgetter(*FIELDS)


@dataclass(frozen=True, slots=True)
class _Before:
    """Where a contribution counts, for what, and what it adds to the sums there; and its state."""

    places: set[Place]
    bases: set[str]
    added: Added | None
    state: State | None

    @classmethod
    def of(cls, row: Contribution | None) -> _Before:
        """Return what it does as it is now."""
        if row is None:
            return cls(set(), set(), None, None)
        return cls(
            places_of(row),
            {basis_for(order=row.order_id, subject=row.subject_id, proof=row.proof_id)},
            added_by(row),
            _state(row),
        )


class _Recounted(NamedTuple):
    """A contribution that was counted again, and what it did before."""

    row: Contribution
    before: _Before

    @property
    def begins_to_count(self) -> bool:
        """Whether its order counts now, and did not before."""
        counted_before = self.before.added is not None and self.before.added.sums.orders > 0
        return added_by(self.row).sums.orders > 0 and not counted_before
