"""The named rules, as pure functions from evidence to outcome.

A rule with missing or too little evidence is ``not_assessed``: it neither passes nor holds, and
that is recorded. Shares are compared in whole percent by multiplication, so nothing is rounded.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

from risk.models import RuleName

PASS = "pass"  # noqa: S105 - no password
NOT_ASSESSED = "not_assessed"
PERCENT = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSettings:
    """The settings by operations: ``effect`` is hold or block, the unit of ``threshold`` depends on
    the rule, and with fewer than ``min_sample`` cases the rule is not assessed."""

    threshold: int
    effect: str = "hold"
    min_sample: int = 0


class Finding(NamedTuple):
    """The outcome of a rule and the evidence for it."""

    outcome: str
    evidence: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class AmountHistory:
    """An amount in fen and those of the last 90 days; the median is the lower of two."""

    amount: int
    count: int
    median: int | None = None
    maximum: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DistributorAge:
    """Whole days since the member became a distributor."""

    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderShare:
    """The number of orders, and of those that match."""

    orders: int
    matching: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedContacts:
    """Contacts that a distributor shares with buyers.

    ``own_contacts``: distinct contacts of the distributor; ``buyers``: buyers with a contact;
    ``shared``: buyers whose contact is also the distributor's.
    """

    own_contacts: int
    buyers: int
    shared: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactsOfFriend(SharedContacts):
    """Contacts of a friend's order that are shared with who brought them, or with other friends.

    ``own_contacts``: those of the order; ``buyers``: the referrer and the other friends with a
    contact; ``friends``: how many of those who share it are such friends. ``members``: the ids of
    some who share it.
    """

    friends: int
    members: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherMembers:
    """Other members with the same payee or ID number: their number, and the ids of some."""

    others: int
    members: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class BindingBurst:
    """The maximum number of bindings started within one hour, in the last 30 days."""

    max_per_hour: int


Evidence = (
    AmountHistory | DistributorAge | OrderShare | SharedContacts | OtherMembers | BindingBurst
)


def evaluate(name: RuleName, evidence: Evidence | None, settings: RuleSettings) -> Finding:
    """Evaluate the rule ``name``; ``None``: there is no evidence."""
    limits = {"threshold": settings.threshold, "min_sample": settings.min_sample}
    if evidence is None:
        return Finding(NOT_ASSESSED, limits)
    is_suspicious = RULES[name](evidence, settings)
    outcomes = {None: NOT_ASSESSED, False: PASS, True: settings.effect}
    return Finding(outcomes[is_suspicious], limits | asdict(evidence))


def amount_spike(evidence: AmountHistory, settings: RuleSettings) -> bool | None:
    """Check for an amount above the maximum and above ``threshold`` percent of the median."""
    if (
        evidence.count < max(settings.min_sample, 1)
        or evidence.median is None
        or evidence.maximum is None
    ):
        return None
    return (
        evidence.amount > evidence.maximum
        and evidence.amount * PERCENT > evidence.median * settings.threshold
    )


def new_distributor(evidence: DistributorAge, settings: RuleSettings) -> bool:
    """Check for a distributor of fewer than ``threshold`` days."""
    return evidence.days < settings.threshold


def share_of_orders(evidence: OrderShare, settings: RuleSettings) -> bool | None:
    """Check for at least ``threshold`` percent matching orders."""
    if evidence.orders < max(settings.min_sample, 1):
        return None
    return evidence.matching * PERCENT >= evidence.orders * settings.threshold


def shared_contact(evidence: SharedContacts, settings: RuleSettings) -> bool | None:
    """Check for at least ``threshold`` buyers with a shared contact."""
    if not evidence.own_contacts or evidence.buyers < max(settings.min_sample, 1):
        return None
    return evidence.shared >= settings.threshold


def shared_with_others(evidence: OtherMembers, settings: RuleSettings) -> bool:
    """Check for at least ``threshold`` other members."""
    return evidence.others >= settings.threshold


def binding_burst(evidence: BindingBurst, settings: RuleSettings) -> bool:
    """Check for at least ``threshold`` bindings within an hour."""
    return evidence.max_per_hour >= settings.threshold


RULES: dict[RuleName, Callable[..., bool | None]] = {
    RuleName.AMOUNT_SPIKE: amount_spike,
    RuleName.NEW_DISTRIBUTOR: new_distributor,
    RuleName.REFUND_RATE: share_of_orders,
    RuleName.SELF_PURCHASE: share_of_orders,
    RuleName.SHARED_PHONE: shared_contact,
    RuleName.SHARED_DEVICE: shared_contact,
    RuleName.SHARED_ADDRESS: shared_contact,
    RuleName.SHARED_PAYEE: shared_with_others,
    RuleName.SHARED_IDENTITY: shared_with_others,
    RuleName.BINDING_BURST: binding_burst,
}
# The part of an order's ``contact`` that each rule compares. IP addresses are no evidence: a whole
# province may share one.
CONTACTS = {
    RuleName.SHARED_PHONE: "phone_hash",
    RuleName.SHARED_DEVICE: "device",
    RuleName.SHARED_ADDRESS: "address_hash",
}
