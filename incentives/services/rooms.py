"""Set how much of an order the awards of each incentive may come to, in money."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from incentives.metrics import Counted
from incentives.models import Contribution, PeriodClosing, Policy, Reward, Version
from incentives.models.incentive import Metric
from incentives.order_shares import OnOrder, Shares, share_out
from incentives.rewards import BASIS_POINTS
from incentives.runs import rewards_of


def contributions_beside(rows: Iterable[Contribution]) -> list[Contribution]:
    """Return the other contributions of the orders of these: all share what the order can give."""
    rows = list(rows)
    orders = {row.order_id for row in rows if row.order_id is not None}
    known = {row.pk for row in rows if row.pk}
    beside = Contribution.objects.filter(order__in=orders).exclude(pk__in=known)
    return list(beside.select_related("version").order_by("pk"))


def set_rooms(rows: Collection[Contribution], beside: Collection[Contribution]) -> None:
    """Share what orders can give among all their contributions.

    What counts in a closed period takes at most what it had, or exactly that.

    :param rows: that were counted now
    :param beside: the others of the same orders
    """
    most = Policy.current().most_of_an_order
    rewards = rewards_of({row.version_id for row in [*rows, *beside]})
    closed = _closed_periods([*rows, *beside])
    by_order: dict[int, list[tuple[Contribution, OnOrder]]] = defaultdict(list)
    for row, is_beside in [*((row, False) for row in rows), *((row, True) for row in beside)]:
        kept = None
        if (row.incentive_id, row.period_start) in closed:
            kept = Shares(row.room, row.friend_room)
        if row.order_id is not None and row.counted and not is_decided_at_close(row.version):
            on_order = OnOrder(
                row.incentive_id, row.version, rewards[row.version_id], counted_of(row),
                room_of(row.paid, row.commissions, most), kept, is_beside and kept is not None,
            )  # fmt: skip
            by_order[row.order_id].append((row, on_order))
        elif not is_beside:
            row.room = row.friend_room = 0
    for pairs in by_order.values():
        shares = share_out(on_order for _row, on_order in pairs)
        for row, _on_order in pairs:
            row.room, row.friend_room = shares[row.incentive_id]


def rooms_if_counted(
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
    by_order = {
        row.order: [
            OnOrder(
                incentive, *terms, _completed(row), room_of(row.paid, costs.get(row.order, 0), most)
            )
        ]
        for row in counts
        if row.order is not None
    }
    older = Contribution.objects.filter(
        order__in=by_order, incentive__lt=incentive, value__gt=0
    ).select_related("version")
    known = rewards_of(set(older.order_by().values_list("version", flat=True)))
    for row in older:
        if row.order_id is not None and not is_decided_at_close(row.version):
            room = room_of(row.paid, row.commissions, most)
            by_order[row.order_id].append(
                OnOrder(
                    row.incentive_id,
                    row.version,
                    known[row.version_id],
                    _completed(counted_of(row)),
                    room,
                )
            )
    return {order: share_out(rows)[incentive] for order, rows in by_order.items()}


def is_decided_at_close(version: Version) -> bool:
    """Return whether awards are decided at the close: prizes and pools grow with no order."""
    return version.reach == Version.Reach.RANK or version.metric == Metric.TEAM_POOL


def room_of(paid: int, commissions: int, most: int) -> int:
    """Return what is left for awards of what was paid, in fen."""
    return max(0, paid * most // BASIS_POINTS - commissions)


def counted_of(row: Contribution) -> Counted:
    return Counted(
        order=row.order_id, proof=row.proof_id, member=row.member_id, subject=row.subject_id,
        value=row.value, paid=row.paid, counted=row.counted, happened_at=row.happened_at,
        counted_at=row.counted_at, period_start=row.period_start,
    )  # fmt: skip


def _completed(row: Counted) -> Counted:
    return replace(row, counted=True, counted_at=row.happened_at)


def _closed_periods(rows: Iterable[Contribution]) -> set[tuple[int, object]]:
    saved = [row for row in rows if row.pk]
    closings = PeriodClosing.objects.filter(
        incentive__in={row.incentive_id for row in saved},
        period_start__in={row.period_start for row in saved},
    )
    return set(closings.values_list("incentive", "period_start"))
