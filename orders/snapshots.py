"""An order as an outside mall reports it; ``None`` means not known, or not yet.

All amounts in fen. Buyers and referrers are given by their id in the mall. Blanks around a number
or an id, and control characters, are no part of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from common.keys import clean_key


def _clean_keys(snapshot: Any, *names: str) -> None:
    for name in names:
        if key := getattr(snapshot, name):
            object.__setattr__(snapshot, name, clean_key(key))


@dataclass(frozen=True, slots=True)
class LineSnapshot:
    number: int
    sku: str
    quantity: int
    unit_price: int
    discount: int = 0
    """Of the whole line."""
    shipping: int = 0
    """Of the whole line; it earns no commission."""
    unit_cost: int | None = None
    """``None``: take the cost of the SKU."""

    def __post_init__(self) -> None:
        _clean_keys(self, "sku")

    @property
    def paid(self) -> int:
        return self.quantity * self.unit_price - self.discount


@dataclass(frozen=True, slots=True)
class RefundSnapshot:
    """What is refunded of one line. A number may go over several lines of one order."""

    number: str
    line: int
    quantity: int
    """0: money only, the goods stay."""
    amount: int
    """For goods, without freight."""
    requested_at: datetime
    freight: int = 0
    kind: str | None = None
    """One of ``Refund.TOLD_KINDS``; ``None``: as known, else by the quantity."""
    revision: int | None = None
    """Counts the changes of a refund that is not done; ``None``: arrival decides."""
    approved_at: datetime | None = None
    done_at: datetime | None = None
    rejected_at: datetime | None = None
    withdrawn_at: datetime | None = None
    reason: str = ""

    def __post_init__(self) -> None:
        _clean_keys(self, "number")


@dataclass(frozen=True, slots=True)
class OrderSnapshot:
    """A complete order: all its lines, and the refunds and times known so far."""

    number: str
    buyer: str
    placed_at: datetime
    lines: tuple[LineSnapshot, ...]
    paid_at: datetime | None = None
    shipped_at: datetime | None = None
    received_at: datetime | None = None
    closed_at: datetime | None = None
    revision: int | None = None
    """Counts the changes of an unpaid order; ``None``: arrival decides."""
    refunds: tuple[RefundSnapshot, ...] = ()
    referrer: str | None = None
    """The member who referred the buyer to this order, by their id in the mall."""
    contact: dict[str, str] = field(default_factory=dict)
    """Hashes of phone number, address, device and IP address."""
    share: str = ""
    """The code of the share through which the buyer came. Set with a new order."""
    region: str = ""
    """Where the goods go, such as a province. Set with a new order."""
    metadata: dict[str, Any] | None = None
    """An object of the mall's own, returned as it is; the last one counts."""

    def __post_init__(self) -> None:
        _clean_keys(self, "number", "buyer", "referrer")
