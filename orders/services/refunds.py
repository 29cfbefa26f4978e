"""Refunds come in with their order, and are added up on the line."""

from __future__ import annotations

from collections.abc import Sequence

from distribution.services import Purchase, record_purchases
from orders.models import Order, OrderLine, Refund
from orders.services.known import fill_blanks
from orders.snapshots import OrderSnapshot, RefundSnapshot


def numbered(numbers: Sequence[str]) -> dict[str, Refund]:
    """The known ones of ``numbers``, whichever order they belong to."""
    if not numbers:
        return {}
    known = Refund.objects.filter(number__in=numbers).select_related("line")
    return {refund.number: refund for refund in known}


def take(
    facts: Sequence[OrderSnapshot], orders: dict[str, Order], known: dict[str, Refund]
) -> list[Order]:
    """Add new refunds and what is new of known ones; the orders that this has changed."""
    told = [(orders[one.number], refund) for one in facts for refund in one.refunds]
    if not told:
        return []
    lines = {
        (line.order_id, line.number): line
        for line in OrderLine.objects.filter(order__in={order.pk for order, _ in told})
    }
    new, filled, touched = [], [], {}
    for order, given in told:
        line = lines[order.pk, given.line]
        refund = known.get(given.number)
        if refund is None:
            refund = _refund(given, line)
            new.append(refund)
        elif fill_blanks(refund, given):
            filled.append(refund)
        else:
            continue
        touched[order.pk] = order
        order.just_placed = False  # more has happened to it than is in memory
    Refund.objects.bulk_create(new)
    Refund.objects.bulk_update(filled, list(Refund.EVENT_TIMES))
    _add_up([line for line in lines.values() if line.order_id in touched], touched)
    return list(touched.values())


def _refund(given: RefundSnapshot, line: OrderLine) -> Refund:
    return Refund(
        number=given.number,
        line=line,
        quantity=given.quantity,
        amount=given.amount,
        freight=given.freight,
        reason=given.reason,
        requested_at=given.requested_at,
        **{name: getattr(given, name) for name in Refund.EVENT_TIMES},
    )


def _add_up(lines: list[OrderLine], orders: dict[int, Order]) -> None:
    done = Refund.objects.filter(line__in=lines, done_at__isnull=False)
    sums: dict[int, list[int]] = {line.pk: [0, 0] for line in lines}
    for key, quantity, amount in done.values_list("line", "quantity", "amount"):
        sums[key][0] += quantity
        sums[key][1] += amount
    late, gone = [], set[int]()
    for line in lines:
        quantity, amount = sums[line.pk]
        order = orders[line.order_id]
        if order.completed_at and amount > line.refunded_amount:
            late.append(Purchase(order.buyer_id, spend=line.refunded_amount - amount))
            gone.add(line.order_id)
        line.refunded_quantity, line.refunded_amount = quantity, amount
    OrderLine.objects.bulk_update(lines, ["refunded_quantity", "refunded_amount"])
    # An order of which nothing is left counts no more.
    late += [
        Purchase(orders[key].buyer_id, orders=-1)
        for key in gone
        if not any(line.remaining_paid for line in lines if line.order_id == key)
    ]
    record_purchases(late)
