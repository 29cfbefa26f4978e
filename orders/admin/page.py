"""The page of an order: how far it is, the amounts, refunds in words, and what is contradicted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Sum
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.panels import Panel, register
from common.money import format_yuan
from members.admin.person import person_url
from orders.admin.conflict_words import field_words
from orders.admin.history import ORDER
from orders.admin.refund_words import refund_sentences
from orders.models import ClosureDecision, Order, OrderLine, Refund

REFUND_COLOURS = {
    "requested": "warning", "approved": "warning", "done": "success", "rejected": "danger",
    "withdrawn": "info",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Step:
    """A step of an order; without a time it has not happened."""

    title: str | Promise
    at: datetime | None
    note: str = ""


def summary(_request: HttpRequest, order: Order) -> dict[str, Any]:
    """Return the context of the panel at the top: the steps, the buyer and the amounts."""
    lines = OrderLine.objects.filter(order=order).aggregate(
        goods=Sum("paid"), shipping=Sum("shipping"), refunded=Sum("refunded_amount")
    )
    return {
        "order": order,
        "status": Order.Status(order.status).label,
        "is_closed": bool(order.closed_at),
        "steps": steps(order),
        "buyer_url": person_url(order.buyer_id),
        "goods": lines["goods"] or 0,
        "shipping": lines["shipping"] or 0,
        "refunded": lines["refunded"] or 0,
    }


def steps(order: Order) -> Sequence[Step]:
    """Return the steps in the order of a usual order; a closed one ends with its closing."""
    received = order.received_at or order.assumed_received_at
    assumed = bool(order.assumed_received_at and not order.received_at)
    last = (
        Step(_("Closed"), order.closed_at)
        if order.closed_at
        else Step(_("Protection over"), order.completed_at)
    )
    return (
        Step(_("Placed"), order.placed_at),
        Step(_("Paid"), order.paid_at),
        Step(_("Shipped"), order.shipped_at),
        Step(_("Received"), received, _("counted by the policy") if assumed else ""),
        last,
    )


def refunds(_request: HttpRequest, order: Order) -> dict[str, Any] | None:
    """Return the context of the refunds in words; nothing without any."""
    rows = list(
        Refund.objects.filter(line__order=order)
        .select_related("line__product")
        .order_by("requested_at", "pk")
    )
    if not rows:
        return None
    compensation = sum(line.compensation for line in OrderLine.objects.filter(order=order))
    return {
        "refunds": [
            {
                "refund": refund,
                "line": _("line %(number)s: %(product)s") % {
                    "number": refund.line.number, "product": refund.line.product,
                },
                "status": Refund.Status(refund.status).label,
                "colour": REFUND_COLOURS[refund.status],
                "sentences": refund_sentences(refund),
            }
            for refund in rows
        ],
        "compensation": format_yuan(compensation) if compensation else "",
    }  # fmt: skip


def open_points(_request: HttpRequest, order: Order) -> dict[str, Any] | None:
    """Return the context of conflicts and of a decision about the closed order; else nothing."""
    conflicts = list(order.conflicts.order_by("pk"))
    closure = ClosureDecision.objects.filter(order=order).select_related("decided_by").first()
    is_waiting = Order.objects.awaiting_closure_decision().filter(pk=order.pk).exists()
    if not (conflicts or closure or is_waiting):
        return None
    rows = [{"conflict": conflict, "field": field_words(conflict)} for conflict in conflicts]
    return {"conflicts": rows, "closure": closure, "is_waiting": is_waiting}


SUMMARY, REFUNDS = "admin/orders/summary.html", "admin/orders/refunds.html"
POINTS = "admin/orders/open_points.html"
register(Panel("summary", gettext_lazy("order"), ORDER, "", SUMMARY, summary, 10))
register(
    Panel("refunds", gettext_lazy("refunds"), ORDER, "orders.view_refund", REFUNDS, refunds, 30)
)
register(Panel("points", gettext_lazy("to be decided"), ORDER, "", POINTS, open_points, 40))
