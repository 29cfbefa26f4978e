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
class RuleSettings:
    """What operations have set: ``effect`` is hold or block; the unit of ``threshold`` is the
    rule's; with fewer than ``min_sample`` cases to compare nothing is said."""

    threshold: int
    effect: str = "hold"
    min_sample: int = 0


class Finding(NamedTuple):
    outcome: str
    evidence: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class AmountHistory:
    """An amount in fen beside those of the last 90 days. The median is the lower of two."""

    amount: int
    count: int
    median: int | None = None
    maximum: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DistributorAge:
    """Whole days since somebody has become a distributor."""

    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderShare:
    """How many of some orders are of the kind that is looked for."""

    orders: int
    matching: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedContacts:
    """Of a distributor's own contacts, and of buyers who have one too.

    ``own_contacts``: different contacts of the distributor; ``buyers``: buyers with a contact;
    ``shared``: those whose contact is one of the distributor's.
    """

    own_contacts: int
    buyers: int
    shared: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherMembers:
    """Who else is paid to the same account, or has the same ID number: how many, and some ids."""

    others: int
    members: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class BindingBurst:
    """The most bindings to a distributor that began within one hour, in the last 30 days."""

    max_per_hour: int


Evidence = (
    AmountHistory | DistributorAge | OrderShare | SharedContacts | OtherMembers | BindingBurst
)


def evaluate(name: str, evidence: Evidence | None, settings: RuleSettings) -> Finding:
    """What the rule ``name`` says of its evidence; ``None`` is: there is none."""
    kept = {"threshold": settings.threshold, "min_sample": settings.min_sample}
    if evidence is None:
        return Finding(NOT_ASSESSED, kept)
    wrong = RULES[name](evidence, settings)
    outcome = NOT_ASSESSED if wrong is None else settings.effect if wrong else PASS
    return Finding(outcome, kept | asdict(evidence))


def amount_spike(seen: AmountHistory, settings: RuleSettings) -> bool | None:
    """Above the largest before, and above ``threshold`` percent of the median."""
    if seen.count < max(settings.min_sample, 1) or seen.median is None or seen.maximum is None:
        return None
    return seen.amount > seen.maximum and seen.amount * PERCENT > seen.median * settings.threshold


def new_distributor(seen: DistributorAge, settings: RuleSettings) -> bool:
    """A distributor for fewer than ``threshold`` days."""
    return seen.days < settings.threshold


def share_of_orders(seen: OrderShare, settings: RuleSettings) -> bool | None:
    """At least ``threshold`` percent of the orders."""
    if seen.orders < max(settings.min_sample, 1):
        return None
    return seen.matching * PERCENT >= seen.orders * settings.threshold


def shared_contact(seen: SharedContacts, settings: RuleSettings) -> bool | None:
    """At least ``threshold`` buyers."""
    if not seen.own_contacts or seen.buyers < max(settings.min_sample, 1):
        return None
    return seen.shared >= settings.threshold


def shared_with_others(seen: OtherMembers, settings: RuleSettings) -> bool:
    """At least ``threshold`` others."""
    return seen.others >= settings.threshold


def binding_burst(seen: BindingBurst, settings: RuleSettings) -> bool:
    """At least ``threshold`` bindings."""
    return seen.max_per_hour >= settings.threshold


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
