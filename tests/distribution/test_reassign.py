"""Staff give members another upline in the first thirty days, one by one or many with a preview."""

from __future__ import annotations

from datetime import timedelta

import pytest

from common.errors import ReasonRequired
from distribution.models import Binding, Distributor
from distribution.queries import preview_reassignment
from distribution.services import change_status, reassign, reassign_many
from distribution.services.reassignment import (
    BindingChanged,
    CircularUpline,
    SameUpline,
    SelfAssignmentForbidden,
    UplineNotActive,
)
from distribution.services.unbind import TooLateToLeave
from members.models import Member, User
from tests.cast import NOON, member
from tests.distribution.people import REASON, last_event, rows, set_policy, upline
from tests.shop import DAY, distributor, make_referral


@pytest.fixture
def bound(mei: Member, lan: Member, bo: Member) -> Member:
    """Bo, bound to Mei; Lan is another distributor."""
    distributor(mei)
    distributor(lan)
    make_referral(mei, bo)
    return bo


def test_a_member_moves_to_another_upline(
    bound: Member, mei: Member, lan: Member, qian: User
) -> None:
    binding = reassign(member=bound, to=lan.distributor, by=qian, at=NOON + 30 * DAY, reason=REASON)

    old, new = Binding.objects.order_by("pk")
    assert (old.end_reason, old.end_note, old.ended_at) == ("reassigned", REASON, NOON + 30 * DAY)
    assert (new.pk, new.source, new.started_at) == (binding.pk, "staff", NOON + 30 * DAY)
    assert (new.evidence_kind, new.evidence_id) == ("members.user", "qian")
    event = last_event("reassigned")
    assert (event.before, event.after, event.actor_id, event.data["reason"]) == (
        {"upline": mei.distributor.public_id},
        {"upline": lan.distributor.public_id},
        "qian",
        REASON,
    )


def test_a_member_without_upline_gets_one(lan: Member, chen: Member, qian: User) -> None:
    reassign(member=chen, to=distributor(lan), by=qian, at=NOON, reason=REASON)

    assert upline(chen) == "Lan"
    assert last_event("reassigned").before == {"upline": None}


def test_an_expired_binding_is_no_obstacle(
    mei: Member, lan: Member, bo: Member, qian: User
) -> None:
    set_policy(binding_days=40)
    distributor(mei)
    make_referral(mei, bo)

    reassign(member=bo, to=distributor(lan), by=qian, at=NOON + 50 * DAY, reason=REASON)

    old, new = Binding.objects.order_by("pk")
    assert (old.end_reason, new.expires_at) == ("expired", NOON + 90 * DAY)


def test_after_thirty_days_reassignment_is_refused(bound: Member, lan: Member, qian: User) -> None:
    before = rows()

    with pytest.raises(TooLateToLeave):
        reassign(
            member=bound, to=lan.distributor, by=qian, reason=REASON,
            at=NOON + 30 * DAY + timedelta(seconds=1),
        )  # fmt: skip

    assert rows() == before


def test_an_illegal_reassignment_is_refused(
    bound: Member, mei: Member, lan: Member, qian: User
) -> None:
    make_referral(mei, lan)
    frozen = distributor(member("Frozen"))
    change_status(distributor=frozen, to=Distributor.Status.FROZEN, by=qian, at=NOON, reason=REASON)
    before = rows()

    with pytest.raises(UplineNotActive):
        reassign(member=bound, to=frozen, by=qian, at=NOON + DAY, reason=REASON)
    with pytest.raises(CircularUpline):
        reassign(member=mei, to=lan.distributor, by=qian, at=NOON + DAY, reason=REASON)
    with pytest.raises(CircularUpline):
        reassign(member=mei, to=mei.distributor, by=qian, at=NOON + DAY, reason=REASON)
    with pytest.raises(SameUpline):
        reassign(member=bound, to=mei.distributor, by=qian, at=NOON + DAY, reason=REASON)
    with pytest.raises(ReasonRequired):
        reassign(member=bound, to=lan.distributor, by=qian, at=NOON + DAY, reason=" ")
    with pytest.raises(BindingChanged):
        reassign(member=bound, to=lan.distributor, by=qian, at=NOON - DAY, reason=REASON)

    assert rows() == before


def test_staff_cannot_assign_to_themselves_or_their_own_team(
    bound: Member, lan: Member, qian: User
) -> None:
    before = rows()

    qian.member = lan
    with pytest.raises(SelfAssignmentForbidden):
        reassign(member=bound, to=lan.distributor, by=qian, at=NOON, reason=REASON)
    with pytest.raises(SelfAssignmentForbidden):
        reassign_many(members=[bound], to=lan.distributor, by=qian, at=NOON, reason=REASON)
    qian.member = bound
    with pytest.raises(SelfAssignmentForbidden):
        reassign(member=bound, to=lan.distributor, by=qian, at=NOON, reason=REASON)

    assert rows() == before


def test_the_preview_matches_the_results(
    bound: Member, mei: Member, lan: Member, chen: Member, qian: User
) -> None:
    already_bound = member("There")
    make_referral(lan, already_bound, at=NOON + 20 * DAY)
    late = member("Late")
    make_referral(mei, late, at=NOON + 20 * DAY)
    at = NOON + 31 * DAY
    make_referral(mei, lan, at=NOON + 20 * DAY)
    people = [bound, chen, late, already_bound, mei]
    before = rows()

    previews = preview_reassignment(members=people, to=lan.distributor, at=at)

    assert rows() == before
    assert {result.member.nickname: result.outcome for result in previews} == {
        "Bo": "too_late", "Chen": "binds", "Late": "moves", "There": "same_upline", "Mei": "circle",
    }  # fmt: skip
    results = reassign_many(members=people, to=lan.distributor, by=qian, at=at, reason=REASON)
    assert {result.member.pk for result in results if result.binding} == {
        result.member.pk for result in previews if result.is_allowed
    }
    refusals = {
        result.member.nickname: result.error.code for result in results if result.error is not None
    }
    assert refusals == {
        "Bo": "too_late_to_leave", "There": "same_upline", "Mei": "circular_upline",
    }  # fmt: skip
    assert (upline(chen), upline(late), upline(bound)) == ("Lan", "Lan", "Mei")


def test_the_preview_reports_an_inactive_upline(bound: Member, lan: Member, qian: User) -> None:
    change_status(
        distributor=lan.distributor,
        to=Distributor.Status.SUSPENDED,
        by=qian,
        at=NOON,
        reason=REASON,
    )

    previews = preview_reassignment(members=[bound], to=lan.distributor, at=NOON + DAY)

    assert [result.outcome for result in previews] == ["not_active"]


def test_the_preview_needs_constant_queries(
    bound: Member, lan: Member, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    people = [bound, *[member(f"Member {number}") for number in range(20)]]

    with django_assert_num_queries(3):
        preview_reassignment(members=people, to=lan.distributor, at=NOON + DAY)
