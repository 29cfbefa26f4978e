"""Show a person's coupons on their page."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from backoffice.base import NOTHING
from backoffice.panels import BODY, Column, More, Panel, register
from backoffice.timeline import format_moment
from members.admin.person import PERSON
from members.models import Member
from promotions.admin.grants import origin_text, state_badge
from promotions.models import CouponGrant
from promotions.sentences import value_sentence
from promotions.services import terms_of

SHOWN = 10


def coupons(_request: HttpRequest, member: Member) -> dict[str, Any]:
    """Return the context of the panel with the latest coupons of a person."""
    rows = CouponGrant.objects.visible_to(member).select_related("coupon")[:SHOWN]
    page = reverse("admin:promotions_coupongrant_changelist")
    return {
        "empty": _("Has got no coupon."),
        "table": {
            "columns": [
                Column(_("coupon")), Column(_("takes off")), Column(_("status")),
                Column(_("granted at")), Column(_("valid until")), Column(_("got it by")),
                Column(_("order number")),
            ],
            "rows": [_row(grant) for grant in rows],
        },
        "more": (
            More(_("All coupons of this person"), f"{page}?q={member.public_id}")
            if len(rows) == SHOWN
            else None
        ),
    }  # fmt: skip


def _row(grant: CouponGrant) -> list[Any]:
    page = reverse("admin:promotions_coupongrant_change", args=[grant.pk])
    return [
        format_html('<a href="{}">{}</a>', page, grant.coupon),
        value_sentence(terms_of(grant.coupon)),
        state_badge(grant),
        format_moment(grant.granted_at),
        format_moment(grant.valid_until),
        origin_text(grant),
        grant.order_number or NOTHING,
    ]


register(
    Panel(
        "coupons", _("coupons"), PERSON, "promotions.view_coupongrant", BODY, coupons, 155,
        lazy=True,
    )
)  # fmt: skip
