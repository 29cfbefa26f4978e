"""Say what awards are worth at most, in fen, so that what gives no money is weighed as well.

Levels and higher commissions raise later commissions, and nobody knows by how much.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Count, Max, Q, QuerySet, Sum

from catalog.models import Sku
from incentives.models import Award, Reward
from ledger.chart import Asset
from promotions.models import Coupon
from promotions.rules import most_off
from promotions.services import terms_of

Kind = Reward.Kind


@dataclass(frozen=True, slots=True)
class Worth:
    """``amount``: what is known in fen; ``unknown``: how many awards have no known worth."""

    amount: int = 0
    unknown: int = 0


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
    things = worth_of_things(counts, values_of(rewards))
    return Worth(amount + things.amount, things.unknown)


def worth_of_things(counts: Mapping[int, int], values: Mapping[int, int]) -> Worth:
    """Return what things are worth together.

    :param counts: how many were given of each reward, by primary key
    :param values: from ``values_of``
    """
    amount = sum(values[key] * count for key, count in counts.items() if key in values)
    return Worth(amount, sum(count for key, count in counts.items() if key not in values))


def values_of(rewards: Collection[Reward]) -> dict[int, int]:
    """Return what a coupon takes off at most, and the price of a gift, in fen.

    :param rewards: saved, or with keys of their own; with coupons and gifts, if in one query
    :returns: by primary key of the reward; without those whose worth nobody knows
    """
    free = _prices_of_free_products(row.coupon for row in rewards if row.coupon)
    values = {}
    for row in rewards:
        # Its price: what a member is given. The worst case of an order counts what the shop pays.
        value = row.gift.price if row.gift else None
        if row.coupon:
            value = _worth_of_coupon(row.coupon, free)
        if value is not None:
            values[row.pk] = value
    return values


def _worth_of_coupon(coupon: Coupon, free: Mapping[int, int]) -> int | None:
    """Return the most that a coupon takes off; None: nobody knows."""
    price = free.get(coupon.targets[0]) if coupon.kind == Coupon.Kind.PRODUCT else None
    return most_off(terms_of(coupon), unit_price=price)


def _prices_of_free_products(coupons: Iterable[Coupon]) -> dict[int, int]:
    """Return the highest price of each product that a coupon gives for free."""
    free = {row.targets[0] for row in coupons if row.kind == Coupon.Kind.PRODUCT}
    if not free:
        return {}
    prices = Sku.objects.filter(product__in=free).order_by().values_list("product")
    return dict(prices.annotate(Max("price")))
