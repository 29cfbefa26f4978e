"""Correct what a mall told, at the decision of a person."""

from __future__ import annotations

from datetime import datetime

from distribution.services import record_purchases
from orders.intake.refunds import add_up
from orders.models import Order, Refund


def refund_the_rest(order: Order, *, reason: str, at: datetime) -> None:
    """Count everything that is left of an order as refunded, by corrections of its lines.

    :param order: locked
    """
    lines = list(order.lines.order_by("pk"))
    Refund.objects.bulk_create(
        Refund(
            number=f"correction-{order.public_id}",
            line=line,
            kind=Refund.Kind.CORRECTION,
            quantity=line.remaining_quantity,
            amount=line.remaining_paid,
            reason=reason,
            requested_at=at,
            approved_at=at,
            done_at=at,
        )
        for line in lines
        if line.remaining_paid
    )
    record_purchases(add_up(lines, {order.pk: order}))
