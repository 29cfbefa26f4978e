"""Say what a coupon takes off, in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from common import clock
from common.money import BASIS_POINTS, plain_yuan
from promotions import rules
from promotions.rules import CouponTerms

SHOWN_GOODS = 3


def value_sentence(terms: CouponTerms) -> str:
    """Return what the coupon takes off, and from what amount, such as “¥50 off from ¥199”."""
    value = _value(terms)
    if not terms.threshold:
        return value
    return _("%(value)s from %(amount)s") % {"value": value, "amount": yuan(terms.threshold)}


def goods_sentence(terms: CouponTerms, names: Sequence[str]) -> str:
    """Return the goods that the coupon is valid for.

    :param names: of the products or categories
    """
    if terms.scope == rules.ALL:
        return _("all goods")
    shown = _(", ").join(names[:SHOWN_GOODS])
    others = len(names) - SHOWN_GOODS
    if others > 0:
        more = pgettext("goods", "%(first)s and %(count)s more")
        shown = more % {"first": shown, "count": others}
    if terms.scope == rules.CATEGORIES:
        return _("in the categories: %(names)s") % {"names": shown}
    return _("on: %(names)s") % {"names": shown}


def validity_sentence(terms: CouponTerms) -> str:
    """Return when the coupon is valid."""
    if terms.valid_days is not None:
        return ngettext(
            "%(days)s day from the grant", "%(days)s days from the grant", terms.valid_days
        ) % {"days": terms.valid_days}
    assert terms.valid_from is not None
    assert terms.valid_until is not None
    start, end = clock.format_moment(terms.valid_from), clock.format_moment(terms.valid_until)
    return _("%(start)s to %(end)s") % {"start": start, "end": end}


def coupon_sentence(terms: CouponTerms, names: Sequence[str]) -> str:
    """Return value, goods and validity in one line."""
    parts = (value_sentence(terms), goods_sentence(terms, names), validity_sentence(terms))
    return " · ".join(parts)


def face(terms: CouponTerms) -> str:
    """Return the value alone, in large type on a coupon: “¥50”, “20% off”, “free”."""
    if terms.kind == rules.AMOUNT:
        return yuan(terms.amount or 0)
    if terms.kind == rules.PRODUCT:
        return pgettext("coupon", "free")
    return _rate(terms.rate or 0, "")


def condition(terms: CouponTerms) -> str:
    """Return from what amount it can be used, and its limit."""
    if terms.threshold:
        sentence = _("from %(amount)s") % {"amount": yuan(terms.threshold)}
    else:
        sentence = _("any amount")
    if terms.most is None:
        return sentence
    return sentence + _(", ") + _("at most %(amount)s off") % {"amount": yuan(terms.most)}


def yuan(fen: int) -> str:
    """Format an amount as people write it on coupons: ``¥50``, ``¥9.90``."""
    return f"¥{plain_yuan(fen).removesuffix('.00')}"


def percent(rate: int) -> str:
    """Format basis points as a percentage without needless zeros: ``12.5``."""
    return f"{rate / 100:g}"


def _value(terms: CouponTerms) -> str:
    if terms.kind == rules.AMOUNT:
        return _("%(amount)s off") % {"amount": yuan(terms.amount or 0)}
    if terms.kind == rules.PRODUCT:
        return _("one product free")
    return _rate(terms.rate or 0, "" if terms.most is None else yuan(terms.most))


def _rate(rate: int, most: str) -> str:
    tenths = f"{(BASIS_POINTS - rate) / 1_000:g}"
    share = {"percent": percent(rate), "tenths": tenths, "most": most}
    if (get_language() or "").startswith("zh") and rate < BASIS_POINTS:
        # Chinese shops write what is left to pay, in tenths.
        if most:
            return _("%(tenths)s tenths of the price, at most %(most)s off") % share
        return _("%(tenths)s tenths of the price") % share
    if most:
        return _("%(percent)s%% off, at most %(most)s") % share
    return _("%(percent)s%% off") % share
