"""Show on an order's page the coupon that it used, as the mall reported."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from backoffice.panels import BODY, Panel, register
from backoffice.timeline import format_moment
from members.admin.person import person_link
from orders.models import Order
from promotions.admin.grants import origin_text
from promotions.models import CouponGrant
from promotions.sentences import value_sentence
from promotions.services import terms_of


def coupon(_request: HttpRequest, order: Order) -> dict[str, Any] | None:
    """Return the context of the panel; without a coupon it is left out."""
    rows = CouponGrant.objects.filter(order_number=order.number).exclude(order_number="")
    grant = rows.select_related("coupon", "member").first()
    if grant is None or grant.used_at is None:
        return None
    page = reverse("admin:promotions_coupongrant_change", args=[grant.pk])
    return {
        "facts": [
            (_("coupon"), format_html('<a href="{}">{}</a>', page, grant.coupon)),
            (_("takes off"), value_sentence(terms_of(grant.coupon))),
            (_("member"), person_link(grant.member)),
            (_("got it by"), origin_text(grant)),
            (_("used at"), format_moment(grant.used_at)),
        ]
    }


register(
    Panel("coupon", _("coupon"), "orders.order", "promotions.view_coupongrant", BODY, coupon, 60)
)
