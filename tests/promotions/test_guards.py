"""The database refuses what no service does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils.timezone import now

from common.errors import violated_constraint
from members.models import Member, User
from promotions.models import Coupon, CouponGrant
from promotions.services import revoke_coupon
from tests.cast import NOON
from tests.promotions.coupons import (
    DAY,
    LATER,
    coupon,
    draft,
    end,
    grant,
    marketer,
    publisher,
    use,
)

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def refusal(change: Callable[[], Any]) -> str:
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        change()
    return violated_constraint(refused.value)


def set_coupon(row: Coupon, **values: Any) -> str:
    return refusal(lambda: Coupon.objects.filter(pk=row.pk).update(**values))


def set_grant(row: CouponGrant, **values: Any) -> str:
    return refusal(lambda: CouponGrant.objects.filter(pk=row.pk).update(**values))


@pytest.mark.parametrize(
    "terms",
    [
        {"name": "x"}, {"amount": 1}, {"threshold": 1}, {"valid_days": 8}, {"stock": 6},
        {"per_member": 2}, {"is_claimable": True}, {"kind": "percent", "amount": None, "rate": 1},
        {"scope": "products", "targets": [1]},
        {"valid_days": None, "valid_from": NOON, "valid_until": LATER},
    ],
    ids=str,
)  # fmt: skip
def test_published_terms_stay(terms: dict[str, Any]) -> None:
    row = coupon(stock=5)

    assert set_coupon(row, **terms) == "coupon_published_terms_stay"
    end(row)
    assert set_coupon(row, **terms) == "coupon_published_terms_stay"


def test_a_coupon_that_was_published_is_not_deleted() -> None:
    row = coupon()

    assert refusal(row.delete) == "coupon_published_once_stays"
    draft().delete()


def test_a_status_does_not_go_back() -> None:
    row = coupon()

    assert set_coupon(row, status="draft", published_at=None) == "coupon_status_moves"


def test_no_more_are_given_than_there_are(bo: Member) -> None:
    row = coupon(stock=1)
    grant(row, bo)

    assert set_coupon(row, granted=2) == "coupon_within_stock"


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"amount": 0}, "coupon_value_matches_kind"),
        ({"rate": 1}, "coupon_value_matches_kind"),
        ({"kind": "percent"}, "coupon_value_given"),
        ({"kind": "percent", "amount": None, "rate": 10_001}, "coupon_value_matches_kind"),
        ({"scope": "products"}, "coupon_targets_match_scope"),
        ({"targets": [1]}, "coupon_targets_match_scope"),
        ({"valid_days": 0}, "coupon_has_dates_or_days"),
        ({"valid_days": None}, "coupon_validity_given"),
        ({"valid_days": None, "valid_from": NOON}, "coupon_validity_given"),
        ({"valid_days": None, "valid_until": NOON}, "coupon_has_dates_or_days"),
        ({"amount": None}, "coupon_value_given"),
        ({"kind": "percent", "amount": None}, "coupon_value_given"),
        ({"valid_until": LATER}, "coupon_has_dates_or_days"),
        ({"stock": 0}, "coupon_stock_positive"),
        ({"per_member": 0}, "coupon_per_member_positive"),
        (
            {"kind": "product", "amount": None, "scope": "products", "targets": [1, 2]},
            "coupon_one_product_free",
        ),
        ({"published_at": NOON}, "coupon_status_has_times"),
        ({"editors": []}, "coupon_editors_append_only"),
    ],
    ids=str,
)
def test_a_draft_has_whole_terms(values: dict[str, Any], constraint: str) -> None:
    assert set_coupon(draft(), **values) == constraint


def test_two_people_publish_and_stay_known() -> None:
    row, by = draft(), marketer()
    assert set_coupon(coupon(), published_by=by) == "coupon_published_terms_stay"
    moved = {"status": "published", "published_at": NOON}
    assert set_coupon(row, **moved) == "coupon_published_by_somebody"
    assert set_coupon(row, **moved, published_by=by) == "coupon_four_eyes"
    assert set_coupon(row, published_by=publisher()) == "coupon_published_by_somebody"
    User.objects.filter(pk=by.pk).update(may_review_from=now() + 9 * DAY)
    assert set_coupon(row, **moved, published_by=publisher()) == "review_too_early"
    row.refresh_from_db()
    assert (row.status, row.published_by) == ("draft", None)


def test_only_a_published_coupon_is_given(bo: Member) -> None:
    ended = coupon()
    end(ended)

    for row in (draft(), ended):
        values = {
            "coupon": row, "member": bo, "key": "k", "granted_at": NOON, "valid_from": NOON,
            "valid_until": LATER,
        }  # fmt: skip
        made = refusal(lambda values=values: CouponGrant.objects.create(**values))
        assert made == "coupon_grant_of_published"


def test_what_a_member_holds_does_not_change(bo: Member) -> None:
    held = grant(coupon(), bo)

    for values in ({"valid_until": NOON + 30 * DAY}, {"key": "other"}, {"coupon": coupon()}):
        assert set_grant(held, **values) == "promotions_coupongrant_append_only"
    assert refusal(held.delete) == "promotions_coupongrant_append_only"


def test_a_revoked_one_stays_revoked_and_unused(bo: Member) -> None:
    held = grant(coupon(), bo)
    revoke_coupon(key=held.key, at=LATER, reason="taken back")

    again = {"revoked_at": None, "revoke_reason": ""}
    assert set_grant(held, **again) == "coupon_grant_revoked_once"
    used = {"used_at": LATER, "order_number": "M-1"}
    assert set_grant(held, **used) == "coupon_grant_revoked_unused"


def test_an_order_uses_one_coupon_and_a_use_names_its_order(bo: Member) -> None:
    row = coupon(per_member=2)
    first, second = grant(row, bo), grant(row, bo, key="award:a2:1")
    use(first)

    assert set_grant(second, used_at=LATER, order_number="M-1") == "coupon_grant_one_per_order"
    assert set_grant(second, used_at=LATER) == "coupon_grant_used_by_order"
    waiting = set_grant(second, revoke_when_returned="taken back")
    assert waiting == "coupon_grant_to_be_revoked_is_used"
