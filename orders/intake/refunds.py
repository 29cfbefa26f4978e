"""Insert and update refunds, and add them up on their lines."""

from __future__ import annotations

from collections.abc import Sequence

from distribution.services import Purchase, record_purchases
from orders.intake.update import merge
from orders.models import Order, OrderLine, Refund
from orders.snapshots import OrderSnapshot, RefundSnapshot


def save_refunds(
    snapshots: Sequence[OrderSnapshot], orders: dict[str, Order], known: dict[str, Refund]
) -> list[Order]:
    """Insert new refunds and set new times of known ones.

    :param orders: all orders of the snapshots, by number
    :returns: the changed orders
    """
    given = [
        (orders[snapshot.number], refund) for snapshot in snapshots for refund in snapshot.refunds
    ]
    if not given:
        return []
    lines = {
        (line.order_id, line.number): line
        for line in OrderLine.objects.filter(order__in={order.pk for order, _ in given})
    }
    new, merged, changed = [], [], {}
    for order, snapshot in given:
        refund = known.get(snapshot.number)
        if refund is None:
            new.append(_build_refund(snapshot, lines[order.pk, snapshot.line]))
        elif merge(refund, snapshot):
            merged.append(refund)
        else:
            continue
        changed[order.pk] = order
    Refund.objects.bulk_create(new)
    Refund.objects.bulk_update(merged, list(Refund.EVENT_TIMES))
    _add_up([line for line in lines.values() if line.order_id in changed], changed)
    return list(changed.values())


def _build_refund(snapshot: RefundSnapshot, line: OrderLine) -> Refund:
    return Refund(
        number=snapshot.number,
        line=line,
        quantity=snapshot.quantity,
        amount=snapshot.amount,
        freight=snapshot.freight,
        reason=snapshot.reason,
        requested_at=snapshot.requested_at,
        **{name: getattr(snapshot, name) for name in Refund.EVENT_TIMES},
    )


def _add_up(lines: list[OrderLine], orders: dict[int, Order]) -> None:
    """Set the lines' refund sums; reduce what the buyers of completed orders have bought."""
    done = Refund.objects.filter(line__in=lines, done_at__isnull=False)
    sums: dict[int, list[int]] = {line.pk: [0, 0] for line in lines}
    for key, quantity, amount in done.values_list("line", "quantity", "amount"):
        sums[key][0] += quantity
        sums[key][1] += amount
    purchases, reduced = [], set[int]()
    for line in lines:
        quantity, amount = sums[line.pk]
        order = orders[line.order_id]
        if order.completed_at and amount > line.refunded_amount:
            purchases.append(Purchase(order.buyer_id, spend=line.refunded_amount - amount))
            reduced.add(line.order_id)
        line.refunded_quantity, line.refunded_amount = quantity, amount
    OrderLine.objects.bulk_update(lines, ["refunded_quantity", "refunded_amount"])
    # A completed order that is refunded in full no longer counts.
    purchases += [
        Purchase(orders[key].buyer_id, orders=-1)
        for key in reduced
        if not any(line.remaining_paid for line in lines if line.order_id == key)
    ]
    record_purchases(purchases)
