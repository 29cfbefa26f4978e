"""The most that a plan can pay on a line: whatever distributors the two tiers turn out to be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from itertools import product

from commissions.rules.calculation import award
from commissions.rules.selection import build_bases
from commissions.rules.terms import ONE_HUNDRED_PERCENT, POINTS, Beneficiary, Goods, Plan, Rule


@dataclass(frozen=True, slots=True)
class WorstCase:
    """The highest amounts of both tiers together, in minor units before the cap.

    ``tier1`` and ``tier2`` belong to one moment, perhaps to two distributors who differ in level
    and segment. Points are not counted.
    """

    paid: int
    tier1: Fraction = Fraction(0)
    tier2: Fraction = Fraction(0)

    @property
    def total(self) -> Fraction:
        return self.tier1 + self.tier2

    @property
    def share(self) -> Fraction:
        """Return the part of the amount paid, in basis points."""
        return self.share_of(self.total)

    def share_of(self, amount: Fraction) -> Fraction:
        return amount * ONE_HUNDRED_PERCENT / self.paid if self.paid else Fraction(0)


def worst_case(
    plan: Plan, goods: Goods, *, at: datetime, boost: int = ONE_HUNDRED_PERCENT
) -> WorstCase:
    """Return the worst case of a line from ``at`` on, over all audiences and dates of rules.

    :param boost: the highest that a distributor has, in basis points
    """
    relevant = list(_rules_for(plan, goods))
    worst = WorstCase(goods.paid)
    for moment in _moments(relevant, at):
        tier1, tier2 = Fraction(0), Fraction(0)
        for audience in _audiences(relevant, boost):
            [basis] = build_bases(plan, [goods], (audience, audience), moment)
            first, second = award(basis, quantity=goods.quantity, paid=goods.paid)
            tier1 = max(tier1, first.exact if first.asset != POINTS else Fraction(0))
            tier2 = max(tier2, second.exact if second.asset != POINTS else Fraction(0))
        worst = max(worst, WorstCase(goods.paid, tier1, tier2), key=lambda case: case.total)
    return worst


def deciding_rules(plan: Plan, goods: Goods, *, at: datetime) -> set[int]:
    """Return the rules that decide for a line from ``at`` on, for any distributor, in any tier."""
    relevant = list(_rules_for(plan, goods))
    deciding: set[int] = set()
    for moment, audience in product(_moments(relevant, at), _audiences(relevant)):
        [basis] = build_bases(plan, [goods], (audience, audience), moment)
        for offers in basis.offers:
            used = offers[:1] if plan.combine == "first" else offers
            deciding |= {offer.rule for offer in used}
    return deciding


def _rules_for(plan: Plan, goods: Goods) -> Iterator[Rule]:
    for layer, targets in (
        ("product", (goods.product,)), ("category", goods.categories), ("store", (None,)),
    ):  # fmt: skip
        for target in targets:
            yield from plan.by_target.get((layer, target), ())


def _moments(rules: Iterable[Rule], at: datetime) -> list[datetime]:
    """Return now and the later moments at which a rule or a boost begins or ends."""
    moments = {at}
    for rule in rules:
        edges = (rule.starts_at, rule.ends_at, rule.boost_from, rule.boost_until)
        moments |= {edge for edge in edges if edge is not None and edge > at}
    return sorted(moments)


def _audiences(rules: Iterable[Rule], boost: int = ONE_HUNDRED_PERCENT) -> list[Beneficiary]:
    known = list(rules)
    levels = {None, *(rule.level for rule in known)}
    segments = {None, *(rule.segment for rule in known)}
    return [
        Beneficiary("active", level, segment, boost) for level, segment in product(levels, segments)
    ]
