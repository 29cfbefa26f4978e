"""The life of a coupon: drafted, published, ended."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from typing import Any

from django.db import transaction

from common import status
from common.clock import format_moment
from common.requirements import require_permission, require_reason
from events.services import record
from members.models import User
from members.reviews import require_may_review
from promotions.checks import errors_of, publication_errors
from promotions.errors import CouponInvalid, CouponNeedsTwoPeople
from promotions.events import (
    PROMOTIONS_COUPON_DISCARDED,
    PROMOTIONS_COUPON_DRAFTED,
    PROMOTIONS_COUPON_EDITED,
    PROMOTIONS_COUPON_ENDED,
    PROMOTIONS_COUPON_PUBLISHED,
)
from promotions.models import Coupon
from promotions.rules import CouponTerms
from promotions.services.locks import lock_coupon

ADD, CHANGE, DELETE = (f"promotions.{verb}_coupon" for verb in ("add", "change", "delete"))
PUBLISH = "promotions.publish_coupon"
Status = Coupon.Status
FIELDS = tuple(field.name for field in fields(CouponTerms))


def terms_of(coupon: Coupon) -> CouponTerms:
    """Return what a coupon promises."""
    return CouponTerms(**{name: getattr(coupon, name) for name in FIELDS})


@transaction.atomic
def create_coupon(*, terms: CouponTerms, by: User, at: datetime) -> Coupon:
    """Draft a coupon, which nobody gets before it is published.

    :raises PermissionMissing: ``by`` may not add coupons
    :raises CouponInvalid: with the errors of each field
    """
    require_permission(by, ADD)
    _require_valid(terms)
    coupon = Coupon.objects.create(**_values(terms), created_at=at, created_by=by, editors=[by.pk])
    record(PROMOTIONS_COUPON_DRAFTED, coupon, at=at, by=by, after=_recorded(_values(terms)))
    return coupon


@transaction.atomic
def edit_coupon(*, coupon: Coupon, terms: CouponTerms, by: User, at: datetime) -> None:
    """Change the terms of a draft.

    :raises PermissionMissing: ``by`` may not change coupons
    :raises WrongStatus: it is published or ended
    :raises CouponInvalid: with the errors of each field
    """
    require_permission(by, CHANGE)
    lock_coupon(coupon)
    status.expect(coupon, Status.DRAFT, to=Status.DRAFT)
    _require_valid(terms)
    after = {
        name: value for name, value in _values(terms).items() if value != getattr(coupon, name)
    }
    if not after:
        return
    before = {name: getattr(coupon, name) for name in after}
    for name, value in after.items():
        setattr(coupon, name, value)
    if by.pk not in coupon.editors:
        coupon.editors = [*coupon.editors, by.pk]
    coupon.save(update_fields=[*after, "editors"])
    record(
        PROMOTIONS_COUPON_EDITED, coupon, at=at, by=by,
        before=_recorded(before), after=_recorded(after),
    )  # fmt: skip


@transaction.atomic
def discard_coupon(*, coupon: Coupon, by: User, at: datetime) -> None:
    """Delete a draft.

    :raises PermissionMissing: ``by`` may not delete coupons
    :raises WrongStatus: it is published or ended
    """
    require_permission(by, DELETE)
    lock_coupon(coupon)
    status.expect(coupon, Status.DRAFT, to=Status.DRAFT)
    record(PROMOTIONS_COUPON_DISCARDED, coupon, at=at, by=by, name=coupon.name)
    coupon.delete()


@transaction.atomic
def publish_coupon(*, coupon: Coupon, by: User, at: datetime) -> None:
    """Let members get a coupon that somebody else wrote. Its terms no longer change.

    :raises PermissionMissing: ``by`` may not publish coupons
    :raises CouponNeedsTwoPeople: ``by`` has edited it
    :raises ReviewTooEarly: the account of ``by`` or of an editor has just changed
    :raises WrongStatus: it is published or ended
    :raises CouponInvalid: its time is over, or its product is not on sale
    """
    require_permission(by, PUBLISH)
    lock_coupon(coupon)
    status.expect(coupon, Status.DRAFT, to=Status.PUBLISHED)
    if by.pk in coupon.editors:
        raise CouponNeedsTwoPeople
    require_may_review(by.pk, *coupon.editors)
    if errors := publication_errors(terms_of(coupon), at=at):
        raise CouponInvalid(errors)
    status.move(coupon, to=Status.PUBLISHED, published_at=at, published_by=by)
    record(PROMOTIONS_COUPON_PUBLISHED, coupon, at=at, by=by, name=coupon.name)


@transaction.atomic
def end_coupon(*, coupon: Coupon, reason: str, by: User, at: datetime) -> None:
    """Give a coupon to nobody any more. Members may use those that they have.

    :raises PermissionMissing: ``by`` may not publish coupons
    :raises ReasonRequired: the reason is empty or too long
    :raises WrongStatus: it is not published
    """
    require_permission(by, PUBLISH)
    reason = require_reason(reason)
    lock_coupon(coupon)
    status.move(coupon, to=Status.ENDED, ended_at=at)
    record(PROMOTIONS_COUPON_ENDED, coupon, at=at, by=by, name=coupon.name, reason=reason)


def _require_valid(terms: CouponTerms) -> None:
    if errors := errors_of(terms):
        raise CouponInvalid(errors)


def _values(terms: CouponTerms) -> dict[str, Any]:
    values = {name: getattr(terms, name) for name in FIELDS}
    return values | {"name": terms.name.strip(), "targets": list(terms.targets)}


def _recorded(values: dict[str, Any]) -> dict[str, Any]:
    return {
        name: format_moment(value) if isinstance(value, datetime) else value
        for name, value in values.items()
    }
