"""What levels earn by the plan in force, where no rule names the product or its category."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from commissions import rules
from commissions.plan_cache import plan_terms, plans_in_force

ANY_GOODS = rules.Goods(product=0, categories=(), quantity=1, paid=1, unit_cost=None)
"""Goods that only rules of the layer “store” are about."""


@dataclass(frozen=True, slots=True)
class Rates:
    """What the tiers earn by a rule, with its boost: basis points of ``base``, or minor units.

    :ivar kind: percent, per_unit or per_order
    :ivar base: of percent: paid or profit
    """

    kind: str
    base: str
    asset: str
    tier1: int
    tier2: int


def level_rates(
    levels: Collection[int | None], *, segment: int | None, at: datetime
) -> dict[int | None, Rates | None]:
    """Return the base rates of levels, in one query; ``None``: no rule is about all goods.

    Rules for products and categories, the limit of the plan and boosts of one's own come on top.

    :param levels: by primary key; ``None``: a distributor without a level
    :param segment: of the distributor who asks: a rule for it counts where none names the level
    """
    plan = plans_in_force([at])[at]
    if plan is None:
        return dict.fromkeys(levels)
    terms = plan_terms(plan)
    return {
        level: _rates(terms, rules.Beneficiary("active", level, segment), at) for level in levels
    }


def _rates(terms: rules.Plan, earner: rules.Beneficiary, at: datetime) -> Rates | None:
    [basis] = rules.build_bases(terms, [ANY_GOODS], (earner, earner), at)
    of_tiers = basis.offers
    if not of_tiers[0]:
        return None
    tier1, tier2 = (_boosted(offers[0]) for offers in of_tiers)
    offer = of_tiers[0][0]
    return Rates(offer.kind, offer.base, offer.asset, tier1, tier2)


def _boosted(offer: rules.Offer) -> int:
    return offer.value * offer.boost // rules.ONE_HUNDRED_PERCENT
