"""Select the rule for a line: by audience, then by category, then by priority."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from fractions import Fraction

from commissions.rules.terms import (
    ONE_HUNDRED_PERCENT,
    Basis,
    Beneficiary,
    Goods,
    Offer,
    Plan,
    Rule,
)
from common import money


def build_bases(
    plan: Plan,
    goods: Sequence[Goods],
    beneficiaries: tuple[Beneficiary | None, Beneficiary | None],
    at: datetime,
) -> list[Basis]:
    """Build the basis of each line of an order placed ``at``, in the order of ``goods``."""
    selected = [
        [
            _select_offers(plan, line, beneficiary, tier, at)
            if beneficiary and beneficiary.earns
            else ()
            for line in goods
        ]
        for tier, beneficiary in enumerate(beneficiaries)
    ]
    tier1, tier2 = (_allocate_order_amounts(plan, goods, offers) for offers in selected)
    statuses = (
        beneficiaries[0].status if beneficiaries[0] else "",
        beneficiaries[1].status if beneficiaries[1] else "",
    )
    return [
        Basis(
            quantity=line.quantity,
            paid=line.paid,
            unit_cost=line.unit_cost,
            combine=plan.combine,
            cap=plan.cap,
            statuses=statuses,
            offers=offers,
        )
        for line, offers in zip(goods, zip(tier1, tier2, strict=True), strict=True)
    ]


def _select_offers(
    plan: Plan, goods: Goods, beneficiary: Beneficiary, tier: int, at: datetime
) -> tuple[Offer, ...]:
    """Select one rule of each layer for a beneficiary in ``tier`` (0 or 1), in the layers' order.

    Within a layer the nearer audience wins (level, segment, everyone), then the nearer category,
    then the higher priority. A rule that pays this tier nothing is selected like any other.
    Of the boosts of the rule and of the beneficiary the higher one counts.
    """
    offers = []
    for layer in plan.layers:
        candidates = [
            (audience, nearness, -rule.priority, rule)
            for nearness, target in enumerate(_targets(layer, goods))
            for rule in plan.by_target.get((layer, target), ())
            if (audience := _audience_rank(rule, beneficiary)) is not None and rule.valid(at)
        ]
        if candidates:
            rule = min(candidates, key=lambda candidate: candidate[:3])[3]
            offers.append(
                Offer(
                    rule=rule.id,
                    layer=layer,
                    kind=rule.kind,
                    value=rule.tiers[tier] or 0,
                    base=rule.base,
                    asset=rule.asset,
                    boost=max(rule.boost_at(at), beneficiary.boost),
                )
            )
    return tuple(offers)


def _targets(layer: str, goods: Goods) -> Sequence[int | None]:
    """Return the targets that a rule of the layer may have for the goods, the nearest first."""
    if layer == "store":
        return (None,)
    return (goods.product,) if layer == "product" else goods.categories


def _audience_rank(rule: Rule, beneficiary: Beneficiary) -> int | None:
    if rule.level is not None:
        return 0 if rule.level == beneficiary.level else None
    if rule.segment is not None:
        return 1 if rule.segment == beneficiary.segment else None
    return 2


def _allocate_order_amounts(
    plan: Plan, goods: Sequence[Goods], offers: list[tuple[Offer, ...]]
) -> list[tuple[Offer, ...]]:
    """Split each amount per order over its lines by what was paid (largest remainder).

    The amount is boosted before the split, so that the shares add up to it. Where layers are
    compared or added up, it is split over all lines for which its layer selected the rule.
    """
    effective = 1 if plan.combine == "first" else None
    by_rule: dict[int, dict[int, Offer]] = {}
    for index, line in enumerate(offers):
        for offer in line[:effective]:
            if offer.kind == "per_order":
                by_rule.setdefault(offer.rule, {})[index] = offer
    shares: dict[tuple[int, int], int] = {}
    for rule, by_line in by_rule.items():
        amount = _boosted_amount(next(iter(by_line.values())))
        parts = _split(amount, [goods[index].paid for index in by_line])
        shares |= {(rule, index): part for index, part in zip(by_line, parts, strict=True)}
    return [
        tuple(
            replace(offer, value=shares.get((offer.rule, index), 0), boost=ONE_HUNDRED_PERCENT)
            if offer.kind == "per_order"
            else offer
            for offer in line
        )
        for index, line in enumerate(offers)
    ]


def _boosted_amount(offer: Offer) -> int:
    return money.floor(Fraction(offer.value * offer.boost, ONE_HUNDRED_PERCENT))


def _split(amount: int, weights: list[int]) -> list[int]:
    return money.split(amount, weights) if amount and any(weights) else [0] * len(weights)
