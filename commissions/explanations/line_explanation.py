"""The values that an explanation consists of."""

from __future__ import annotations

from dataclasses import dataclass

from commissions.models import Plan
from distribution.models import Distributor

EXPECTED = "expected"


@dataclass(frozen=True, slots=True)
class TierExplanation:
    """One tier of a line, in minor units of ``asset``, which is empty where nothing is paid.

    ``reason``: the whole line's ``rules.Award.reason``, or no_plan.
    ``state``: the commission's; ``expected`` before the order is paid, empty without a commission.
    ``original``, ``current``: the whole line's commission, and what is left of it after refunds.
    ``matches_stored``: whether the stored amounts equal those computed again.
    """

    tier: int
    distributor: Distributor | None
    reason: str
    asset: str
    original: int
    current: int
    state: str
    sentences: tuple[str, ...]
    matches_stored: bool = True


@dataclass(frozen=True, slots=True)
class LineExplanation:
    """A line and its two tiers. ``paid`` and ``remaining_paid``: fen, without freight."""

    number: int
    sku: str
    product: str
    quantity: int
    paid: int
    remaining_quantity: int
    remaining_paid: int
    plan: Plan | None
    tiers: tuple[TierExplanation, TierExplanation]

    @property
    def matches_stored(self) -> bool:
        return all(tier.matches_stored for tier in self.tiers)
