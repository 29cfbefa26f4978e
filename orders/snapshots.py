"""What an outside mall knows of an order. ``None`` is: not known, or not yet.

All amounts in fen. People are named by their id in the mall.
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
    """Of the whole line; no commission comes of it."""
    unit_cost: int | None = None
    """``None``: the SKU's."""

    @property
    def paid(self) -> int:
        return self.quantity * self.unit_price - self.discount


@dataclass(frozen=True, slots=True)
class RefundSnapshot:
    number: str
    line: int
    quantity: int
    """0: money only, the goods stay."""
    amount: int
    """Goods money."""
    requested_at: datetime
    freight: int = 0
    approved_at: datetime | None = None
    done_at: datetime | None = None
    rejected_at: datetime | None = None
    withdrawn_at: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class OrderSnapshot:
    """A whole order: every line with each delivery, and the refunds and times that are known."""

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
    """Whoever brought the buyer to this order, by their id in the mall."""
    contact: dict[str, str] = field(default_factory=dict)
    """Hashes of telephone and address, device and address in the network."""
