"""What the shop knows of the orders that a member bought, for the export of their data."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Prefetch

from common import clock
from members.models import Member
from orders.models import Order, OrderLine, Refund

TIMES = ("placed_at", *Order.EVENT_TIMES, "assumed_received_at", "completed_at")
REFUND_TIMES = ("requested_at", "approved_at", "done_at", "rejected_at", "withdrawn_at")


def orders_of(member: Member) -> list[dict[str, Any]]:
    """Return the orders that a person bought, the latest first; amounts in fen."""
    lines = OrderLine.objects.select_related("sku", "product").prefetch_related("refunds")
    rows = Order.objects.visible_to(member).prefetch_related(
        Prefetch("lines", lines.order_by("number"))
    )
    return [_order(order) for order in rows.order_by("-pk")]


def _order(order: Order) -> dict[str, Any]:
    return {
        "order_no": order.number,
        "status": order.status,
        **_times(order, TIMES),
        "share": order.share,
        "region": order.region,
        "contact": order.contact,
        "metadata": order.metadata,
        "lines": [_line(line) for line in order.lines.all()],
    }


def _line(line: OrderLine) -> dict[str, Any]:
    return {
        "line_no": line.number,
        "sku": line.sku.code,
        "product": line.product.name,
        "quantity": line.quantity,
        "unit_price": line.unit_price,
        "discount": line.discount,
        "shipping": line.shipping,
        "refunds": [_refund(refund) for refund in line.refunds.all()],
    }


def _refund(refund: Refund) -> dict[str, Any]:
    return {
        "refund_no": refund.number,
        "kind": refund.kind,
        "status": refund.status,
        "quantity": refund.quantity,
        "amount": refund.amount,
        "freight": refund.freight,
        "reason": refund.reason,
        **_times(refund, REFUND_TIMES),
    }


def _times(row: Order | Refund, names: tuple[str, ...]) -> dict[str, str | None]:
    return {name: _moment(getattr(row, name)) for name in names}


def _moment(at: datetime | None) -> str | None:
    return at.astimezone(clock.SHANGHAI).isoformat() if at else None
