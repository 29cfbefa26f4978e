"""Show on a coupon's page what became of it, and who got it last."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from backoffice.panels import BODY, Column, Figure, More, Panel, register
from backoffice.timeline import format_moment
from common import clock
from members.admin.person import person_link
from promotions.admin.grants import origin_text, state_badge
from promotions.admin.ticket import ticket_of
from promotions.models import Coupon, CouponGrant, GrantState
from promotions.queries import counts_of, goods_of
from promotions.services import terms_of

COUPON = "promotions.coupon"
SHOWN = 10


def figures(_request: HttpRequest, row: Coupon) -> dict[str, Any] | None:
    """Return the context of the panel with how many were given, used and so on."""
    if row.status == Coupon.Status.DRAFT:
        return None
    counts = counts_of(row, clock.now())
    used = counts[GrantState.USED]
    share = f"{used / row.granted:.1%}" if row.granted else ""
    left = "" if row.stock is None else _("%(count)s left") % {"count": f"{_left(row):,}"}
    return {
        "figures": [
            Figure(pgettext_lazy("coupon", "given"), f"{row.granted:,}", left, _list(row)),
            Figure(GrantState.USED.label, f"{used:,}", share, _list(row, GrantState.USED)),
            *(
                Figure(state.label, f"{counts[state]:,}", "", _list(row, state))
                for state in (GrantState.USABLE, GrantState.EXPIRED, GrantState.REVOKED)
            ),
        ]
    }


def latest(_request: HttpRequest, row: Coupon) -> dict[str, Any] | None:
    """Return the context of the panel with the members who got it last."""
    if row.status == Coupon.Status.DRAFT:
        return None
    rows = CouponGrant.objects.filter(coupon=row).select_related("member")[:SHOWN]
    return {
        "empty": _("No member has got it yet."),
        "table": {
            "columns": [
                Column(_("member")), Column(_("status")), Column(_("granted at")),
                Column(_("valid until")), Column(_("got it by")), Column(_("order number")),
            ],
            "rows": [
                [
                    person_link(grant.member), state_badge(grant), format_moment(grant.granted_at),
                    format_moment(grant.valid_until), origin_text(grant), grant.order_number,
                ]
                for grant in rows
            ],
        },
        "more": More(_("All members with this coupon"), _list(row)) if rows else None,
    }  # fmt: skip


def _left(row: Coupon) -> int:
    return (row.stock or 0) - row.granted


def _list(row: Coupon, state: str = "") -> str:
    page = reverse("admin:promotions_coupongrant_changelist")
    return f"{page}?coupon__id__exact={row.pk}" + (f"&state={state}" if state else "")


def ticket(_request: HttpRequest, row: Coupon) -> dict[str, Any] | None:
    """Return the context of the panel with the coupon as members see it."""
    if row.status == Coupon.Status.DRAFT:
        return None  # the form shows it while it is typed
    names = [goods.name for goods in goods_of([row])[row.pk]]
    return {"ticket": ticket_of(terms_of(row), names)}


VIEW = "promotions.view_coupongrant"
TICKET = "admin/promotions/ticket.html"
register(Panel("ticket", _("What members see"), COUPON, "", TICKET, ticket, 5))
register(Panel("figures", _("what became of it"), COUPON, VIEW, BODY, figures, 10))
register(Panel("latest", _("members who got it"), COUPON, VIEW, BODY, latest, 110))
