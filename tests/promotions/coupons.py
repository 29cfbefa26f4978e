"""Coupons for tests, made by the services."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from catalog.models import Product
from members.models import Member, User
from promotions.models import Coupon, CouponGrant
from promotions.services import (
    CouponTerms,
    claim_coupon,
    create_coupon,
    end_coupon,
    grant_coupon,
    publish_coupon,
    use_coupon,
)
from tests.cast import NOON, give, staff
from tests.shop import sku

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LATER = NOON + HOUR


def marketer() -> User:
    """Return a staff user who may draft and publish coupons."""
    rights = ("add_coupon", "change_coupon", "delete_coupon", "publish_coupon", "view_coupon")
    return give(staff("Marketer"), *rights)


def publisher() -> User:
    """Return a staff user who publishes what others have written."""
    return give(staff("Publisher"), "publish_coupon", "view_coupon")


def terms(**values: Any) -> CouponTerms:
    """Return terms: by default 50 yuan off from 199 on all goods, for seven days."""
    usual: dict[str, Any] = {"name": "新人券", "amount": 5_000, "threshold": 19_900}
    if not {"valid_days", "valid_from", "valid_until"} & values.keys():
        usual["valid_days"] = 7
    if values.get("kind", "amount") != "amount":
        del usual["amount"]
    return CouponTerms(**{**usual, **values})


def draft(*, at: datetime = NOON, **values: Any) -> Coupon:
    return create_coupon(terms=terms(**values), by=marketer(), at=at)


def coupon(*, at: datetime = NOON, **values: Any) -> Coupon:
    """Return a published coupon."""
    row = draft(at=at, **values)
    publish_coupon(coupon=row, by=publisher(), at=at)
    return row


def claimable(**values: Any) -> Coupon:
    return coupon(is_claimable=True, **values)


def end(row: Coupon, *, at: datetime = LATER) -> None:
    end_coupon(coupon=row, reason="the campaign is over", by=marketer(), at=at)


def grant(row: Coupon, who: Member, *, key: str = "award:a1:1", at: datetime = NOON) -> CouponGrant:
    return grant_coupon(coupon=row, member=who, key=key, at=at)


def claim(row: Coupon, who: Member, *, at: datetime = NOON) -> CouponGrant:
    return claim_coupon(coupon=row, member=who, at=at)


def use(held: CouponGrant, order: str = "M-1", *, at: datetime = LATER) -> None:
    use_coupon(grant=held, order_number=order, at=at)


def product(code: str = "tea", *, on_sale: bool = True) -> Product:
    row = sku(code).product
    if on_sale:
        Product.objects.filter(pk=row.pk).update(status=Product.Status.ON_SALE)
    return row


def counts() -> tuple[int, int]:
    """Return how many coupons members hold, and how many all coupons count as given."""
    unrevoked = CouponGrant.objects.filter(revoked_at=None).count()
    return unrevoked, sum(Coupon.objects.values_list("granted", flat=True))
