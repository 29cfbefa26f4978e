"""Say in numbers what it means to publish or end a coupon."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice.impacts import Effect, register
from catalog.models import Sku
from common.money import yuan_text
from promotions import rules
from promotions.models import Coupon, CouponGrant
from promotions.services import terms_of


@register("promotions.coupon.publish", order=10)
def what_it_may_cost(row: Coupon, _at: datetime) -> Iterator[Effect]:
    """Say how many members may get it, and the most that they can take off together."""
    if row.stock is None:
        yield Effect("∞", _("may be given: there is no limit of the stock."))
    else:
        figure = ngettext("%(count)s coupon", "%(count)s coupons", row.stock)
        yield Effect(figure % {"count": f"{row.stock:,}"}, _("may be given altogether."))
    most = rules.most_off(terms_of(row), unit_price=_dearest(row))
    if most is None:
        yield Effect("∞", _("one coupon may take off: the percentage has no limit in yuan."))
        return
    yield Effect(yuan_text(most), _("is the most that one coupon takes off."))
    if row.stock is not None:
        text = _("is the most that all of them take off together.")
        yield Effect(yuan_text(most * row.stock), text)


@register("promotions.coupon.end", order=10)
def what_stays(row: Coupon, at: datetime) -> Iterator[Effect]:
    """Say how many coupons members may still use."""
    held = CouponGrant.objects.filter(coupon=row, used_at=None, revoked_at=None)
    count = held.filter(valid_until__gt=at).count()
    figure = ngettext("%(count)s coupon", "%(count)s coupons", count)
    text = _("of members can still be used, until each expires.")
    yield Effect(figure % {"count": f"{count:,}"}, text)
    if row.stock is not None and (left := row.stock - row.granted):
        figure = ngettext("%(count)s coupon", "%(count)s coupons", left)
        yield Effect(figure % {"count": f"{left:,}"}, _("are left, and no longer given."))


def _dearest(row: Coupon) -> int:
    """Return the price of the dearest variety of a free product."""
    if row.kind != Coupon.Kind.PRODUCT:
        return 0
    skus = Sku.objects.filter(product__in=row.targets)
    return skus.aggregate(price=Max("price"))["price"] or 0
