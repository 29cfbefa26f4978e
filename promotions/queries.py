"""Read coupons; a number of coupons takes as many queries as one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import (
    BooleanField,
    Count,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Coalesce

from catalog.models import Category, Product
from members.models import Member, User
from promotions import rules
from promotions.models import Coupon, CouponGrant, GrantState, in_state


@dataclass(frozen=True, slots=True)
class Goods:
    """A product or category that a coupon is valid for.

    :param id: the public id of a product, the code of a category
    """

    id: str
    name: str


def goods_of(coupons: Iterable[Coupon]) -> dict[int, list[Goods]]:
    """Return by the key of each coupon the goods that it names; none for all goods."""
    rows = list(coupons)
    products = _products(rows)
    categories = _categories(rows)
    known = {rules.PRODUCTS: products, rules.CATEGORIES: categories}
    return {
        row.pk: [
            known[row.scope][key] for key in row.targets if key in known.get(row.scope, {})
        ]
        for row in rows
    }  # fmt: skip


def claimable_by(member: Member, *, at: datetime) -> QuerySet[Coupon]:
    """Return the coupons that members may claim now.

    ``held``: how many this one has got. ``is_own``: the member is of the staff who wrote or
    published it, and may not claim it.
    """
    rows = Coupon.objects.filter(status=Coupon.Status.PUBLISHED, is_claimable=True)
    rows = rows.filter(Q(valid_until=None) | Q(valid_until__gt=at))
    held = CouponGrant.objects.visible_to(member).filter(coupon=OuterRef("pk"), revoked_at=None)
    counted = held.order_by().values("coupon").annotate(number=Count("pk")).values("number")
    return rows.annotate(
        held=Coalesce(Subquery(counted), Value(0)),
        is_own=ExpressionWrapper(of_staff(member), BooleanField()),
    )


def of_staff(member: Member) -> Q:
    """Return the condition on coupons that a person wrote or published as staff."""
    accounts = User.objects.filter(member__in=Member.objects.of_person(member.pk))
    own = list(accounts.values_list("pk", flat=True))
    return Q(editors__overlap=own) | Q(published_by__in=own)


def grants_of(member: Member, *, at: datetime, state: str = "") -> QuerySet[CouponGrant]:
    """Return the coupons of a person, the latest first."""
    rows = CouponGrant.objects.visible_to(member).select_related("coupon")
    return rows.in_state(state, at) if state else rows


def counts_of(coupon: Coupon, at: datetime) -> dict[str, int]:
    """Return how many of a coupon members hold, by state."""
    counts = {state.value: Count("pk", filter=in_state(state, at)) for state in GrantState}
    return CouponGrant.objects.filter(coupon=coupon).aggregate(**counts)


def uses_of(coupons: Iterable[Coupon]) -> dict[int, int]:
    """Return by the key of each coupon how many are used now; none without uses."""
    keys = [row.pk for row in coupons]
    rows = CouponGrant.objects.filter(coupon__in=keys, used_at__isnull=False).order_by()
    return dict(rows.values_list("coupon").annotate(number=Count("pk")))


def miscounted() -> QuerySet[Coupon]:
    """Return the coupons whose count differs from what members got; there must be none."""
    given = CouponGrant.objects.filter(coupon=OuterRef("pk"), revoked_at=None).order_by()
    counted = given.values("coupon").annotate(number=Count("pk")).values("number")
    rows = Coupon.objects.annotate(given=Coalesce(Subquery(counted), Value(0)))
    return rows.exclude(granted=F("given"))


def _products(coupons: Iterable[Coupon]) -> dict[int, Goods]:
    keys = _targets(coupons, rules.PRODUCTS)
    rows = Product.objects.filter(pk__in=keys) if keys else Product.objects.none()
    return {row.pk: Goods(row.public_id, row.name) for row in rows.only("public_id", "name")}


def _categories(coupons: Iterable[Coupon]) -> dict[int, Goods]:
    keys = _targets(coupons, rules.CATEGORIES)
    rows = Category.objects.filter(pk__in=keys) if keys else Category.objects.none()
    return {row.pk: Goods(row.code, row.name) for row in rows.only("code", "name")}


def _targets(coupons: Iterable[Coupon], scope: str) -> set[int]:
    return {key for coupon in coupons if coupon.scope == scope for key in coupon.targets}
