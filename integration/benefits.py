"""Read what a mall must honour for a member: coupons, gifts, multiples of points, the level."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from catalog.models import Category, Sku
from common.money import BASIS_POINTS
from distribution.models import Distributor, Level
from incentives.models import GiftTask, LevelAward, PointsFactor
from members.models import Member
from promotions.models import Coupon, CouponGrant

MOST = 200
"""Coupons and gifts of one answer; the coupons that end first, the latest gifts."""
UNCHANGED = BASIS_POINTS
"""Points as they are, in basis points."""
Scope = Coupon.Scope


@dataclass(frozen=True, slots=True)
class Goods:
    """What a coupon is valid for: by scope the codes of SKUs or of categories, else all."""

    skus: list[str]
    categories: list[str]


@dataclass(frozen=True, slots=True)
class Benefits:
    coupons: Sequence[CouponGrant]
    goods: Mapping[int, Goods]
    """By the key of the coupon."""
    gifts: Sequence[GiftTask]
    factors: Sequence[PointsFactor]
    level: Level | None
    level_until: datetime | None
    """``None``: no award gives it."""

    @property
    def points_rate(self) -> int:
        """Return the factor in basis points that counts: the highest, they are not multiplied."""
        return max((row.rate for row in self.factors), default=UNCHANGED)


def read_benefits(member: Member, *, at: datetime) -> Benefits:
    """Return what a person can use now, in a constant number of queries."""
    person = Member.objects.of_person(member.pk).values("pk")
    grants = CouponGrant.objects.visible_to(member).usable(at).select_related("coupon")
    coupons = list(grants.order_by("valid_until", "pk")[:MOST])
    gifts = GiftTask.objects.filter(award__member__in=person).exclude(
        status=GiftTask.Status.CANCELLED
    )
    factors = PointsFactor.objects.filter(member__in=person, starts_at__lte=at, ends_at__gt=at)
    distributor = Distributor.objects.filter(member=member).select_related("level").first()
    return Benefits(
        coupons=coupons,
        goods=_goods({row.coupon for row in coupons}),
        gifts=list(gifts.select_related("sku__product", "award__version")[:MOST]),
        factors=list(factors.select_related("award__version", "award__incentive")),
        level=distributor.level if distributor else None,
        level_until=_level_until(distributor, at) if distributor else None,
    )


def _level_until(distributor: Distributor, at: datetime) -> datetime | None:
    rows = LevelAward.objects.filter(
        distributor=distributor, level=distributor.level_id, starts_at__lte=at, ends_at__gt=at
    )
    return rows.order_by("-ends_at").values_list("ends_at", flat=True).first()


def _goods(coupons: Collection[Coupon]) -> dict[int, Goods]:
    def targets(scope: str) -> set[int]:
        return {key for row in coupons if row.scope == scope for key in row.targets}

    skus: dict[int, list[str]] = {}
    rows = Sku.objects.filter(product__in=targets(Scope.PRODUCTS)).order_by("pk")
    for product, code in rows.values_list("product_id", "code"):
        skus.setdefault(product, []).append(code)
    categories = Category.objects.in_bulk(targets(Scope.CATEGORIES))
    return {
        row.pk: Goods(
            skus=[code for key in row.targets for code in skus.get(key, [])]
            if row.scope == Scope.PRODUCTS
            else [],
            categories=[categories[key].code for key in row.targets if key in categories]
            if row.scope == Scope.CATEGORIES
            else [],
        )
        for row in coupons
    }
