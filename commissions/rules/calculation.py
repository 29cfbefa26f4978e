"""The arithmetic, in exact fractions: rule → boost → combine → cap → floor, once per tier."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from commissions.rules.terms import FEN_PER_POINT, ONE_HUNDRED_PERCENT, POINTS, Award, Basis, Offer
from common import money


def award(basis: Basis, *, quantity: int, paid: int) -> tuple[Award, Award]:
    """Compute both tiers' awards for the rest of a line: ``quantity`` units, ``paid`` minor units.

    Both tiers together stay within the cap, points apart; tier 1 comes first.
    """
    room = Fraction(basis.cap * paid, ONE_HUNDRED_PERCENT)
    awards = []
    for status, offers in zip(basis.statuses, basis.offers, strict=True):
        uncapped = _uncapped_award(basis, status, offers, quantity, paid)
        granted = uncapped.exact
        if uncapped.asset != POINTS:
            granted = min(granted, room)
            room -= granted
        amount = money.floor(granted)
        reason = uncapped.reason
        if uncapped.exact > granted:
            reason = "capped"
        elif uncapped.exact and not amount:
            reason = "below_one"
        awards.append(replace(uncapped, amount=amount, reason=reason))
    return awards[0], awards[1]


def _uncapped_award(
    basis: Basis, status: str, offers: tuple[Offer, ...], quantity: int, paid: int
) -> Award:
    if not status:
        return Award(0, "", "no_upline")
    if status != "active":
        return Award(0, "", "not_active")
    if not offers:
        return Award(0, "", "no_rule")
    if basis.combine == "first":
        offers = offers[:1]
    amounts = [_exact_amount(basis, offer, quantity, paid) for offer in offers]
    if basis.combine == "sum":
        used, exact = offers, sum(amounts, Fraction(0))
    else:
        best = amounts.index(max(amounts))
        used, exact = (offers[best],), amounts[best]
    return Award(0, used[0].asset, _reason(basis, used, exact, paid), used, exact)


def _reason(basis: Basis, used: tuple[Offer, ...], exact: Fraction, paid: int) -> str:
    if exact:
        return "paid"
    with_value = [offer for offer in used if offer.value]
    if not with_value:
        return "blank"
    if not paid or all(offer.base == "paid" for offer in with_value):
        return "nothing_left"
    return "cost_unknown" if basis.unit_cost is None else "no_profit"


def _exact_amount(basis: Basis, offer: Offer, quantity: int, paid: int) -> Fraction:
    if offer.kind == "per_unit":
        factor, divisor = quantity, 1
    elif offer.kind == "per_order":
        factor, divisor = (paid, basis.paid) if basis.paid else (0, 1)
    else:
        factor, divisor = _base(basis, offer, quantity, paid), ONE_HUNDRED_PERCENT
        if offer.asset == POINTS:
            divisor *= FEN_PER_POINT
    return Fraction(offer.value * factor * offer.boost, divisor * ONE_HUNDRED_PERCENT)


def _base(basis: Basis, offer: Offer, quantity: int, paid: int) -> int:
    if offer.base == "paid":
        return paid
    if basis.unit_cost is None:
        return 0  # without a cost the profit is unknown
    return max(0, paid - basis.unit_cost * quantity)
