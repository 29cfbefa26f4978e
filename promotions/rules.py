"""Compute what a coupon takes off. Amounts in fen, rates in basis points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

from common.money import BASIS_POINTS, floor

AMOUNT, PERCENT, PRODUCT = "amount", "percent", "product"
ALL, CATEGORIES, PRODUCTS = "all", "categories", "products"


@dataclass(frozen=True, slots=True)
class CouponTerms:
    """What a coupon promises.

    :param targets: keys of ``catalog.Category`` or ``catalog.Product``, by ``scope``
    :param valid_days: days from the grant, instead of two dates
    :param stock: how many may be given at all; ``None`` for any number
    :param per_member: how many a person may get
    """

    name: str
    kind: str = AMOUNT
    amount: int | None = None
    rate: int | None = None
    most: int | None = None
    threshold: int = 0
    scope: str = ALL
    targets: Sequence[int] = ()
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    valid_days: int | None = None
    stock: int | None = None
    per_member: int = 1
    is_claimable: bool = False


def discount_of(terms: CouponTerms, *, in_scope: int, unit_price: int = 0) -> int:
    """Return what the coupon takes off the goods that it is valid for, never more than they cost.

    :param in_scope: what these goods cost together, after other reductions, without shipping
    :param unit_price: of one unit of the product that is free
    """
    if in_scope < terms.threshold:
        return 0
    if terms.kind == AMOUNT:
        reduction = terms.amount or 0
    elif terms.kind == PERCENT:
        reduction = floor(Fraction(in_scope * (terms.rate or 0), BASIS_POINTS))
    else:
        reduction = unit_price
    if terms.most is not None:
        reduction = min(reduction, terms.most)
    return min(reduction, in_scope)


def most_off(terms: CouponTerms, *, unit_price: int | None = 0) -> int | None:
    """Return the most that one coupon can cost the shop; ``None`` for a percentage without limit.

    :param unit_price: of the dearest variety of the product that is free; ``None``: unknown
    """
    if terms.kind == AMOUNT:
        return terms.amount
    return terms.most if terms.kind == PERCENT else unit_price


def validity(terms: CouponTerms, granted_at: datetime) -> tuple[datetime, datetime]:
    """Return from when until when a coupon that is granted now may be used."""
    if terms.valid_days is not None:
        return granted_at, granted_at + timedelta(days=terms.valid_days)
    assert terms.valid_from is not None
    assert terms.valid_until is not None
    return terms.valid_from, terms.valid_until
