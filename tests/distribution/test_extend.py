"""Staff let a binding expire later, within what the law and the database allow."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from common.errors import ReasonRequired, violated_constraint
from distribution.models import Binding, BindingExtension
from distribution.services import Purchase, exit_distributor, expire_bindings, record_purchases
from distribution.services.extension import (
    BindingOver,
    BindingWithoutExpiry,
    ExpiryNotLater,
    OwnBinding,
    extend,
    extend_many,
    preview_extensions,
)
from members.models import Member, User
from tests.cast import NOON, member
from tests.distribution.people import REASON, last_event, rows, set_policy, upline, uplines
from tests.shop import DAY, distributor, make_referral


@pytest.fixture
def bound(mei: Member, bo: Member) -> Binding:
    """Bo, bound to Mei for 90 days."""
    set_policy(binding_days=90)
    distributor(mei)
    make_referral(mei, bo)
    return Binding.objects.get(member=bo)


def until(
    binding: Binding, days: int, by: User, *, at: datetime = NOON + DAY, reason: str = REASON
) -> BindingExtension:
    return extend(binding=binding, until=NOON + days * DAY, reason=reason, by=by, at=at)


def everything() -> Any:
    return rows(), list(BindingExtension.objects.values())


def test_orders_until_the_new_expiry_pay_the_upline(bound: Binding, bo: Member, qian: User) -> None:
    assert uplines(bo, 89, 91) == ["Mei", ""]

    extension = until(bound, 120, qian)

    assert uplines(bo, 91, 119, 121) == ["Mei", "Mei", ""]
    assert (extension.expired_at, extension.expires_at) == (NOON + 90 * DAY, NOON + 120 * DAY)
    assert (extension.by, extension.by_member, extension.reason) == (qian, 0, REASON)


def test_it_is_recorded_with_who_and_why(bound: Binding, bo: Member, qian: User) -> None:
    until(bound, 120, qian)

    event = last_event("extended")
    assert (event.subject_id, event.actor_id, event.data) == (
        bo.public_id, "qian", {"binding": bound.public_id, "reason": REASON},
    )  # fmt: skip
    assert event.before is not None
    assert event.after is not None
    assert event.before["expires_at"] < event.after["expires_at"]


def test_it_expires_at_the_new_moment(bound: Binding, bo: Member, qian: User) -> None:
    until(bound, 120, qian)

    assert expire_bindings(at=NOON + 100 * DAY) == 0
    assert expire_bindings(at=NOON + 130 * DAY) == 1
    bound.refresh_from_db()
    assert (bound.ended_at, bound.end_reason) == (NOON + 120 * DAY, "expired")
    assert upline(bo) == ""


def test_each_extension_is_kept(bound: Binding, qian: User) -> None:
    until(bound, 120, qian)
    until(bound, 150, qian, at=NOON + 2 * DAY)

    kept = bound.extensions.order_by("pk").values_list("expired_at", "expires_at")
    assert list(kept) == [
        (NOON + 90 * DAY, NOON + 120 * DAY), (NOON + 120 * DAY, NOON + 150 * DAY),
    ]  # fmt: skip


def test_the_same_press_twice_extends_once(bound: Binding, qian: User) -> None:
    until(bound, 120, qian)
    before = everything()

    with pytest.raises(ExpiryNotLater):
        until(bound, 120, qian)

    assert everything() == before


def test_an_order_renews_an_extended_binding_only_to_a_later_moment(
    bound: Binding, bo: Member, qian: User
) -> None:
    set_policy(renewed_by_orders=True)
    until(bound, 200, qian)

    record_purchases([Purchase(bo.pk, ordered_at=NOON + 50 * DAY)])
    bound.refresh_from_db()
    assert bound.expires_at == NOON + 200 * DAY

    record_purchases([Purchase(bo.pk, ordered_at=NOON + 150 * DAY)])
    bound.refresh_from_db()
    assert bound.expires_at == NOON + 240 * DAY


@pytest.mark.parametrize("days", [-1, 1, 89, 90, 3_652])
def test_only_a_later_moment_within_ten_years_counts(bound: Binding, qian: User, days: int) -> None:
    before = everything()

    with pytest.raises(ExpiryNotLater):
        until(bound, days, qian)

    assert everything() == before


def test_far_ahead_means_ten_years_from_now(bound: Binding, qian: User) -> None:
    at, latest = NOON + DAY, NOON + DAY + timedelta(days=3_650)
    given = {"binding": bound, "reason": REASON, "by": qian, "at": at}

    with pytest.raises(ExpiryNotLater):
        extend(until=latest + timedelta(microseconds=1), **given)
    assert extend(until=latest, **given).expires_at == latest


def test_a_binding_without_expiry_is_refused(mei: Member, bo: Member, qian: User) -> None:
    distributor(mei)
    make_referral(mei, bo)
    before = everything()

    with pytest.raises(BindingWithoutExpiry):
        until(Binding.objects.get(member=bo), 120, qian)

    assert everything() == before


def test_a_binding_that_is_over_is_refused(bound: Binding, mei: Member, qian: User) -> None:
    before = everything()
    with pytest.raises(BindingOver):  # expired, though its end is not recorded yet
        until(bound, 120, qian, at=NOON + 90 * DAY)
    assert everything() == before

    exit_distributor(distributor=mei.distributor, by=qian, at=NOON + DAY, reason=REASON)
    before = everything()
    with pytest.raises(BindingOver):
        until(bound, 120, qian, at=NOON + 2 * DAY)
    assert everything() == before


@pytest.mark.parametrize("reason", ["", "  ", "x" * 201])
def test_a_reason_is_required(bound: Binding, qian: User, reason: str) -> None:
    before = everything()

    with pytest.raises(ReasonRequired):
        until(bound, 120, qian, reason=reason)

    assert everything() == before


@pytest.mark.parametrize("own", ["mei", "bo"])
def test_nobody_extends_their_own(
    bound: Binding, qian: User, own: str, request: pytest.FixtureRequest
) -> None:
    qian.member = request.getfixturevalue(own)
    before = everything()

    with pytest.raises(OwnBinding):
        until(bound, 120, qian)

    assert everything() == before


def refusal(change: Any) -> str:
    with pytest.raises(DatabaseError) as raised, transaction.atomic():
        change()
    return violated_constraint(raised.value)


def test_the_database_takes_no_expiry_back(bound: Binding) -> None:
    row = Binding.objects.filter(pk=bound.pk)
    earlier = NOON + 89 * DAY

    assert refusal(lambda: row.update(expires_at=earlier)) == "binding_expiry_only_later"
    assert row.update(expires_at=None) == 1
    assert refusal(lambda: row.update(expires_at=earlier)) == "binding_expiry_only_later"


def test_the_database_believes_no_extension_that_the_binding_does_not_have(
    bound: Binding, mei: Member, qian: User
) -> None:
    def insert(**fields: Any) -> None:
        values = {
            "binding": bound, "expired_at": NOON + 80 * DAY, "expires_at": NOON + 90 * DAY,
            "reason": REASON, "by": qian, "by_member": 0, "at": NOON + DAY, **fields,
        }  # fmt: skip
        BindingExtension.objects.bulk_create([BindingExtension(**values)])

    later = NOON + 91 * DAY
    assert refusal(lambda: insert(expires_at=later)) == "binding_extension_proven"
    assert refusal(lambda: insert(by_member=mei.pk)) == "binding_extension_not_own"
    assert refusal(lambda: insert(expired_at=later)) == "binding_extension_is_later"
    assert refusal(lambda: insert(at=NOON + 85 * DAY)) == "binding_extension_in_force"
    assert refusal(lambda: insert(reason="")) == "binding_extension_reason_not_empty"
    insert()
    with pytest.raises(DatabaseError), transaction.atomic():
        BindingExtension.objects.update(reason="another")
    with pytest.raises(DatabaseError), transaction.atomic():
        BindingExtension.objects.all().delete()


def test_many_are_extended_and_the_others_stay(
    bound: Binding, mei: Member, lan: Member, chen: Member, qian: User
) -> None:
    make_referral(mei, chen, at=NOON + 40 * DAY)
    set_policy(binding_days=None)
    make_referral(mei, lan)
    rows_of_all = list(Binding.objects.order_by("pk"))
    target = {"until": NOON + 100 * DAY, "at": NOON + 50 * DAY}
    before = everything()

    previews = preview_extensions(bindings=rows_of_all, **target)
    assert everything() == before
    results = extend_many(bindings=rows_of_all, reason=REASON, by=qian, **target)

    codes = [preview.error.code if preview.error else "" for preview in previews]
    assert codes == ["", "expiry_not_later", "binding_without_expiry"]
    assert {each.binding.pk: type(each.error) for each in results} == {
        each.binding.pk: type(each.error) for each in previews
    }
    assert BindingExtension.objects.get().binding == bound


def test_many_need_a_reason(bound: Binding, qian: User) -> None:
    before = everything()

    with pytest.raises(ReasonRequired):
        extend_many(bindings=[bound], until=NOON + 120 * DAY, reason=" ", by=qian, at=NOON + DAY)

    assert everything() == before


def test_a_preview_needs_one_query(
    bound: Binding, mei: Member, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    for number in range(10):
        make_referral(mei, member(f"Member {number}"))
    found = list(Binding.objects.all())

    with django_assert_num_queries(1):
        preview_extensions(bindings=found, until=NOON + 120 * DAY, at=NOON + DAY)
