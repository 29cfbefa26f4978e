"""What an order or a proof counts for a member."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Counted:
    """What one order, or one proof, counts for one member in an incentive.

    Members, orders and proofs by primary key; a merged member stands under the survivor. ``value``
    is in fen or pieces, ``paid`` in fen. Not ``counted``: paid, and not completed yet.
    """

    order: int | None
    proof: int | None
    member: int
    subject: int | None
    value: int
    paid: int
    counted: bool
    happened_at: datetime
    counted_at: datetime | None
    period_start: date
