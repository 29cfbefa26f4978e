"""The values of the calculation: rules, goods, beneficiaries, a line's basis and its awards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from functools import cached_property
from typing import Any

from common.money import BASIS_POINTS

ONE_HUNDRED_PERCENT = BASIS_POINTS
"""Also the boost that changes nothing."""
POINTS = "points"
FEN_PER_POINT = 100
_MOMENTS = ("starts_at", "ends_at", "boost_from", "boost_until")


@dataclass(frozen=True, slots=True)
class Rule:
    """A layer's value for a target. ``tiers``: for each tier; ``None`` and 0 pay nothing."""

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
            return ONE_HUNDRED_PERCENT
        return self.boost if self.boost_from <= at < self.boost_until else ONE_HUNDRED_PERCENT

    def as_json(self) -> dict[str, Any]:
        values = _values(self)
        moments = {name: values[name] and values[name].isoformat() for name in _MOMENTS}
        return {**values, **moments, "tiers": list(self.tiers)}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Rule:
        moments = {name: data[name] and datetime.fromisoformat(data[name]) for name in _MOMENTS}
        return cls(**{**data, **moments, "tiers": tuple(data["tiers"])})


@dataclass(frozen=True)
class Plan:
    layers: tuple[str, ...]
    combine: str
    cap: int
    rules: tuple[Rule, ...]

    def as_json(self) -> dict[str, Any]:
        return {
            "layers": list(self.layers), "combine": self.combine, "cap": self.cap,
            "rules": [rule.as_json() for rule in self.rules],
        }  # fmt: skip

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Plan:
        rules = tuple(map(Rule.from_json, data["rules"]))
        return cls(**{**data, "layers": tuple(data["layers"]), "rules": rules})

    @cached_property
    def by_target(self) -> dict[tuple[str, int | None], list[Rule]]:
        rules: dict[tuple[str, int | None], list[Rule]] = {}
        for rule in self.rules:
            rules.setdefault((rule.layer, rule.target), []).append(rule)
        return rules


@dataclass(frozen=True, slots=True)
class Goods:
    """An order line at placement. ``categories``: the nearest first. ``paid``: for all units."""

    product: int
    categories: tuple[int, ...]
    quantity: int
    paid: int
    unit_cost: int | None


@dataclass(frozen=True, slots=True)
class Beneficiary:
    """The distributor of a tier, with their data at placement; ``boost``: their own, in force."""

    status: str
    level: int | None = None
    segment: int | None = None
    boost: int = ONE_HUNDRED_PERCENT

    @property
    def earns(self) -> bool:
        return self.status == "active"


@dataclass(frozen=True, slots=True)
class Offer:
    """One tier's value of the rule selected in a layer; 0 pays nothing.

    ``value`` is a rate, an amount per unit, or this line's share of an amount per order, which is
    boosted already.
    """

    rule: int
    layer: str
    kind: str
    value: int
    base: str
    asset: str
    boost: int = ONE_HUNDRED_PERCENT

    def as_json(self) -> dict[str, Any]:
        return _values(self)


@dataclass(frozen=True, slots=True)
class Basis:
    """Everything that decides a line's commissions: fixed at placement, enough to recompute them.

    ``statuses``: of the two tiers, empty for a tier without a distributor. ``offers``: of the two
    tiers, one for each layer with a rule, in the plan's order.
    """

    quantity: int
    paid: int
    unit_cost: int | None
    combine: str
    cap: int
    statuses: tuple[str, str]
    offers: tuple[tuple[Offer, ...], tuple[Offer, ...]]

    def as_json(self) -> dict[str, Any]:
        offers = [[offer.as_json() for offer in tier] for tier in self.offers]
        return {**_values(self), "offers": offers}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Basis:
        offers = tuple(tuple(Offer(**offer) for offer in tier) for tier in data["offers"])
        return cls(**{**data, "statuses": tuple(data["statuses"]), "offers": offers})


@dataclass(frozen=True, slots=True)
class Award:
    """A tier's part of a line: ``amount``, and the reason why it is not higher.

    ``reason``: paid, no_upline, not_active, no_rule, blank, no_profit, cost_unknown, capped,
    nothing_left, below_one.
    """

    amount: int
    asset: str
    reason: str
    offers: tuple[Offer, ...] = ()
    exact: Fraction = Fraction(0)
    """Before the cap and before rounding down."""


def _values(row: Offer | Basis | Rule) -> dict[str, Any]:
    return {name: getattr(row, name) for name in row.__slots__}
