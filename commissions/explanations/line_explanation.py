"""What an explanation consists of."""

from __future__ import annotations

from dataclasses import dataclass

from commissions.models import Plan
from distribution.models import Distributor

EXPECTED = "expected"


@dataclass(frozen=True, slots=True)
class TierExplanation:
    """One tier of a line. Minor units of ``asset``, which is empty where there is nothing to pay.

    ``reason``: as ``rules.Award`` says it of the whole line, or no_plan.
    ``state``: the commission's; ``expected`` where there is none yet, empty where there is none.
    ``original`` and ``current``: what the whole line earns, or will, and what is left of it.
    ``matches_stored``: what is stored is what the frozen facts give when they are computed again.
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
    """A line and its two tiers. ``paid`` and ``remaining_paid`` in fen, for the goods alone."""

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
