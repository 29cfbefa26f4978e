"""Fifty members want the last coupons, two orders want the same one: the guards hold."""

from __future__ import annotations

from functools import partial

import pytest
from django.db import connection

from integration.merges import merge_members, propose_merge
from members.models import Member
from promotions.errors import CouponLimitReached, CouponOutOfStock, CouponUsed
from promotions.models import Coupon, CouponGrant
from promotions.queries import miscounted
from promotions.services import end_coupon, return_coupon, revoke_coupon, use_coupon
from tests.cast import NOON, give, member, staff
from tests.concurrency import run_concurrently, run_during_transaction
from tests.promotions.coupons import LATER, claim, claimable, counts, coupon, grant, marketer, use

pytestmark = pytest.mark.usefixtures("committed")


@pytest.fixture
def bo(committed: str) -> Member:
    return member("Bo")


def test_fifty_members_get_the_last_three() -> None:
    row = claimable(stock=3)
    people = [member(f"Member {number}") for number in range(50)]

    results = run_concurrently(*[partial(claim, row, who) for who in people])

    got = [held for held in results if isinstance(held, CouponGrant)]
    refused = [error for error in results if isinstance(error, CouponOutOfStock)]
    assert (len(got), len(refused)) == (3, 47), results
    assert counts() == (3, 3)


def test_control_without_the_guarded_update_a_grant_is_not_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("promotions.services.grants.lock_coupon", _read_again)
    monkeypatch.setattr("promotions.services.grants._take_from_stock", _write_back)
    row = claimable(stock=1)
    first, second = (partial(claim, row_of(row), member(name)) for name in ("Lan", "Mei"))

    run_during_transaction(first, second)

    assert counts() == (2, 1)
    assert list(miscounted()) == [row]


def row_of(row: Coupon) -> Coupon:
    return Coupon.objects.get(pk=row.pk)


def _read_again(row: Coupon) -> None:
    row.refresh_from_db()


def _write_back(row: Coupon) -> None:
    if row.stock is not None and row.granted >= row.stock:
        raise CouponOutOfStock
    Coupon.objects.filter(pk=row.pk).update(granted=row.granted + 1)


def test_one_person_gets_no_more_than_one_by_many_taps(bo: Member) -> None:
    row = claimable()

    results = run_concurrently(*[partial(claim, row_of(row), bo) for _ in range(8)])

    assert sum(isinstance(error, CouponLimitReached) for error in results) == 7, results
    assert counts() == (1, 1)


def test_control_without_the_lock_one_person_gets_two(
    bo: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("promotions.services.grants.lock_coupon", _read_again)
    row = coupon()
    first, second = (partial(grant, row_of(row), bo, key=f"award:a{number}:1") for number in (1, 2))

    run_during_transaction(first, second)

    assert counts() == (2, 2)


def test_one_key_at_once_gives_one_coupon(bo: Member) -> None:
    row = coupon(per_member=9)

    results = run_concurrently(*[partial(grant, row_of(row), bo) for _ in range(8)])

    assert len({held.pk for held in results}) == 1, results
    assert counts() == (1, 1)


def held_by(who: Member) -> CouponGrant:
    return grant(coupon(), who)


def using(held: CouponGrant, order: str) -> partial[None]:
    fresh = CouponGrant.objects.get(pk=held.pk)
    return partial(use_coupon, grant=fresh, order_number=order, at=LATER)


def test_of_many_orders_one_uses_a_coupon(bo: Member) -> None:
    held = held_by(bo)

    results = run_concurrently(*[using(held, f"M-{number}") for number in range(8)])

    assert sum(isinstance(error, CouponUsed) for error in results) == 7, results
    held.refresh_from_db()
    assert results[int(held.order_number.removeprefix("M-"))] is None


def test_control_without_the_lock_two_orders_use_it(
    bo: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("promotions.services.uses.lock_grant", _keep)
    held = held_by(bo)

    results = run_during_transaction(using(held, "M-1"), using(held, "M-2"))

    assert results == [None, None]
    held.refresh_from_db()
    assert held.order_number == "M-2"


def _keep(_row: CouponGrant) -> None:
    pass


def test_of_a_use_and_a_revocation_one_wins(bo: Member) -> None:
    for number in range(4):
        held = grant(coupon(), bo, key=f"award:a{number}:1")
        revoking = partial(revoke_coupon, key=held.key, at=LATER, reason="taken back")

        used, revoked = run_concurrently(using(held, f"M-{number}"), revoking)

        held.refresh_from_db()
        assert (held.used_at is None) == (held.revoked_at is not None) == revoked
        assert (used is None) == (held.used_at is not None)
    assert not miscounted().exists()


def test_a_return_and_a_revocation_end_revoked(bo: Member) -> None:
    held = held_by(bo)
    use(held)
    fresh = CouponGrant.objects.get(pk=held.pk)
    returning = partial(return_coupon, grant=fresh, order_number="M-1", at=LATER)
    revoking = partial(revoke_coupon, key=held.key, at=LATER, reason="taken back")

    run_during_transaction(returning, revoking)

    held.refresh_from_db()
    assert held.revoked_at == LATER
    assert counts() == (0, 0)


def test_no_coupon_is_given_after_its_end(bo: Member) -> None:
    row = coupon()
    ending = partial(
        end_coupon, coupon=row_of(row), reason="over", by=marketer(), at=NOON
    )  # fmt: skip

    ended, granted = run_during_transaction(ending, partial(grant, row_of(row), bo))

    assert ended is None
    assert isinstance(granted, Exception)
    assert counts() == (0, 0)


def test_the_guard_waits_for_an_end_even_without_the_service(bo: Member) -> None:
    row = coupon()
    ending = partial(end_coupon, coupon=row_of(row), reason="over", by=marketer(), at=NOON)

    def insert() -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO promotions_coupongrant (public_id, coupon_id, member_id, key,"
                " granted_at, valid_from, valid_until, order_number, revoke_reason)"
                " VALUES ('x', %s, %s, 'k', now(), now(), now() + interval '1 day', '', '')",
                [row.pk, bo.pk],
            )

    results = run_during_transaction(ending, insert)

    assert isinstance(results[1], Exception)
    assert counts() == (0, 0)


def test_a_claim_that_waits_for_a_merge_is_the_survivors(bo: Member) -> None:
    chen, row = member("Chen"), claimable()
    claim(row, chen)
    by = give(staff("Qian"), "propose_merge")
    proposal = propose_merge(merged=bo, survivor=chen, reason="same phone", by=by, at=NOON)
    merging = partial(
        merge_members, proposal=proposal, by=give(staff("Feng"), "decide_merge"), at=NOON
    )

    results = run_during_transaction(merging, partial(claim, row_of(row), bo))

    assert isinstance(results[1], CouponLimitReached), results
    assert counts() == (1, 1)
