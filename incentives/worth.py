"""Say what awards are worth at most, in fen, so that closes are weighed that give no money."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Count, Max, Q, QuerySet, Sum

from catalog.models import Sku
from incentives.models import Award, Reward
from ledger.chart import Asset
from promotions.models import Coupon

Kind = Reward.Kind
PRICELESS = (Kind.LEVEL, Kind.BOOST)
"""They raise later commissions, and nobody knows by how much."""


@dataclass(frozen=True, slots=True)
class Worth:
    """``amount``: what is known in fen; ``unknown``: how many awards have no known worth."""

    amount: int
    unknown: int


def worth_of(awards: QuerySet[Award]) -> Worth:
    """Return what awards are worth together; points, and multiple points, count nothing."""
    money = Q(kind__in=Reward.MONEY) & ~Q(asset=Asset.POINTS)
    amount: int = awards.aggregate(sum=Sum("target", filter=money, default=0))["sum"]
    counts = dict(
        awards.exclude(kind__in=[*Reward.MONEY, Kind.FACTOR])
        .order_by()
        .values_list("reward")
        .annotate(Count("pk"))
    )
    rewards = list(Reward.objects.filter(pk__in=counts).select_related("coupon", "gift"))
    prices = _prices_of_free_products(rewards)
    unknown = 0
    for reward in rewards:
        each = _worth_of_thing(reward, prices)
        if each is None:
            unknown += counts[reward.pk]
        else:
            amount += each * counts[reward.pk]
    return Worth(amount, unknown)


def _worth_of_thing(reward: Reward, prices: dict[int, int]) -> int | None:
    """Return the price of a gift, or the most that a coupon takes off; None: nobody knows."""
    if reward.gift:
        return reward.gift.price
    if reward.coupon is None or reward.kind in PRICELESS:
        return None
    coupon = reward.coupon
    if coupon.kind == Coupon.Kind.PRODUCT:
        return prices.get(coupon.targets[0])
    return coupon.amount if coupon.kind == Coupon.Kind.AMOUNT else coupon.most


def _prices_of_free_products(rewards: Collection[Reward]) -> dict[int, int]:
    """Return the highest price of each product that a coupon gives for free."""
    coupons = [row.coupon for row in rewards if row.coupon]
    free = {row.targets[0] for row in coupons if row.kind == Coupon.Kind.PRODUCT}
    prices = Sku.objects.filter(product__in=free).order_by().values_list("product")
    return dict(prices.annotate(Max("price")))
