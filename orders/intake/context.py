"""Lock the known orders of a batch, then read what the batch is judged by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from catalog.queries import Goods, GoodsQuery, goods_at_each
from common.locks import advisory_lock
from orders.intake.revisions import revises
from orders.models import Order, Refund
from orders.snapshots import OrderSnapshot


@dataclass(frozen=True, slots=True)
class IntakeContext:
    """What is known of the orders, refunds and goods that a batch of snapshots names."""

    orders: dict[str, Order]
    """Known orders by number, locked, with lines, refunds and the buyer's identities."""
    refunds: dict[str, list[Refund]]
    """Known refunds by number, also those of other orders."""
    goods: dict[str, list[Goods | None]]
    """Orders that are new or get other lines, by number: the goods of each line at placement;
    ``None`` for an unknown SKU."""


def load_context(snapshots: Sequence[OrderSnapshot]) -> IntakeContext:
    """Lock the refund numbers and the known orders by ascending id, then read."""
    _lock_refund_numbers(snapshots)
    orders = read_orders(lock_orders([snapshot.number for snapshot in snapshots]))
    with_other_lines = [
        snapshot
        for snapshot in snapshots
        if snapshot.number not in orders or revises(snapshot, orders[snapshot.number])
    ]
    return IntakeContext(orders, read_refunds(snapshots), _read_goods(with_other_lines))


def _lock_refund_numbers(snapshots: Sequence[OrderSnapshot]) -> None:
    """Let no other transaction insert a refund number for another order at the same time."""
    numbers = [refund.number for snapshot in snapshots for refund in snapshot.refunds]
    if numbers:
        advisory_lock(*(f"refund:{number}" for number in numbers))


# In SQL, because every order runs it and Django takes longer to compile it than the database to
# answer: 8 % of the time of a single order.
_LOCK_ORDERS = """
SELECT number FROM orders_order WHERE number = ANY (%s) ORDER BY id FOR NO KEY UPDATE
"""


def lock_orders(numbers: Sequence[str]) -> list[str]:
    """Lock the known ones of ``numbers``.

    A statement that waits for a lock returns the row as it was before: read in another one.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_ORDERS, [list(numbers)])
        return [number for (number,) in cursor.fetchall()]


def read_orders(numbers: Sequence[str]) -> dict[str, Order]:
    """Return the known ones of ``numbers`` with lines, refunds and the buyer's identities."""
    if not numbers:
        return {}
    orders = Order.objects.filter(number__in=numbers).select_related("buyer__merged_into")
    rows = orders.order_by("pk").with_lines()
    identities = "buyer__identities", "buyer__merged_into__identities"
    return {order.number: order for order in rows.prefetch_related(*identities)}


def read_refunds(snapshots: Sequence[OrderSnapshot]) -> dict[str, list[Refund]]:
    """Return the known refunds that the snapshots name, whichever order they belong to."""
    numbers = [refund.number for snapshot in snapshots for refund in snapshot.refunds]
    if not numbers:
        return {}
    refunds: dict[str, list[Refund]] = {}
    for refund in Refund.objects.filter(number__in=numbers).select_related("line__order"):
        refunds.setdefault(refund.number, []).append(refund)
    return refunds


def _read_goods(snapshots: Sequence[OrderSnapshot]) -> dict[str, list[Goods | None]]:
    goods = iter(
        goods_at_each(
            [
                GoodsQuery(line.sku, snapshot.placed_at)
                for snapshot in snapshots
                for line in snapshot.lines
            ]
        )
    )
    return {snapshot.number: [next(goods) for _ in snapshot.lines] for snapshot in snapshots}
