"""What orders add to the page of a person, and to the search of the back office."""

from __future__ import annotations

from typing import Any

from django.db.models import Case, IntegerField, Q, Value, When
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from backoffice import site_search
from backoffice.base import NOTHING, render_yuan
from backoffice.panels import BODY, Column, More, Panel, register
from backoffice.search import spellings
from backoffice.site_search import Hit, SearchSource
from backoffice.timeline import format_moment
from members.admin.person import PERSON, person_link
from members.models import Member
from orders.models import Order, Refund
from orders.search import has_number

VIEW = "orders.view_order"
SHOWN = 10
MOST_MATCHES = 200
"""A part of a number may match millions of orders: no more are put in order."""
STATUS_COLOURS = {
    "placed": "info", "paid": "info", "shipped": "info", "received": "warning",
    "completed": "success", "closed": "danger",
}  # fmt: skip


def order_link(order: Order) -> SafeString:
    """Return the number of an order as a link to its page."""
    return format_html('<a href="{}">{}</a>', order_url(order.pk), order.number)


def order_url(order: int) -> str:
    return reverse("admin:orders_order_change", args=[order])


def status_badge(order: Order) -> SafeString:
    colour, label = STATUS_COLOURS[order.status], Order.Status(order.status).label
    return format_html('<span class="tt-badge tt-{}">{}</span>', colour, label)


def bought(_request: HttpRequest, member: Member) -> dict[str, Any]:
    """Return the context of the panel with the orders that a person bought."""
    persons = list(Member.objects.of_person(member.pk).values_list("pk", flat=True))
    orders = Order.objects.filter(buyer__in=persons)
    latest = (
        orders.select_related("attribution__tier1__member", "attribution__tier2__member")
        .prefetch_related("lines")
        .order_by("-placed_at", "-pk")
    )
    rows = [_row(order) for order in latest[:SHOWN]]
    changelist = reverse("admin:orders_order_changelist")
    return {
        "empty": _("Has bought nothing yet."),
        "table": {
            "columns": [
                Column(_("order number")), Column(_("placed at")), Column(_("status")),
                Column(_("paid for goods"), is_number=True), Column(_("refunded"), is_number=True),
                Column(_("tier 1")), Column(_("tier 2")),
            ],
            "rows": rows,
        },
        "more": More(_("All orders of this person"), f"{changelist}?q={member.public_id}")
        if len(rows) == SHOWN
        else None,
    }  # fmt: skip


def _row(order: Any) -> list[Any]:
    attribution = getattr(order, "attribution", None)
    lines = order.lines.all()
    refunded = sum(line.refunded_amount for line in lines)
    tiers = (attribution.tier1, attribution.tier2) if attribution else (None, None)
    return [
        order_link(order),
        format_moment(order.placed_at),
        status_badge(order),
        render_yuan(sum(line.paid for line in lines)),
        render_yuan(refunded) if refunded else NOTHING,
        *(person_link(tier.member) if tier else NOTHING for tier in tiers),
    ]


def find_orders(term: str, limit: int) -> list[Hit]:
    """Find orders by their number or a part of it, and by the whole number of a refund.

    Those that have the whole number come first, then the latest.
    """
    numbers = spellings(term)
    whole = Q(number__in=numbers) | Q(public_id=term.lower())
    refunded = Q(pk__in=Refund.objects.filter(number__in=numbers).values("line__order"))
    keys: set[int] = set()
    for condition in (whole, refunded, has_number(term)):
        found = Order.objects.filter(condition).order_by()
        keys.update(found.values_list("pk", flat=True)[:MOST_MATCHES])
    place = Case(When(whole, then=Value(0)), default=Value(1), output_field=IntegerField())
    rows = Order.objects.filter(pk__in=keys).select_related("buyer").order_by(place, "-pk")
    return [
        Hit(
            order.number, _detail(order), order_url(order.pk), order.public_id,
            is_exact=order.number in numbers or order.public_id == term.lower(),
        )
        for order in rows[:limit]
    ]  # fmt: skip


def _detail(order: Order) -> str:
    label = Order.Status(order.status).label
    return f"{order.buyer} · {label} · {format_moment(order.placed_at)}"


register(Panel("bought", _("orders bought"), PERSON, VIEW, BODY, bought, 110, lazy=True))
site_search.register(SearchSource("orders", _("orders"), VIEW, "receipt_long", find_orders))
