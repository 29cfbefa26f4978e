"""What a withdrawal is made of: gross = net + tax + fee."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from common import rounding

ONE_HUNDRED_PERCENT = 10_000  # basis points


class AmountParts(NamedTuple):
    """In fen; they add up to the gross amount."""

    fee: int
    tax: int
    net: int


def fee_of(gross: int, *, fee_bp: int) -> int:
    """The fee of an amount, rounded down; in fen.

    :param fee_bp: basis points of ``gross``
    """
    if gross <= 0 or not 0 <= fee_bp <= ONE_HUNDRED_PERCENT:
        raise ValueError(f"no fee of {fee_bp} basis points of {gross}")
    return rounding.floor(Fraction(gross * fee_bp, ONE_HUNDRED_PERCENT))


def split_gross(gross: int, *, fee: int, tax: int) -> AmountParts:
    """What is left of ``gross`` for the member, and what is not; in fen.

    The fee is no deduction: tax is computed on the gross amount, elsewhere. A fee and a tax that
    leave nothing make a net of 0 or less, which no channel pays.

    :param gross: above 0
    :param tax: as ``withhold`` says
    """
    if gross <= 0 or tax < 0 or not 0 <= fee <= gross:
        raise ValueError(f"cannot split {gross} with a fee of {fee} and a tax of {tax}")
    return AmountParts(fee=fee, tax=tax, net=gross - fee - tax)
