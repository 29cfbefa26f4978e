"""Coupons follow a person: through a merge, into their data, and to the end of the account."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation

from common.errors import violated_constraint
from integration.merge_preview import preview_lines, preview_merge
from integration.merges import merge_members, propose_merge
from members.closing import close_member
from members.exports import export
from members.models import Member
from promotions.errors import CouponLimitReached
from promotions.models import Coupon, CouponGrant
from promotions.services import grant_coupon, return_coupon, revoke_coupon
from tests.cast import NOON, give, staff
from tests.promotions.coupons import LATER, claim, claimable, counts, coupon, grant, use

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def merge(merged: Member, survivor: Member) -> None:
    by = give(staff("Qian"), "propose_merge")
    proposal = propose_merge(merged=merged, survivor=survivor, reason="same phone", by=by, at=NOON)
    merge_members(proposal=proposal, by=give(staff("Feng"), "decide_merge"), at=NOON)
    merged.refresh_from_db()


def test_coupons_go_to_the_survivor(bo: Member, chen: Member) -> None:
    held, used = grant(coupon(), bo), grant(coupon(), bo, key="award:a2:1")
    use(used)
    preview = preview_merge(merged=bo, survivor=chen, at=LATER)
    assert preview.coupons == 1
    assert any("1" in line and "券" in line for line in preview_lines(preview))

    merge(bo, chen)

    assert set(CouponGrant.objects.filter(member=chen)) == {held, used}
    use(CouponGrant.objects.get(pk=held.pk), "M-2")


def test_a_person_has_one_limit_after_a_merge(bo: Member, chen: Member) -> None:
    row = claimable()
    claim(row, bo)
    merge(bo, chen)

    for who in (bo, chen):
        with pytest.raises(CouponLimitReached):
            claim(row, who)

    assert counts() == (1, 1)


def test_a_reward_of_a_merged_member_is_the_survivors(bo: Member, chen: Member) -> None:
    row = coupon()
    merge(bo, chen)

    held = grant(row, bo)

    assert held.member == chen
    assert grant(row, chen) == held


def test_a_key_of_before_the_merge_still_gives_the_same(bo: Member, chen: Member) -> None:
    held = grant(coupon(), bo)
    merge(bo, chen)

    again = grant_coupon(coupon=held.coupon, member=bo, key=held.key, at=LATER)

    assert (again, counts()) == (held, (1, 1))
    assert revoke_coupon(key=held.key, at=LATER, reason="taken back")


def test_a_coupon_goes_to_nobody_else(bo: Member, chen: Member) -> None:
    held = grant(coupon(), bo)

    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        CouponGrant.objects.filter(pk=held.pk).update(member=chen)

    assert violated_constraint(refused.value) == "coupon_grant_stays_with_member"


def test_closing_an_account_revokes_what_is_unused(bo: Member, chen: Member) -> None:
    first, second = coupon(per_member=2), coupon()
    unused = [grant(first, bo), grant(second, bo, key="award:a2:1")]
    used = grant(first, bo, key="award:a3:1")
    use(used)
    others = grant(first, chen, key="award:a4:1")

    close_member(member=bo, at=LATER)

    revoked = CouponGrant.objects.filter(revoked_at=LATER)
    assert set(revoked) == set(unused)
    assert set(CouponGrant.objects.filter(revoked_at=None)) == {used, others}
    assert dict(Coupon.objects.values_list("pk", "granted")) == {first.pk: 2, second.pk: 0}
    return_coupon(grant=used, order_number="M-1", at=LATER)
    used.refresh_from_db()
    assert used.revoke_reason == "account_closed"
    assert used.revoke_reason_text == "账号已注销"
    with translation.override("en"):
        assert used.revoke_reason_text == "the account was closed"


def test_a_member_reads_their_coupons_in_their_data(bo: Member, chen: Member) -> None:
    held = grant(coupon(), bo)
    use(held)
    grant(coupon(), chen, key="award:a2:1")

    (row,) = export(bo)["coupons"]

    assert (row["id"], row["name"], row["order"]) == (held.public_id, "新人券", "M-1")
    assert row["granted_at"] == "2026-11-01T12:00:00+08:00"
    assert row["revoked_at"] == ""
