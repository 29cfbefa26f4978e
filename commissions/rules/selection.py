"""Which rule decides for a line: the nearest audience, the nearest category, the priority."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from fractions import Fraction

from commissions.rules.terms import ONE_HUNDRED_PERCENT, Basis, Goods, Offer, Payee, Plan, Rule
from common import money, rounding


def build_bases(
    plan: Plan, goods: Sequence[Goods], payees: tuple[Payee | None, Payee | None], at: datetime
) -> list[Basis]:
    """What decides each line of an order placed ``at``, in the order of ``goods``."""
    chosen = [
        [
            select_offers(plan, one, payee, tier, at) if payee and payee.earns else ()
            for one in goods
        ]
        for tier, payee in enumerate(payees)
    ]
    first, second = (_allocate_order_amounts(plan, goods, offers) for offers in chosen)
    statuses = (
        payees[0].status if payees[0] else "",
        payees[1].status if payees[1] else "",
    )
    return [
        Basis(
            quantity=one.quantity,
            paid=one.paid,
            unit_cost=one.unit_cost,
            combine=plan.combine,
            cap=plan.cap,
            statuses=statuses,
            offers=(first[place], second[place]),
        )
        for place, one in enumerate(goods)
    ]


def select_offers(
    plan: Plan, goods: Goods, payee: Payee, tier: int, at: datetime
) -> tuple[Offer, ...]:
    """The rule of each layer that decides for a payee in ``tier`` (0 or 1), in the layers' order.

    Within a layer the nearer audience wins (level, segment, everyone), then the nearer category,
    then the higher priority. A rule that pays this tier nothing is chosen like any other.
    """
    offers = []
    for layer in plan.layers:
        fitting = [
            (audience, nearness, -rule.priority, rule)
            for nearness, target in enumerate(_targets(layer, goods))
            for rule in plan.by_target.get((layer, target), ())
            if (audience := _audience_rank(rule, payee)) is not None and rule.valid(at)
        ]
        if fitting:
            rule = min(fitting, key=lambda one: one[:3])[3]
            offers.append(
                Offer(
                    rule=rule.id,
                    layer=layer,
                    kind=rule.kind,
                    value=rule.tiers[tier] or 0,
                    base=rule.base,
                    asset=rule.asset,
                    boost=rule.boost_at(at),
                )
            )
    return tuple(offers)


def _targets(layer: str, goods: Goods) -> Sequence[int | None]:
    """What a rule of the layer may name to fit the goods, the nearest first."""
    if layer == "store":
        return (None,)
    return (goods.product,) if layer == "product" else goods.categories


def _audience_rank(rule: Rule, payee: Payee) -> int | None:
    if rule.level is not None:
        return 0 if rule.level == payee.level else None
    if rule.segment is not None:
        return 1 if rule.segment == payee.segment else None
    return 2


def _allocate_order_amounts(
    plan: Plan, goods: Sequence[Goods], offers: list[tuple[Offer, ...]]
) -> list[tuple[Offer, ...]]:
    """An amount for the order becomes each line's share, by what was paid (largest remainder).

    It is boosted as a whole, so that the shares add up to it. Where layers are compared or added
    up, it goes over all lines for which its layer has chosen the rule.
    """
    deciding = 1 if plan.combine == "first" else None
    by_rule: dict[int, dict[int, Offer]] = {}
    for place, line in enumerate(offers):
        for offer in line[:deciding]:
            if offer.kind == "per_order":
                by_rule.setdefault(offer.rule, {})[place] = offer
    shares: dict[tuple[int, int], int] = {}
    for rule, places in by_rule.items():
        offer = next(iter(places.values()))
        weights = [goods[place].paid for place in places]
        total = (
            rounding.floor(Fraction(offer.value * offer.boost, ONE_HUNDRED_PERCENT))
            if any(weights)
            else 0
        )
        parts = money.split(total, weights) if total else [0] * len(weights)
        shares |= {(rule, place): part for place, part in zip(places, parts, strict=True)}
    return [
        tuple(
            replace(offer, value=shares.get((offer.rule, place), 0), boost=ONE_HUNDRED_PERCENT)
            if offer.kind == "per_order"
            else offer
            for offer in line
        )
        for place, line in enumerate(offers)
    ]
