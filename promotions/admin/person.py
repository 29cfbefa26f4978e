"""Show a person's coupons on their page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from backoffice.base import NOTHING, StrOrPromise
from backoffice.panels import BODY, Column, More, Panel, register
from backoffice.timeline import format_moment
from events.models import Event, Reference
from members.admin.person import PERSON
from members.admin.timeline import TimelineSource, add_source
from members.models import Member
from promotions import events
from promotions.admin.grants import origin_text, state_badge
from promotions.models import Coupon, CouponGrant
from promotions.sentences import value_sentence
from promotions.services import terms_of

SHOWN = 10
MAX_SUBJECTS = 60
"""Of the timeline, which shows the latest events."""


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


def _grants_of(member: Member) -> list[Reference]:
    return [Reference.to(row) for row in CouponGrant.objects.visible_to(member)[:MAX_SUBJECTS]]


def _details(rows: Sequence[Event]) -> Mapping[int, StrOrPromise]:
    """Return the names of the coupons, with the order or the reason."""
    ids = {row.data.get("coupon") for row in rows}
    names = dict(Coupon.objects.filter(public_id__in=ids).values_list("public_id", "name"))
    return {
        row.pk: " · ".join(filter(None, [
            names.get(row.data.get("coupon", ""), ""), row.data.get("order"),
            row.data.get("reason"),
        ]))
        for row in rows
    }  # fmt: skip


add_source(
    TimelineSource(
        {
            events.PROMOTIONS_COUPON_GRANTED.name: _("Got a coupon"),
            events.PROMOTIONS_COUPON_USED.name: _("Used a coupon"),
            events.PROMOTIONS_COUPON_RETURNED.name: _("Got a coupon back"),
            events.PROMOTIONS_COUPON_REVOKED.name: _("A coupon was revoked"),
        },
        _grants_of,
        _details,
    )
)
