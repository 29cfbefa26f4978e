"""Concurrent bindings never form a circle."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import connection

from common.status import WrongStatus
from distribution.models import Application, Binding, Distributor, DistributorPeriod, Policy
from distribution.services import (
    Purchase,
    apply,
    approve,
    assign,
    bind_pending_referrals,
    change_status,
    end_bindings_to_exited,
    enrol,
    exit_distributor,
    expire_bindings,
    reassign,
    record_purchases,
    reject,
)
from distribution.services.applications import AlreadySubmitted
from distribution.services.enrolment import AlreadyDistributor
from distribution.services.reassignment import HasUpline
from members.models import Member, User
from tests.cast import NOON, member, staff
from tests.concurrency import run_concurrently, run_during_transaction
from tests.shop import DAY, distributor, make_referral

AT = NOON + DAY
WHY = "They asked for it"


@pytest.fixture
def bo(committed: str) -> Member:
    return member("Bo")


@pytest.fixture
def qian(committed: str) -> User:
    return staff("Qian")


def disable_guard() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE distribution_binding DISABLE TRIGGER check_binding")


def check_then_insert(member: Member, to: Distributor, meet: threading.Barrier) -> bool:
    """Check for a circle, then bind, without a lock."""
    above, seen = to.member_id, set()
    while above not in seen:
        seen.add(above)
        running = Binding.objects.filter(member=above, ended_at=None).first()
        above = running.distributor.member_id if running else above
    meet.wait(30)
    if member.pk in seen:
        return False
    Binding.objects.bulk_create(
        [Binding(member=member, distributor=to, source="share", started_at=AT)]
    )
    return True


def in_a_circle(start: Member) -> bool:
    current, steps = start.pk, 0
    while running := Binding.objects.filter(member=current, ended_at=None).first():
        current, steps = running.distributor.member_id, steps + 1
        if current == start.pk:
            return True
        assert steps < 100
    return False


def bring(referrer: Member, member: Member) -> Callable[[], Any]:
    return lambda: make_referral(referrer, member, at=AT).outcome


def test_one_of_two_bindings_that_close_a_circle_is_refused(mei: Member, lan: Member) -> None:
    for person in (mei, lan):
        distributor(person)

    ends = run_concurrently(bring(mei, lan), bring(lan, mei))

    assert Counter(ends) == {"bound": 1, "circle": 1}
    assert not in_a_circle(mei)


def test_one_of_many_bindings_that_close_a_circle_is_refused(committed: str) -> None:
    people = [member(f"M{number}") for number in range(6)]
    for person in people:
        distributor(person)
    pairs = zip(people, [*people[1:], people[0]], strict=True)

    ends = run_concurrently(*[bring(upper, lower) for upper, lower in pairs])

    assert Counter(ends) == {"bound": 5, "circle": 1}
    assert not in_a_circle(people[0])


def test_the_second_binding_waits_for_the_first(mei: Member, lan: Member) -> None:
    for person in (mei, lan):
        distributor(person)

    assert run_during_transaction(bring(mei, lan), bring(lan, mei)) == ["bound", "circle"]


def test_control_without_the_guard_two_bindings_form_a_circle(mei: Member, lan: Member) -> None:
    disable_guard()
    hers, his = distributor(mei), distributor(lan)
    meet = threading.Barrier(2)

    ends = run_concurrently(
        partial(check_then_insert, lan, hers, meet),
        partial(check_then_insert, mei, his, meet),
    )

    assert ends == [True, True]
    assert in_a_circle(mei)


def test_a_member_bound_during_enrolment_closes_no_circle(mei: Member, lan: Member) -> None:
    # Mei has no team when her own binding starts, so it does not check for circles.
    distributor(lan)

    def become_and_bring() -> str:
        distributor(mei)
        return make_referral(mei, lan, at=AT).outcome

    assert run_during_transaction(bring(lan, mei), become_and_bring) == ["bound", "circle"]
    assert not in_a_circle(mei)


def test_a_member_enrolled_during_binding_closes_no_circle(mei: Member, lan: Member) -> None:
    distributor(lan)

    def become() -> str:
        distributor(mei)
        return make_referral(mei, lan, at=AT).outcome

    assert run_during_transaction(become, bring(lan, mei)) == ["bound", "circle"]
    assert not in_a_circle(mei)


def test_control_without_the_member_lock_binding_and_enrolment_close_a_circle(
    mei: Member, lan: Member
) -> None:
    """Run the guard and enrolment without locking the member's row."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE distribution_distributor DISABLE TRIGGER lock_member")
        cursor.execute("SELECT pg_get_functiondef('distribution_guard_binding'::regproc)")
        [body] = cursor.fetchone()
        lock = "PERFORM FROM members_member WHERE id = NEW.member_id FOR NO KEY UPDATE;"
        assert lock in body
        cursor.execute(body.replace(lock, ""))
    his = distributor(lan)

    def insert(member: Member, to: Distributor) -> None:
        Binding.objects.bulk_create(
            [Binding(member=member, distributor=to, source="share", started_at=AT)]
        )

    def become_and_bind() -> None:
        insert(lan, distributor(mei))

    ends = run_during_transaction(partial(insert, mei, his), become_and_bind)

    assert ends == [None, None]
    assert in_a_circle(mei)


def test_one_of_two_late_bindings_for_one_gap_is_created(
    mei: Member, lan: Member, bo: Member
) -> None:
    for person in (mei, lan):
        distributor(person)
    make_referral(mei, bo, at=AT + DAY)

    ends = run_concurrently(bring(mei, bo), bring(lan, bo))

    assert Counter(ends) == {"bound": 1, "has_upline": 1}
    assert list(
        Binding.objects.order_by("started_at").values_list("started_at", "ended_at", "end_reason")
    ) == [(AT, AT + DAY, "superseded"), (AT + DAY, None, "")]


def test_one_of_two_late_bindings_that_close_a_circle_is_refused(
    mei: Member, lan: Member, bo: Member
) -> None:
    for person in (mei, lan, bo):
        distributor(person)
    for person in (mei, lan):
        make_referral(bo, person, at=AT + DAY)

    ends = run_concurrently(bring(mei, lan), bring(lan, mei))

    assert Counter(ends) == {"bound": 1, "circle": 1}


@pytest.mark.parametrize("first", ["exit", "bind"])
def test_an_exit_leaves_no_binding_to_the_distributor(
    mei: Member, lan: Member, qian: User, first: str
) -> None:
    her = distributor(mei)
    leaves = partial(exit_distributor, distributor=her, by=qian, at=AT + DAY, reason=WHY)
    both = [leaves, bring(mei, lan)] if first == "exit" else [bring(mei, lan), leaves]

    ends = run_during_transaction(*both)

    assert "not_active" in ends if first == "exit" else "bound" in ends
    assert not Binding.objects.running().exists()
    while end_bindings_to_exited():
        pass
    assert not Binding.objects.filter(ended_at=None).exists()


def test_binding_a_member_and_ending_their_old_binding_behind_the_exit_do_not_collide(
    mei: Member, lan: Member, bo: Member, qian: User
) -> None:
    hers, _his = distributor(mei), distributor(lan)
    make_referral(mei, bo)
    exit_distributor(distributor=hers, by=qian, at=AT, reason=WHY)

    def rebind() -> str:
        return make_referral(lan, bo, at=AT + DAY).outcome

    # The batch leaves a row that is locked, and the referral waits for the batch.
    assert run_during_transaction(rebind, end_bindings_to_exited) == ["bound", 0]
    assert list(Binding.objects.order_by("pk").values_list("ended_at", "end_reason")) == [
        (AT, "upline_exit"), (None, ""),
    ]  # fmt: skip
    exit_distributor(distributor=lan.distributor, by=qian, at=AT + 2 * DAY, reason=WHY)

    def leave_unbound() -> str:
        return make_referral(mei, bo, at=AT + 3 * DAY).outcome

    assert run_during_transaction(end_bindings_to_exited, leave_unbound) == [1, "not_active"]
    assert not Binding.objects.filter(ended_at=None).exists()
    assert end_bindings_to_exited() == 0
    assert not Distributor.objects.filter(has_bindings_to_end=True).exists()


def test_a_renewal_and_the_expiry_do_not_both_win(mei: Member, lan: Member) -> None:
    Policy.objects.update(binding_days=10, renewed_by_orders=True)
    distributor(mei)
    make_referral(mei, lan)
    sweep = partial(expire_bindings, at=NOON + 11 * DAY)

    def renew() -> None:
        record_purchases([Purchase(lan.pk, ordered_at=NOON + 9 * DAY)])

    assert run_during_transaction(sweep, renew) == [1, None]

    ended = Binding.objects.get()
    assert (ended.expires_at, ended.ended_at) == (NOON + 10 * DAY, NOON + 10 * DAY)


def test_the_expiry_skips_a_binding_that_is_being_renewed(mei: Member, lan: Member) -> None:
    Policy.objects.update(binding_days=10, renewed_by_orders=True)
    distributor(mei)
    make_referral(mei, lan)

    def renew() -> None:
        record_purchases([Purchase(lan.pk, ordered_at=NOON + 9 * DAY)])

    assert run_during_transaction(renew, partial(expire_bindings, at=NOON + 11 * DAY)) == [None, 0]

    running = Binding.objects.get()
    assert (running.expires_at, running.ended_at) == (NOON + 19 * DAY, None)


def test_batches_that_bind_the_same_members_in_opposite_orders_do_not_deadlock(
    mei: Member, lan: Member, bo: Member
) -> None:
    Policy.objects.update(binding_trigger=Policy.BindingTrigger.FIRST_ORDER)
    distributor(mei)
    distributor(lan)  # so that her binding checks for circles
    for person in (lan, bo):
        make_referral(mei, person)

    ends = run_concurrently(
        *[
            partial(bind_pending_referrals, [(person.pk, AT) for person in people])
            for people in ([lan, bo], [bo, lan]) * 3
        ]
    )

    assert ends == [True] * 6
    assert Binding.objects.filter(ended_at=None).count() == 2


def test_one_of_two_status_changes_wins_and_the_history_has_no_gap(mei: Member, qian: User) -> None:
    her = distributor(mei)
    frozen = Distributor.Status.FROZEN

    def freeze() -> None:
        change_status(
            distributor=Distributor.objects.get(pk=her.pk), to=frozen, by=qian, at=AT, reason=WHY
        )

    ends = run_concurrently(*[freeze] * 6)

    assert Counter(type(end) for end in ends) == {type(None): 1, WrongStatus: 5}
    periods = DistributorPeriod.objects.order_by("pk")
    assert list(periods.values_list("status", "started_at", "ended_at")) == [
        ("active", NOON, AT), ("frozen", AT, None),
    ]  # fmt: skip


def test_concurrent_reassignments_leave_one_upline(
    mei: Member, lan: Member, bo: Member, qian: User
) -> None:
    hers, his = distributor(mei), distributor(lan)

    ends = run_concurrently(
        partial(reassign, member=bo, to=hers, by=qian, at=AT, reason=WHY),
        partial(reassign, member=bo, to=his, by=qian, at=AT, reason=WHY),
    )

    assert all(isinstance(end, Binding) for end in ends)
    assert Binding.objects.filter(member=bo, ended_at=None).count() == 1
    assert Binding.objects.filter(member=bo, end_reason="reassigned").count() == 1


def test_concurrent_assignments_leave_one_upline(
    mei: Member, lan: Member, bo: Member, qian: User
) -> None:
    hers, his = distributor(mei), distributor(lan)

    ends = run_concurrently(
        partial(assign, member=bo, to=hers, by=qian, at=AT, reason=WHY),
        partial(assign, member=bo, to=his, by=qian, at=AT, reason=WHY),
    )

    assert Counter(type(end) for end in ends) == {Binding: 1, HasUpline: 1}
    assert Binding.objects.count() == 1


def test_concurrent_applications_create_one(mei: Member) -> None:
    ends = run_concurrently(*[partial(apply, member=mei, at=NOON)] * 5)

    assert Counter(type(end) for end in ends) == {Application: 1, AlreadySubmitted: 4}


def test_only_one_of_two_reviewers_decides(mei: Member, qian: User) -> None:
    application = apply(member=mei, at=NOON)

    def fresh() -> Application:
        return Application.objects.get(pk=application.pk)

    ends = run_concurrently(
        lambda: approve(application=fresh(), by=qian, at=AT),
        lambda: reject(application=fresh(), by=qian, at=AT, reason=WHY),
    )

    assert Counter(type(end) for end in ends)[WrongStatus] == 1
    status = Application.objects.get().status
    assert Distributor.objects.exists() == (status == Application.Status.APPROVED)


def test_concurrent_enrolments_create_one_distributor(mei: Member) -> None:
    ends = run_concurrently(
        *[partial(enrol, member=mei, route=Application.Route.OPEN, at=NOON)] * 5
    )

    assert Counter(type(end) for end in ends) == {Distributor: 1, AlreadyDistributor: 4}
    assert DistributorPeriod.objects.count() == 1
