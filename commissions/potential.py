"""Compute what a distributor would earn on a product, by the rules of real orders."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from catalog.models import Category, Product, Sku
from catalog.queries import Goods, goods_at
from commissions import rules
from commissions.plan_cache import plan_terms, plans_in_force
from commissions.services.boosts import boosts_at
from distribution import queries as distribution
from members.models import Member

ANYBODY = rules.Beneficiary("active")
"""A distributor without level and segment."""


@dataclass(frozen=True, slots=True)
class Earning:
    """The commission of tier 1 on one unit: minor units of ``kind``, from its SKUs."""

    kind: str
    least: int
    most: int


def earner(member: Member, *, at: datetime) -> rules.Beneficiary | None:
    """Return a member as the rules see them; ``None`` unless they are an active distributor."""
    [uplines] = distribution.upline_chains([(member.pk, at)])
    own = uplines.own
    if own is None:
        return None
    boost = boosts_at([(own.distributor_id, at)]).get((own.distributor_id, at))
    beneficiary = rules.Beneficiary(
        own.status, own.level_id, own.segment_id, boost or rules.ONE_HUNDRED_PERCENT
    )
    return beneficiary if beneficiary.earns else None


def potential_earnings(
    products: Sequence[Product], *, member: Member, at: datetime
) -> dict[int, Earning]:
    """Return by the key of a product what a member would earn on one unit, ordered at a moment.

    Products that would bring nothing are missing. The number of queries is constant.
    """
    beneficiary, terms = earner(member, at=at), _terms(at)
    if beneficiary is None or terms is None:
        return {}
    codes = Sku.objects.filter(product__in=products).values_list("code", flat=True)
    awards: dict[int, list[rules.Award]] = {}
    for goods in goods_at(at, codes).values():
        award = _award(terms, goods, beneficiary, at)
        if award.amount:
            awards.setdefault(goods.product_id, []).append(award)
    return {key: _earning(of_product) for key, of_product in awards.items()}


def _terms(at: datetime) -> rules.Plan | None:
    plan = plans_in_force([at])[at]
    return plan_terms(plan) if plan else None


def _award(
    terms: rules.Plan, goods: Goods, beneficiary: rules.Beneficiary, at: datetime
) -> rules.Award:
    line = rules.Goods(goods.product_id, tuple(goods.categories), 1, goods.price, goods.cost)
    # One order for each: an amount per order is not split over the products of a page.
    [basis] = rules.build_bases(terms, [line], (beneficiary, None), at)
    tier1, _tier2 = rules.award(basis, quantity=1, paid=goods.price)
    return tier1


def _earning(awards: Sequence[rules.Award]) -> Earning:
    """Return the range of one kind: where SKUs pay in several, that of the highest amount."""
    best = max(awards, key=lambda award: award.exact)
    amounts = [award.amount for award in awards if award.asset == best.asset]
    return Earning(best.asset, min(amounts), max(amounts))


def distributable(*, member: Member | None, at: datetime) -> Q:
    """Return the condition on products for which the plan in force pays a distributor.

    :param member: with the rules for their level and segment; ``None``, or no active distributor:
        by the rules for everybody
    """
    terms = _terms(at)
    if terms is None:
        return Q(pk__in=[])
    beneficiary = (earner(member, at=at) if member else None) or ANYBODY
    above = dict(Category.objects.values_list("pk", "parent_id"))
    own_rule = {rule.target for rule in terms.rules if rule.layer == "product" and rule.target}
    listed = dict(Product.objects.filter(pk__in=own_rule).values_list("pk", "category_id"))
    paying = [
        key
        for key, category in listed.items()
        if _pays(terms, key, _path(category, above), beneficiary, at)
    ]
    # Without a rule of its own, the categories of a product decide.
    categories = [key for key in above if _pays(terms, 0, _path(key, above), beneficiary, at)]
    return Q(pk__in=paying) | Q(category__in=categories) & ~Q(pk__in=listed)


def _path(category: int | None, above: dict[int, int | None]) -> tuple[int, ...]:
    path: list[int] = []
    while category is not None:
        path.append(category)
        category = above.get(category)
    return tuple(path)


def _pays(
    terms: rules.Plan,
    product: int,
    categories: Iterable[int],
    beneficiary: rules.Beneficiary,
    at: datetime,
) -> bool:
    line = rules.Goods(product, tuple(categories), 1, 1, 0)
    [basis] = rules.build_bases(terms, [line], (beneficiary, None), at)
    offers = basis.offers[0][:1] if terms.combine == "first" else basis.offers[0]
    return any(offer.value for offer in offers)
