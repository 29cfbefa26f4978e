"""What the database itself refuses, from any client: shells, bulk updates, other programs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, ClassVar

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from common.errors import violated_constraint
from distribution.models import (
    Application,
    Binding,
    Distributor,
    DistributorPeriod,
    Policy,
    Referral,
)
from distribution.services import (
    Purchase,
    change_status,
    exit_distributor,
    expire_bindings,
    leave,
    record_purchases,
)
from members.models import Member, User
from tests.cast import NOON
from tests.distribution.people import REASON, end_bindings, set_policy
from tests.shop import DAY, distributor, make_referral, referral_chain


def refusal(action: Callable[[], Any]) -> str:
    """Return the constraint that refuses ``action``."""
    with pytest.raises(DatabaseError) as raised, transaction.atomic():
        action()
    return violated_constraint(raised.value) or str(raised.value).splitlines()[0]


def insert(member: Member, to: Distributor, *, at: datetime = NOON, **fields: Any) -> Binding:
    """Insert a row without services."""
    return Binding.objects.bulk_create(
        [Binding(member=member, distributor=to, source="staff", started_at=at, **fields)]
    )[0]


@pytest.mark.parametrize("depth", [1, 2, 5])
def test_no_circle_at_any_depth(db: None, depth: int) -> None:
    people = referral_chain(*[f"M{number}" for number in range(depth + 1)])
    last = distributor(people[-1])

    assert refusal(lambda: insert(people[0], last, at=NOON + DAY)) == "binding_closes_no_circle"
    assert refusal(lambda: insert(people[0], last)) == "binding_closes_no_circle"


def test_a_member_cannot_be_their_own_upline(mei: Member) -> None:
    her = distributor(mei)

    assert refusal(lambda: insert(mei, her)) == "binding_closes_no_circle"


def test_an_ended_binding_closes_no_circle(mei: Member, lan: Member) -> None:
    distributor(mei)
    his = distributor(lan)
    make_referral(mei, lan)
    leave(member=lan, by=lan, at=NOON + DAY, reason=REASON)

    # Before the end, both bindings would have formed a circle.
    assert refusal(lambda: insert(mei, his, at=NOON + DAY / 2)) == "binding_closes_no_circle"
    assert insert(mei, his, at=NOON + DAY).pk


def test_an_expired_binding_without_end_closes_a_circle(mei: Member, lan: Member) -> None:
    set_policy(binding_days=3)
    distributor(mei)
    his = distributor(lan)
    make_referral(mei, lan)

    assert refusal(lambda: insert(mei, his, at=NOON + 5 * DAY)) == "binding_closes_no_circle"


def test_a_member_has_one_upline_at_a_time(mei: Member, lan: Member, bo: Member) -> None:
    hers, his = distributor(mei), distributor(lan)
    insert(bo, hers, at=NOON + DAY)

    for at, ends in [(NOON + 2 * DAY, {}), (NOON, {}), (NOON, {
        "ended_at": NOON + 2 * DAY, "expires_at": NOON + 2 * DAY, "end_reason": "expired",
    })]:  # fmt: skip
        assert refusal(lambda: insert(bo, his, at=at, **ends)) == "bindings_never_overlap"  # noqa: B023
    before = {"ended_at": NOON + DAY, "expires_at": NOON + DAY, "end_reason": "expired"}
    assert insert(bo, his, at=NOON, **before).pk


@pytest.mark.parametrize("to", ["suspended", "frozen", "exited"])
def test_an_upline_must_be_active(mei: Member, lan: Member, qian: User, to: str) -> None:
    her = distributor(mei)
    change_status(distributor=her, to=Distributor.Status(to), by=qian, at=NOON + DAY, reason=REASON)

    assert refusal(lambda: insert(lan, her, at=NOON + DAY)) == "binding_upline_active"
    assert refusal(lambda: insert(lan, her, at=NOON - DAY)) == "binding_upline_active"
    if to == "exited":
        assert refusal(lambda: insert(lan, her)) == "binding_upline_active"
    else:
        assert insert(lan, her).pk  # she was active then


@pytest.mark.parametrize("why", ["left", "reassigned"])
def test_leaving_after_thirty_days_is_refused(mei: Member, lan: Member, why: str) -> None:
    bound = insert(lan, distributor(mei))
    same = Binding.objects.filter(pk=bound.pk)
    end = {"end_reason": why, "end_note": "because"}
    late = NOON + 30 * DAY + timedelta(microseconds=1)

    assert refusal(lambda: same.update(ended_at=late, **end)) == "binding_left_within_thirty_days"
    assert refusal(lambda: same.update(ended_at=NOON, end_reason=why)) == "binding_left_with_reason"
    assert same.update(ended_at=NOON + 30 * DAY, **end) == 1


def test_an_end_needs_a_known_reason_and_comes_after_the_start(mei: Member, lan: Member) -> None:
    same = Binding.objects.filter(pk=insert(lan, distributor(mei)).pk)

    assert refusal(lambda: same.update(ended_at=NOON)) == "binding_end_has_reason"
    for end in ({"end_reason": "whim", "ended_at": NOON}, {"end_reason": "expired"}):
        assert refusal(lambda: same.update(**end)) == "binding_end_has_reason"  # noqa: B023
    before = NOON - DAY
    assert (
        refusal(lambda: same.update(ended_at=before, end_reason="expired"))
        == "binding_ends_after_start"
    )


def test_an_expired_binding_ends_at_its_expiry(mei: Member, lan: Member, bo: Member) -> None:
    her = distributor(mei)
    for_good = Binding.objects.filter(pk=insert(lan, her).pk)
    ten_days = Binding.objects.filter(pk=insert(bo, her, expires_at=NOON + 10 * DAY).pk)

    def ends(at: datetime, why: str = "expired") -> dict[str, Any]:
        return {"ended_at": at, "end_reason": why, "end_note": REASON}

    rule = "binding_expired_at_expiry"
    assert refusal(lambda: for_good.update(**ends(NOON + 10 * DAY))) == rule
    assert refusal(lambda: ten_days.update(**ends(NOON + 9 * DAY))) == rule
    assert refusal(lambda: insert(lan, her, at=NOON - DAY, **ends(NOON))) in (
        rule, "binding_upline_active",
    )  # fmt: skip
    late = ends(NOON + 11 * DAY, "left")
    assert refusal(lambda: ten_days.update(**late)) == "binding_ends_by_expiry"
    assert refusal(lambda: insert(lan, her, expires_at=NOON)) == "binding_expires_after_start"
    assert expire_bindings(at=NOON + 12 * DAY) == 1
    assert ten_days.get().ended_at == NOON + 10 * DAY


def test_an_exit_reason_needs_an_exit(mei: Member, lan: Member, bo: Member, qian: User) -> None:
    hers, his = distributor(mei), distributor(lan)
    his_own = Binding.objects.filter(pk=insert(lan, hers).pk)
    below = Binding.objects.filter(pk=insert(bo, his).pk)
    of_upline = {"ended_at": NOON + DAY, "end_reason": "upline_exit"}
    of_member = {"ended_at": NOON + DAY, "end_reason": "member_exit"}
    rule = "binding_exit_proven"

    for change in (of_upline, of_member):
        for row in (his_own, below):
            assert refusal(lambda: row.update(**change)) == rule  # noqa: B023
    change_status(distributor=his, to=Distributor.Status.SUSPENDED, by=qian, at=NOON, reason=REASON)
    assert refusal(lambda: below.update(**of_upline)) == rule
    exit_distributor(distributor=his, by=qian, at=NOON + 2 * DAY, reason=REASON)
    end_bindings()

    ended = below.get()
    assert (ended.end_reason, ended.ended_at) == ("upline_exit", NOON + 2 * DAY)
    assert refusal(lambda: his_own.update(**of_upline)) == rule  # his upline did not exit
    assert refusal(lambda: his_own.update(**of_member)) == rule  # before the exit
    assert his_own.update(**{**of_member, "ended_at": NOON + 2 * DAY}) == 1


def test_an_exit_reason_needs_a_period_of_exit(mei: Member, lan: Member) -> None:
    her = distributor(mei)
    same = Binding.objects.filter(pk=insert(lan, her).pk)
    Distributor.objects.filter(pk=her.pk).update(status="exited")

    assert (
        refusal(lambda: same.update(ended_at=NOON + DAY, end_reason="upline_exit"))
        == "binding_exit_proven"
    )


def test_a_superseded_binding_is_inserted_with_its_end(
    mei: Member, lan: Member, bo: Member
) -> None:
    hers, his = distributor(mei), distributor(lan)
    running = Binding.objects.filter(pk=insert(bo, hers, at=NOON + 5 * DAY).pk)

    def early(until: datetime) -> Binding:
        return insert(bo, his, at=NOON + DAY, ended_at=until, end_reason="superseded")

    rule = "binding_superseded_by_later_one"
    assert refusal(lambda: early(NOON + 4 * DAY)) == rule
    at_once = {"ended_at": NOON + 5 * DAY, "end_reason": "superseded"}
    assert refusal(lambda: running.update(**at_once)) == rule  # nor by itself
    assert refusal(lambda: running.update(**{**at_once, "ended_at": NOON + 9 * DAY})) == rule
    assert refusal(lambda: early(NOON + 6 * DAY)) == rule
    assert early(NOON + 5 * DAY).pk


class TestPoached:
    END: ClassVar = {"ended_at": NOON + 30 * DAY, "end_reason": "poached"}

    @pytest.fixture
    def same(self, mei: Member, lan: Member, bo: Member) -> Any:
        """Bo's binding to Mei, which Lan may poach."""
        distributor(lan)
        return Binding.objects.filter(pk=insert(bo, distributor(mei)).pk)

    def test_refused_without_a_policy(self, same: Any) -> None:
        assert refusal(lambda: same.update(**self.END)) == "binding_poached_when_idle"

    def test_refused_before_the_upline_is_idle(self, same: Any, bo: Member) -> None:
        set_policy(poach_after_days=31)
        assert refusal(lambda: same.update(**self.END)) == "binding_poached_when_idle"
        set_policy(poach_after_days=30)
        record_purchases([Purchase(bo.pk, ordered_at=NOON + timedelta(microseconds=1))])
        assert refusal(lambda: same.update(**self.END)) == "binding_poached_when_idle"

    def test_refused_without_another_binding(self, same: Any, mei: Member, bo: Member) -> None:
        set_policy(poach_after_days=30)

        def and_commit() -> None:
            same.update(**self.END)
            connection.check_constraints()

        def by_the_same() -> None:
            same.update(**self.END)
            insert(bo, mei.distributor, at=NOON + 30 * DAY)
            connection.check_constraints()

        assert refusal(and_commit) == "binding_poached_by_another"
        assert refusal(by_the_same) == "binding_poached_by_another"

    def test_accepted_with_another_binding(self, same: Any, lan: Member, bo: Member) -> None:
        set_policy(poach_after_days=30)

        assert make_referral(lan, bo, at=NOON + 30 * DAY).outcome == "bound"

        connection.check_constraints()
        assert same.get().end_reason == "poached"


def test_an_ended_binding_does_not_change(mei: Member, lan: Member) -> None:
    bound = insert(lan, distributor(mei))
    leave(member=lan, by=lan, at=NOON + DAY, reason=REASON)
    same = Binding.objects.filter(pk=bound.pk)

    for change in (
        {"ended_at": None, "end_reason": ""}, {"ended_at": NOON}, {"end_note": "x"},
        {"expires_at": NOON},
    ):  # fmt: skip
        assert refusal(lambda: same.update(**change)) == "binding_end_final"  # noqa: B023


def test_the_start_of_a_binding_does_not_change(mei: Member, lan: Member, bo: Member) -> None:
    same = Binding.objects.filter(pk=insert(bo, distributor(mei)).pk)
    other = distributor(lan)

    for change in (
        {"member": lan}, {"distributor": other}, {"started_at": NOON - DAY}, {"source": "share"},
        {"evidence_id": "x"}, {"public_id": "x"},
    ):  # fmt: skip
        assert refusal(lambda: same.update(**change))  # noqa: B023
    assert refusal(same.delete)


def test_referrals_do_not_change(mei: Member, lan: Member, bo: Member) -> None:
    make_referral(mei, lan)
    same = Referral.objects.filter(member=lan)

    assert refusal(lambda: same.update(referrer=bo))
    assert refusal(same.delete)
    own = Referral(member=mei, referrer=mei, source="share", at=NOON)
    assert refusal(lambda: Referral.objects.bulk_create([own])) == "referral_not_self"


def test_periods_cannot_overlap_or_change(mei: Member, qian: User) -> None:
    her = distributor(mei)
    change_status(
        distributor=her, to=Distributor.Status.FROZEN, by=qian, at=NOON + DAY, reason=REASON
    )
    first, second = DistributorPeriod.objects.order_by("pk")
    over = DistributorPeriod(distributor=her, status="active", started_at=NOON + DAY / 2)

    assert (
        refusal(lambda: DistributorPeriod.objects.bulk_create([over]))
        == "distributor_periods_never_overlap"
    )
    again = DistributorPeriod.objects.filter(pk=first.pk)
    assert refusal(lambda: again.update(ended_at=NOON)) == "distributor_period_end_final"
    now = DistributorPeriod.objects.filter(pk=second.pk)
    for change in ({"status": "active"}, {"started_at": NOON}, {"distributor": her}):
        assert refusal(lambda: now.update(**change))  # noqa: B023
    assert refusal(lambda: now.update(ended_at=NOON)) == "distributor_period_ends_after_start"
    assert refusal(now.delete)


def test_an_exit_is_final_and_the_member_of_a_distributor_does_not_change(
    mei: Member, lan: Member, qian: User
) -> None:
    her = distributor(mei)
    same = Distributor.objects.filter(pk=her.pk)

    assert refusal(lambda: same.update(status="queen")) == "distributor_status_valid"
    assert refusal(lambda: same.update(member=lan))
    assert refusal(same.delete)
    exit_distributor(distributor=her, by=qian, at=NOON + DAY, reason=REASON)
    assert refusal(lambda: same.update(status="active")) == "distributor_status_transitions"
    with pytest.raises(IntegrityError), transaction.atomic():
        Distributor.objects.create(member=mei, code="other", since=NOON)


def test_a_member_has_one_application_and_a_rejection_needs_a_reason(
    mei: Member, qian: User
) -> None:
    Application.objects.create(member=mei, submitted_at=NOON)
    same = Application.objects.filter(member=mei)

    assert refusal(lambda: same.update(status="approved")) == "application_decided_has_time"
    rejected = {"status": "rejected", "decided_at": NOON, "decided_by": qian}
    assert refusal(lambda: same.update(**rejected)) == "application_rejected_with_reason"
    with pytest.raises(IntegrityError), transaction.atomic():
        Application.objects.create(member=mei, submitted_at=NOON)


@pytest.mark.django_db
def test_there_is_only_one_policy() -> None:
    assert refusal(lambda: Policy.objects.bulk_create([Policy(id=2)]))


def test_no_column_could_hold_a_third_tier(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name FROM information_schema.columns"
            " WHERE table_name LIKE 'distribution%%' AND column_name LIKE '%%tier%%'"
        )
        assert cursor.fetchall() == []
