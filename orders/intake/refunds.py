"""Insert and update refunds, and add them up on their lines."""

from __future__ import annotations

from collections.abc import Sequence

from common.bulk_insert import insert, update
from distribution.services import Purchase
from orders.intake.revisions import is_outdated, refund_kind
from orders.intake.update import merge
from orders.models import Order, OrderLine, Refund
from orders.snapshots import OrderSnapshot, RefundSnapshot

NEGOTIATED = ("kind", "revision", "quantity", "amount", "freight", "reason")
"""What may change until a refund is done."""


def save_refunds(
    snapshots: Sequence[OrderSnapshot], orders: dict[str, Order], known: dict[str, list[Refund]]
) -> tuple[list[Order], list[Purchase]]:
    """Insert new refunds; set new times, and until they are done new amounts, of known ones.

    :param orders: all orders of the snapshots, by number
    :returns: the changed orders, and what their buyers have bought less
    """
    given = [
        (orders[snapshot.number], refund) for snapshot in snapshots for refund in snapshot.refunds
    ]
    if not given:
        return [], []
    lines = {
        (line.order_id, line.number): line
        for line in OrderLine.objects.filter(order__in={order.pk for order, _ in given})
    }
    new, merged, changed = [], [], {}
    known_by_line = {(row.number, row.line.number): row for rows in known.values() for row in rows}
    for order, snapshot in given:
        refund = known_by_line.get((snapshot.number, snapshot.line))
        if refund is None:
            new.append(_build_refund(snapshot, lines[order.pk, snapshot.line]))
        elif is_outdated(snapshot, refund):
            continue
        elif _renegotiate(refund, snapshot) | merge(refund, snapshot):
            merged.append(refund)
        else:
            continue
        changed[order.pk] = order
    insert(new)
    update(merged, [*NEGOTIATED, *Refund.EVENT_TIMES])
    purchases = add_up([line for line in lines.values() if line.order_id in changed], changed)
    return list(changed.values()), purchases


def _renegotiate(refund: Refund, snapshot: RefundSnapshot) -> bool:
    """Set what the snapshot changes of a refund that is not done; return whether anything."""
    if refund.done_at:
        return False
    values = {name: getattr(snapshot, name) for name in NEGOTIATED}
    values["kind"] = refund_kind(snapshot, refund)
    if snapshot.revision is None:
        values["revision"] = refund.revision
    changed = {name: value for name, value in values.items() if value != getattr(refund, name)}
    for name, value in changed.items():
        setattr(refund, name, value)
    return bool(changed)


def _build_refund(snapshot: RefundSnapshot, line: OrderLine) -> Refund:
    return Refund(
        number=snapshot.number,
        line=line,
        requested_at=snapshot.requested_at,
        **{name: getattr(snapshot, name) for name in (*NEGOTIATED, *Refund.EVENT_TIMES)}
        | {"kind": refund_kind(snapshot)},
    )


def add_up(lines: list[OrderLine], orders: dict[int, Order]) -> list[Purchase]:
    """Set the lines' refund sums.

    :returns: what the buyers of completed orders have bought less, to be recorded once for all
    """
    done = Refund.objects.counted().filter(line__in=lines)
    sums: dict[int, list[int]] = {line.pk: [0, 0] for line in lines}
    for key, quantity, amount in done.values_list("line", "quantity", "amount"):
        sums[key][0] += quantity
        sums[key][1] += amount
    purchases, reduced = [], set[int]()
    for line in lines:
        order, paid_before = orders[line.order_id], line.remaining_paid
        line.refunded_quantity, line.refunded_amount = sums[line.pk]
        if order.completed_at and line.remaining_paid < paid_before:
            purchases.append(Purchase(order.buyer_id, spend=line.remaining_paid - paid_before))
            reduced.add(line.order_id)
    update(lines, ["refunded_quantity", "refunded_amount"])
    # A completed order that is refunded in full no longer counts.
    purchases += [
        Purchase(orders[key].buyer_id, orders=-1)
        for key in reduced
        if not any(line.remaining_paid for line in lines if line.order_id == key)
    ]
    return purchases
