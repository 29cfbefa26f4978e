"""Split a gross amount: gross = net + tax + fee."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from common import money


class AmountParts(NamedTuple):
    """Parts in fen that add up to the gross amount."""

    fee: int
    tax: int
    net: int


def fee_of(gross: int, *, fee_bp: int) -> int:
    """Return the fee of an amount in fen, rounded down.

    :param fee_bp: basis points of ``gross``
    """
    if gross <= 0 or not 0 <= fee_bp <= money.BASIS_POINTS:
        raise ValueError(f"invalid fee: {fee_bp} basis points of {gross} fen")
    return money.floor(Fraction(gross * fee_bp, money.BASIS_POINTS))


def split_gross(gross: int, *, fee: int, tax: int) -> AmountParts:
    """Split ``gross`` into fee, tax and net; in fen.

    Tax is computed on the gross amount: the fee is not deducted first. The net may be 0 or less,
    which no channel pays.

    :param gross: above 0
    :param tax: the result of ``withhold``
    """
    if gross <= 0 or tax < 0 or not 0 <= fee <= gross:
        raise ValueError(f"cannot split {gross} with a fee of {fee} and a tax of {tax}")
    return AmountParts(fee=fee, tax=tax, net=gross - fee - tax)
