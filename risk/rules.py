"""The named rules: evidence in, outcome out. No database, no clock, no settings.

A rule whose evidence is missing, or too little to compare, is ``not_assessed``: it neither passes
nor holds anything, and that it did not is kept. Shares are compared in whole percent by
multiplication, so nothing is rounded.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

PASS = "pass"  # noqa: S105 - no password
NOT_ASSESSED = "not_assessed"
PERCENT = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What operations have set: ``effect`` is hold or block; the unit of ``threshold`` is the
    rule's; with fewer than ``least`` cases to compare nothing is said."""

    threshold: int
    effect: str = "hold"
    least: int = 0


class Finding(NamedTuple):
    outcome: str
    evidence: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Amounts:
    """An amount in fen beside those of the last 90 days. The median is the lower of two."""

    amount: int
    count: int
    median: int | None = None
    maximum: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Age:
    """Whole days since somebody has become a distributor."""

    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """How many of some orders are of the kind that is looked for."""

    orders: int
    found: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sharing:
    """Of a distributor's own contacts, and of buyers who have one too.

    ``known``: different contacts of the distributor; ``buyers``: buyers with a contact;
    ``shared``: those whose contact is one of the distributor's.
    """

    known: int
    buyers: int
    shared: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Others:
    """Who else is paid to the same account, or has the same ID number: how many, and some ids."""

    others: int
    members: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Burst:
    """The most bindings to a distributor that began within one hour, in the last 30 days."""

    most: int


Evidence = Amounts | Age | Share | Sharing | Others | Burst


def judge(name: str, evidence: Evidence | None, limits: Limits) -> Finding:
    """What the rule ``name`` says of its evidence; ``None`` is: there is none."""
    kept = {"threshold": limits.threshold, "least": limits.least}
    if evidence is None:
        return Finding(NOT_ASSESSED, kept)
    wrong = RULES[name](evidence, limits)
    outcome = NOT_ASSESSED if wrong is None else limits.effect if wrong else PASS
    return Finding(outcome, kept | asdict(evidence))


def amount_spike(seen: Amounts, limits: Limits) -> bool | None:
    """Above the largest before, and above ``threshold`` percent of the median."""
    if seen.count < max(limits.least, 1) or seen.median is None or seen.maximum is None:
        return None
    return seen.amount > seen.maximum and seen.amount * PERCENT > seen.median * limits.threshold


def new_distributor(seen: Age, limits: Limits) -> bool:
    """A distributor for fewer than ``threshold`` days."""
    return seen.days < limits.threshold


def share_of_orders(seen: Share, limits: Limits) -> bool | None:
    """At least ``threshold`` percent of the orders."""
    if seen.orders < max(limits.least, 1):
        return None
    return seen.found * PERCENT >= seen.orders * limits.threshold


def shared_contact(seen: Sharing, limits: Limits) -> bool | None:
    """At least ``threshold`` buyers."""
    if not seen.known or seen.buyers < max(limits.least, 1):
        return None
    return seen.shared >= limits.threshold


def shared_with_others(seen: Others, limits: Limits) -> bool:
    """At least ``threshold`` others."""
    return seen.others >= limits.threshold


def binding_burst(seen: Burst, limits: Limits) -> bool:
    """At least ``threshold`` bindings."""
    return seen.most >= limits.threshold


RULES: dict[str, Callable[..., bool | None]] = {
    "amount_spike": amount_spike,
    "new_distributor": new_distributor,
    "refund_rate": share_of_orders,
    "self_purchase": share_of_orders,
    "shared_phone": shared_contact,
    "shared_device": shared_contact,
    "shared_address": shared_contact,
    "shared_payee": shared_with_others,
    "shared_identity": shared_with_others,
    "binding_burst": binding_burst,
}
# Which part of an order's ``contact`` each of them compares. Addresses in the network are no
# evidence: a whole province surfs behind one.
CONTACTS = {
    "shared_phone": "phone_hash",
    "shared_device": "device",
    "shared_address": "address_hash",
}
