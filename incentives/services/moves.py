"""The moves that bring awards from what was given to what is due."""

from __future__ import annotations

from dataclasses import dataclass

from incentives.models import Award
from ledger.chart import Asset


@dataclass(slots=True)
class Move:
    """What an award is to be given (``change`` above 0) or to lose, in minor units or 1.

    ``refusal``: why it is not done; empty: it is. ``key``: of its posting, and of its coupon.
    ``person``: who gets it, the survivor of a merged member; ``grants.lock`` sets it.
    """

    award: Award
    change: int
    person: int = 0
    refusal: str = ""
    number: int = 0
    key: str = ""

    def __post_init__(self) -> None:
        self.number = self.award.moves + 1
        self.key = key_of(self.award, self.number)

    @property
    def gives(self) -> bool:
        return self.change > 0

    @property
    def is_posted(self) -> bool:
        """Whether it moves an asset in a wallet."""
        return bool(self.award.asset)

    @property
    def money(self) -> int:
        """How much of a budget in money it takes, or gives back, in fen."""
        paid = self.award.asset and self.award.asset != Asset.POINTS
        return self.change if paid else 0


def key_of(award: Award, number: int) -> str:
    """Return the key of a move, for the ledger and for coupons."""
    return f"award:{award.public_id}:{number}"
