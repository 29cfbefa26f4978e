"""An order as an outside mall reports it; ``None`` means not known, or not yet.

All amounts in fen. Buyers and referrers are given by their id in the mall.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


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

    @property
    def paid(self) -> int:
        return self.quantity * self.unit_price - self.discount


@dataclass(frozen=True, slots=True)
class RefundSnapshot:
    number: str
    line: int
    quantity: int
    """0: a refund without a return."""
    amount: int
    """For goods, without freight."""
    requested_at: datetime
    freight: int = 0
    approved_at: datetime | None = None
    done_at: datetime | None = None
    rejected_at: datetime | None = None
    withdrawn_at: datetime | None = None
    reason: str = ""


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
    refunds: tuple[RefundSnapshot, ...] = ()
    referrer: str | None = None
    """The member who referred the buyer to this order, by their id in the mall."""
    contact: dict[str, str] = field(default_factory=dict)
    """Hashes of phone number, address, device and IP address."""
