"""How much a line earns, and for whom: numbers in, numbers out. No database, no clock, no settings.

All amounts are minor units (fen, or whole points), all rates basis points. The order of the
arithmetic, in exact fractions: rule → boost → combine → cap → floor, once per tier.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction
from functools import cached_property
from typing import Any

from common import money, rounding

WHOLE = 10_000  # basis points
POINTS = "points"
FEN_A_POINT = 100


@dataclass(frozen=True, slots=True)
class Rule:
    """What a layer pays for a target. ``tiers`` are its two values; ``None`` and 0 pay nothing."""

    id: int
    layer: str
    target: int | None
    level: int | None
    segment: int | None
    priority: int
    kind: str
    tiers: tuple[int | None, int | None]
    base: str
    asset: str
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    boost: int | None = None
    boost_from: datetime | None = None
    boost_until: datetime | None = None

    def valid(self, at: datetime) -> bool:
        return (self.starts_at is None or self.starts_at <= at) and (
            self.ends_at is None or at < self.ends_at
        )

    def boost_at(self, at: datetime) -> int:
        if self.boost is None or self.boost_from is None or self.boost_until is None:
            return WHOLE
        return self.boost if self.boost_from <= at < self.boost_until else WHOLE


@dataclass(frozen=True)
class Plan:
    layers: tuple[str, ...]
    combine: str
    cap: int
    rules: tuple[Rule, ...]

    @cached_property
    def by_target(self) -> dict[tuple[str, int | None], list[Rule]]:
        found: dict[tuple[str, int | None], list[Rule]] = {}
        for rule in self.rules:
            found.setdefault((rule.layer, rule.target), []).append(rule)
        return found


@dataclass(frozen=True, slots=True)
class Goods:
    """A line as it was placed. ``categories``: the nearest first. ``paid``: for all its units."""

    product: int
    categories: tuple[int, ...]
    quantity: int
    paid: int
    unit_cost: int | None


@dataclass(frozen=True, slots=True)
class Payee:
    """Whoever stands in a tier, as they were at placement."""

    status: str
    level: int | None = None
    segment: int | None = None

    @property
    def earns(self) -> bool:
        return self.status == "active"


@dataclass(frozen=True, slots=True)
class Offer:
    """One tier's part of the rule that a layer has chosen; ``value`` 0 pays nothing.

    ``value`` is a rate, an amount for each unit, or this line's share of an amount for the order.
    A share is boosted already.
    """

    rule: int
    layer: str
    kind: str
    value: int
    base: str
    asset: str
    boost: int = WHOLE

    def as_json(self) -> dict[str, Any]:
        return {
            "rule": self.rule,
            "layer": self.layer,
            "kind": self.kind,
            "value": self.value,
            "base": self.base,
            "asset": self.asset,
            "boost": self.boost,
        }


@dataclass(frozen=True, slots=True)
class Basis:
    """Everything that decides what a line earns: frozen, and enough to compute it again.

    ``statuses``: of the two tiers, empty where nobody stands. ``offers``: of the two tiers, one for
    each layer that has a rule, in the plan's order.
    """

    quantity: int
    paid: int
    unit_cost: int | None
    combine: str
    cap: int
    statuses: tuple[str, str]
    offers: tuple[tuple[Offer, ...], tuple[Offer, ...]]

    def as_json(self) -> dict[str, Any]:
        return {
            "quantity": self.quantity,
            "paid": self.paid,
            "unit_cost": self.unit_cost,
            "combine": self.combine,
            "cap": self.cap,
            "statuses": list(self.statuses),
            "offers": [[offer.as_json() for offer in offers] for offers in self.offers],
        }

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Basis:
        first, second = kept["offers"]
        fields = {name: kept[name] for name in ("quantity", "paid", "unit_cost", "combine", "cap")}
        return cls(
            **fields,
            statuses=(kept["statuses"][0], kept["statuses"][1]),
            offers=(tuple(Offer(**one) for one in first), tuple(Offer(**one) for one in second)),
        )


@dataclass(frozen=True, slots=True)
class Award:
    """What a tier gets of a line: ``amount``, and why it is not more.

    ``why``: paid, no_upline, not_active, no_rule, blank, no_profit, cost_unknown, capped,
    nothing_left, below_one.
    """

    amount: int
    asset: str
    why: str
    offers: tuple[Offer, ...] = ()
    exact: Fraction = Fraction(0)
    """Before the cap and before the fraction is dropped."""


def judge(
    plan: Plan, goods: Sequence[Goods], payees: tuple[Payee | None, Payee | None], at: datetime
) -> list[Basis]:
    """What decides each line of an order placed ``at``, in the order of ``goods``."""
    chosen = [
        [choose(plan, one, payee, tier, at) if payee and payee.earns else () for one in goods]
        for tier, payee in enumerate(payees)
    ]
    first, second = (_share_out(plan, goods, offers) for offers in chosen)
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


def choose(plan: Plan, goods: Goods, payee: Payee, tier: int, at: datetime) -> tuple[Offer, ...]:
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
            if (audience := _audience(rule, payee)) is not None and rule.valid(at)
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


def _audience(rule: Rule, payee: Payee) -> int | None:
    if rule.level is not None:
        return 0 if rule.level == payee.level else None
    if rule.segment is not None:
        return 1 if rule.segment == payee.segment else None
    return 2


def _share_out(
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
        total = rounding.floor(Fraction(offer.value * offer.boost, WHOLE)) if any(weights) else 0
        parts = money.split(total, weights) if total else [0] * len(weights)
        shares |= {(rule, place): part for place, part in zip(places, parts, strict=True)}
    return [
        tuple(
            replace(offer, value=shares.get((offer.rule, place), 0), boost=WHOLE)
            if offer.kind == "per_order"
            else offer
            for offer in line
        )
        for place, line in enumerate(offers)
    ]


def award(basis: Basis, *, quantity: int, paid: int) -> tuple[Award, Award]:
    """What the two tiers get for what remains of a line: ``quantity`` units, ``paid`` minor units.

    Money assets of both tiers together stay within the cap; tier 1 comes first.
    """
    room = Fraction(basis.cap * paid, WHOLE)
    awards = []
    for status, offers in zip(basis.statuses, basis.offers, strict=True):
        wished = _wish(basis, status, offers, quantity, paid)
        granted = wished.exact
        if wished.asset != POINTS:
            granted = min(granted, room)
            room -= granted
        amount = rounding.floor(granted)
        why = wished.why
        if wished.exact > granted:
            why = "capped"
        elif wished.exact and not amount:
            why = "below_one"
        awards.append(replace(wished, amount=amount, why=why))
    return awards[0], awards[1]


def recompute(explanation: dict[str, Any], *, tier: int, quantity: int, paid: int) -> int:
    """A commission's amount from nothing but its explanation and what remains of its line.

    :param tier: 1 or 2
    """
    basis = Basis.from_json(explanation)
    return award(basis, quantity=quantity, paid=paid)[tier - 1].amount


def _wish(basis: Basis, status: str, offers: tuple[Offer, ...], quantity: int, paid: int) -> Award:
    if not status:
        return Award(0, "", "no_upline")
    if status != "active":
        return Award(0, "", "not_active")
    if not offers:
        return Award(0, "", "no_rule")
    amounts = [_exact(basis, offer, quantity, paid) for offer in offers]
    if basis.combine == "sum":
        used, exact = offers, sum(amounts, Fraction(0))
    else:
        place = amounts.index(max(amounts)) if basis.combine == "best" else 0
        used, exact = (offers[place],), amounts[place]
    return Award(0, used[0].asset, _why(basis, used, exact, paid), used, exact)


def _why(basis: Basis, used: tuple[Offer, ...], exact: Fraction, paid: int) -> str:
    if exact:
        return "paid"
    promising = [offer for offer in used if offer.value]
    if not promising:
        return "blank"
    if not paid or all(offer.base == "paid" for offer in promising):
        return "nothing_left"
    return "cost_unknown" if basis.unit_cost is None else "no_profit"


def _exact(basis: Basis, offer: Offer, quantity: int, paid: int) -> Fraction:
    if offer.kind == "per_unit":
        plain = Fraction(offer.value * quantity)
    elif offer.kind == "per_order":
        plain = Fraction(offer.value * paid, basis.paid) if basis.paid else Fraction(0)
    else:
        plain = Fraction(offer.value * _base(basis, offer, quantity, paid), WHOLE)
        if offer.asset == POINTS:
            plain /= FEN_A_POINT
    return plain * offer.boost / WHOLE


def _base(basis: Basis, offer: Offer, quantity: int, paid: int) -> int:
    if offer.base == "paid":
        return paid
    if basis.unit_cost is None:
        return 0  # nobody knows the profit, and nobody is paid on a guess
    return max(0, paid - basis.unit_cost * quantity)
