"""Format amounts and rates for people."""

from __future__ import annotations

from fractions import Fraction

from django.utils.translation import gettext as _

from common.money import FEN, format_yuan
from ledger.chart import Asset

DIGITS = 6


def amount(minor: int, asset: str) -> str:
    """Format minor units: ``10.99`` (cash), ``12 points``, ``3.00 store credit``."""
    if asset == Asset.POINTS:
        return _("%(count)s points") % {"count": f"{minor:,}"}
    return f"{format_yuan(minor)}{_unit(asset)}"


def exact(minor: Fraction, asset: str) -> str:
    """Format like ``amount``, with fractions of a minor unit: ``5.495``; ``…`` if cut off."""
    if minor.denominator == 1:
        return amount(minor.numerator, asset)
    whole = minor if asset == Asset.POINTS else minor / FEN
    scaled = whole * 10**DIGITS
    digits = f"{scaled.numerator // scaled.denominator:0{DIGITS + 1}}"
    text = f"{int(digits[:-DIGITS]):,}.{digits[-DIGITS:].rstrip('0')}"
    if scaled.denominator != 1:
        text += "…"
    if asset == Asset.POINTS:
        return _("%(count)s points") % {"count": text}
    return f"{text}{_unit(asset)}"


def _unit(asset: str) -> str:
    return "" if asset in ("", Asset.CASH) else f" {Asset(asset).label}"
