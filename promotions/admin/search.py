"""Find coupons in the palette and in pickers, by a part of the name."""

from __future__ import annotations

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from backoffice import site_search
from backoffice.site_search import Hit, SearchSource
from promotions.models import Coupon
from promotions.sentences import value_sentence
from promotions.services import terms_of

SEARCH = "coupons"


def find_coupons(term: str, limit: int) -> list[Hit]:
    """Return coupons, the published ones first."""
    rows = Coupon.objects.filter(Q(name__icontains=term) | Q(public_id=term.lower()))
    return [
        Hit(
            row.name,
            f"{value_sentence(terms_of(row))} · {row.get_status_display()}",
            reverse("admin:promotions_coupon_change", args=[row.pk]),
            row.public_id,
            is_exact=row.public_id == term.lower(),
        )
        for row in rows.order_by("-status", "-pk")[:limit]
    ]


site_search.register(
    SearchSource(
        SEARCH, _("coupons"), "promotions.view_coupon", "confirmation_number", find_coupons
    )
)
