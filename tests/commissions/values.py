"""Rules, goods and beneficiaries for tests of the calculation, without a database."""

from __future__ import annotations

from typing import Any

from commissions.rules import Basis, Beneficiary, Goods, Plan, Rule, award, build_bases
from tests.cast import NOON

MASK = 7
SKIN, BEAUTY = 71, 70
"""The mask's category and its parent."""
ANYONE = Beneficiary("active")
TWO = (ANYONE, ANYONE)


def rule(tier1: int | None = 1_000, tier2: int | None = 500, **fields: Any) -> Rule:
    """Return a rule for everyone and the whole store, by default a percentage."""
    defaults: dict[str, Any] = {
        "id": 1, "layer": "store", "target": None, "level": None, "segment": None, "priority": 0,
        "kind": "percent", "base": "paid", "asset": "cash",
    }  # fmt: skip
    return Rule(**{**defaults, "tiers": (tier1, tier2), **fields})


def plan(*rules: Rule, **terms: Any) -> Plan:
    defaults: dict[str, Any] = {
        "layers": ("product", "category", "store"),
        "combine": "first",
        "cap": 5_000,
    }
    return Plan(**{**defaults, "rules": rules, **terms})


def goods(paid: int = 10_990, quantity: int = 1, **fields: Any) -> Goods:
    defaults: dict[str, Any] = {"product": MASK, "categories": (SKIN, BEAUTY), "unit_cost": 4_200}
    return Goods(**{**defaults, "quantity": quantity, "paid": paid, **fields})


def basis(terms: Plan, line: Goods, beneficiaries: Any = TWO) -> Basis:
    return build_bases(terms, [line], beneficiaries, NOON)[0]


def amounts(
    terms: Plan,
    *,
    of: Goods | None = None,
    to: Any = TWO,
    quantity: int | None = None,
    paid: int | None = None,
) -> tuple[int, int]:
    """Compute both tiers' amounts for the whole line, or for what remains of it."""
    line = of or goods()
    first, second = award(
        basis(terms, line, to),
        quantity=line.quantity if quantity is None else quantity,
        paid=line.paid if paid is None else paid,
    )
    return first.amount, second.amount


def reasons(terms: Plan, *, of: Goods | None = None, to: Any = TWO) -> tuple[str, str]:
    line = of or goods()
    first, second = award(basis(terms, line, to), quantity=line.quantity, paid=line.paid)
    return first.reason, second.reason
