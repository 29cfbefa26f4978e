"""Share what orders leave for awards in money among the incentives that count them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from common.money import BASIS_POINTS
from incentives.metrics import Counted
from incentives.models import Contribution, Policy, Reward, Version
from incentives.order_shares import OnOrder, Shares, share_out
from incentives.runs import rewards_of
from incentives.services.closed_periods import closed_periods


def contributions_beside(rows: Iterable[Contribution]) -> list[Contribution]:
    """Return the other contributions of the orders of these: all share what the order leaves."""
    rows = list(rows)
    orders = {row.order_id for row in rows if row.order_id is not None}
    known = {row.pk for row in rows if row.pk}
    beside = Contribution.objects.filter(order__in=orders).exclude(pk__in=known)
    return list(beside.select_related("version").order_by("pk"))


def share_orders(rows: Collection[Contribution], beside: Collection[Contribution]) -> None:
    """Share what orders leave for awards among all their contributions.

    In a closed period, a row counted now takes at most what it had; a row beside it keeps exactly
    that.

    :param rows: that were counted now
    :param beside: the others of the same orders
    """
    everything = [*rows, *beside]
    most = Policy.current().most_of_an_order
    rewards = rewards_of({row.version_id for row in everything})
    closed = closed_periods(
        {row.incentive_id for row in everything}, {row.period_start for row in everything}
    )
    by_order: dict[int | None, list[tuple[Contribution, OnOrder]]] = defaultdict(list)
    for some, is_beside in ((rows, False), (beside, True)):
        for row in filter(_takes_part, some):
            is_closed = (row.incentive_id, row.period_start) in closed
            on_order = _on_order(
                row, rewards[row.version_id], most, is_closed=is_closed, is_beside=is_beside
            )
            by_order[row.order_id].append((row, on_order))
    for row in rows:
        if not _takes_part(row):
            row.room = row.friend_room = 0
    for pairs in by_order.values():
        shares = share_out(on_order for _row, on_order in pairs)
        for row, _ in pairs:
            row.room, row.friend_room = shares[row.incentive_id]


def shares_if_counted(
    incentive: int,
    terms: tuple[Version, Sequence[Reward]],
    counts: Iterable[Counted],
    costs: Mapping[int, int],
) -> dict[int, Shares]:
    """Return by order how much its awards might come to by terms that are tried.

    What older incentives count of the orders comes first, as if all were completed.

    :param costs: the commissions of the goods by order
    """
    most = Policy.current().most_of_an_order
    version, rewards = terms
    by_order = {
        row.order: [
            OnOrder(
                incentive=incentive, version=version, rewards=rewards, counted=_completed(row),
                room=left_for_awards(row.paid, costs.get(row.order, 0), most),
            )
        ]
        for row in counts
        if row.order is not None
    }  # fmt: skip
    older = Contribution.objects.filter(
        order__in=by_order, incentive__lt=incentive, value__gt=0
    ).select_related("version")
    known = rewards_of(set(older.order_by().values_list("version", flat=True)))
    for row in older:
        if row.order_id is not None and not row.version.is_decided_at_close:
            on_order = _on_order(row, known[row.version_id], most)
            completed = replace(on_order, counted=_completed(on_order.counted))
            by_order[row.order_id].append(completed)
    return {order: share_out(rows)[incentive] for order, rows in by_order.items()}


def left_for_awards(paid: int, commissions: int, most: int) -> int:
    """Return what is left for awards of what was paid, in fen."""
    return max(0, paid * most // BASIS_POINTS - commissions)


def counted_of(row: Contribution) -> Counted:
    return Counted(
        order=row.order_id, proof=row.proof_id, member=row.member_id, subject=row.subject_id,
        value=row.value, paid=row.paid, counted=row.counted, happened_at=row.happened_at,
        counted_at=row.counted_at, period_start=row.period_start,
    )  # fmt: skip


def _takes_part(row: Contribution) -> bool:
    """Return whether it counts an order that gives something before the close."""
    return row.order_id is not None and row.counted and not row.version.is_decided_at_close


def _on_order(
    row: Contribution,
    rewards: Sequence[Reward],
    most: int,
    *,
    is_closed: bool = False,
    is_beside: bool = False,
) -> OnOrder:
    """Return what a contribution counts of its order; in a closed period also what it had."""
    return OnOrder(
        incentive=row.incentive_id, version=row.version, rewards=rewards, counted=counted_of(row),
        room=left_for_awards(row.paid, row.commissions, most),
        kept=Shares(row.room, row.friend_room) if is_closed else None,
        is_fixed=is_closed and is_beside,
    )  # fmt: skip


def _completed(row: Counted) -> Counted:
    return replace(row, counted=True, counted_at=row.happened_at)
