"""Check the terms of a coupon: every error, by field, in words for the form."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext as _

from catalog.models import Category, Product
from common import clock
from common.money import BASIS_POINTS
from promotions import rules
from promotions.models import MAX_AMOUNT, Coupon
from promotions.rules import CouponTerms

MAX_DAYS = 3_650
MAX_TARGETS = 500
MAX_COUNT = 2**31 - 1
MAX_PER_MEMBER = 1_000
Errors = dict[str, list[str]]
Finding = tuple[str, str]
"""A field, and what is wrong with it."""


def errors_of(terms: CouponTerms) -> Errors:
    """Return what is wrong with the terms, by field; empty if they can be saved."""
    return _by_field(
        *_name(terms), *_value(terms), *_threshold(terms), *_goods(terms), *_validity(terms),
        *_numbers(terms),
    )  # fmt: skip


def publication_errors(terms: CouponTerms, *, at: datetime) -> Errors:
    """Return what stands against publishing these terms now, by field."""
    errors = errors_of(terms)
    if not errors:
        errors = _by_field(*_time_left(terms, at), *_goods_on_sale(terms))
    return errors


def _by_field(*findings: Finding) -> Errors:
    errors: Errors = defaultdict(list)
    for field, sentence in findings:
        errors[field].append(sentence)
    return dict(errors)


def _name(terms: CouponTerms) -> Iterator[Finding]:
    if not terms.name.strip():
        yield "name", _("Give the coupon a name.")
    longest = Coupon._meta.get_field("name").max_length or 0
    if len(terms.name) > longest:
        yield "name", _("A name has at most %(count)s characters.") % {"count": longest}


def _value(terms: CouponTerms) -> Iterator[Finding]:
    """Check the value of the kind; those of other kinds must be empty."""
    if terms.kind not in Coupon.Kind.values:
        yield "kind", _("Choose what the coupon takes off.")
        return
    wanted = {rules.AMOUNT: "amount", rules.PERCENT: "rate"}.get(terms.kind)
    for field in ("amount", "rate", "most"):
        belongs = field == wanted or (field == "most" and terms.kind == rules.PERCENT)
        if getattr(terms, field) is not None and not belongs:
            yield field, _("This belongs to another kind of coupon: leave it empty.")
    if wanted == "amount" and not _within(terms.amount, 1, MAX_AMOUNT):
        yield "amount", _("Give an amount above 0 and up to 100,000,000 yuan.")
    if wanted == "rate":
        if not _within(terms.rate, 1, BASIS_POINTS):
            yield "rate", _("Give a percentage above 0 and up to 100.")
        if terms.most is not None and not _within(terms.most, 1, MAX_AMOUNT):
            yield "most", _("Give an amount above 0, or leave it empty for no limit.")


def _threshold(terms: CouponTerms) -> Iterator[Finding]:
    if not _within(terms.threshold, 0, MAX_AMOUNT):
        yield "threshold", _("Give an amount from 0 to 100,000,000 yuan.")
    elif terms.kind == rules.AMOUNT and 0 < terms.threshold < (terms.amount or 0):
        yield (
            "threshold",
            _(
                "The coupon takes off more than it asks for. Raise this to the amount off, or set"
                " it to 0 for a coupon that needs no amount."
            ),
        )


def _goods(terms: CouponTerms) -> Iterator[Finding]:
    if terms.scope not in Coupon.Scope.values:
        yield "scope", _("Choose the goods that the coupon is valid for.")
    elif terms.kind == rules.PRODUCT and terms.scope != rules.PRODUCTS:
        yield "scope", _("A free product is chosen as a product: set this to “products”.")
    elif terms.scope == rules.ALL:
        if terms.targets:
            yield "targets", _("The coupon is valid for all goods: choose none here.")
    else:
        yield from _targets(terms)


def _targets(terms: CouponTerms) -> Iterator[Finding]:
    chosen = list(terms.targets)
    if terms.kind == rules.PRODUCT and len(chosen) != 1:
        yield "targets", _("Choose the one product that is free.")
    elif not chosen:
        yield "targets", _("Choose the goods that the coupon is valid for.")
    elif len(chosen) > MAX_TARGETS:
        yield "targets", _("Choose at most %(count)s.") % {"count": MAX_TARGETS}
    elif len(set(chosen)) < len(chosen) or _known(terms) < len(chosen):
        yield "targets", _("Some of these goods do not exist, or are chosen twice. Choose again.")


def _known(terms: CouponTerms) -> int:
    chosen = list(terms.targets)
    if terms.scope == rules.CATEGORIES:
        return int(Category.objects.filter(pk__in=chosen).count())
    return Product.objects.filter(pk__in=chosen).count()


def _validity(terms: CouponTerms) -> Iterator[Finding]:
    dates = (terms.valid_from, terms.valid_until)
    if terms.valid_days is None:
        if dates == (None, None):
            yield "valid_days", _("Say how many days the coupon is valid, or give two dates.")
        else:
            yield from _dates(terms)
        return
    if dates != (None, None):
        yield "valid_days", _("Give days from the grant or two dates, not both.")
    if not _within(terms.valid_days, 1, MAX_DAYS):
        yield "valid_days", _("Give a number of days from 1 to %(count)s.") % {"count": MAX_DAYS}


def _dates(terms: CouponTerms) -> Iterator[Finding]:
    for field in ("valid_from", "valid_until"):
        moment = getattr(terms, field)
        if moment is None:
            yield field, _("Give both dates.")
        elif not clock.EARLIEST_TIME <= moment < clock.LATEST_TIME:
            yield field, _("Give a date between 1990 and 2200.")
    if terms.valid_from and terms.valid_until and terms.valid_until <= terms.valid_from:
        yield "valid_until", _("The coupon ends before it begins. Choose a later end.")


def _numbers(terms: CouponTerms) -> Iterator[Finding]:
    if terms.stock is not None and not _within(terms.stock, 1, MAX_COUNT):
        yield "stock", _("Give a number above 0, or leave it empty for any number.")
    if not _within(terms.per_member, 1, MAX_PER_MEMBER):
        yield "per_member", _("Give a number from 1 to %(count)s.") % {"count": MAX_PER_MEMBER}
    elif terms.stock is not None and terms.per_member > terms.stock > 0:
        yield "per_member", _("A member cannot get more than there are.")


def _time_left(terms: CouponTerms, at: datetime) -> Iterator[Finding]:
    if terms.valid_until is not None and terms.valid_until <= at:
        yield "valid_until", _("The coupon would be over already. Choose a later end.")


def _goods_on_sale(terms: CouponTerms) -> Iterator[Finding]:
    if terms.scope != rules.PRODUCTS:
        return
    products = Product.objects.filter(pk__in=list(terms.targets))
    on_sale = products.filter(status=Product.Status.ON_SALE).count()
    if terms.kind == rules.PRODUCT and not on_sale:
        yield "targets", _("The free product is not on sale. Put it on sale first.")
    elif not on_sale:
        yield "targets", _("None of these products is on sale. Put one on sale first.")


def _within(number: int | None, least: int, most: int) -> bool:
    return number is not None and least <= number <= most
