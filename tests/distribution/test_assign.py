"""Staff assign an upline to a member without one."""

from __future__ import annotations

import pytest

from common.errors import ReasonRequired
from distribution.models import Binding, Distributor, Referral
from distribution.services import assign, change_status, leave
from distribution.services.reassignment import (
    BindingChanged,
    CircularUpline,
    HasUpline,
    SelfAssignmentForbidden,
    UplineNotActive,
)
from members.models import Member, User
from tests.cast import NOON, member
from tests.distribution.people import REASON, last_event, rows, set_policy, upline
from tests.shop import DAY, distributor, make_referral


def test_a_member_without_an_upline_gets_one(lan: Member, bo: Member, qian: User) -> None:
    set_policy(binding_days=40)
    his = distributor(lan)

    returned = assign(member=bo, to=his, by=qian, at=NOON + DAY, reason=f" {REASON} ")

    bound = Binding.objects.get()
    assert (bound.pk, bound.source, bound.started_at) == (returned.pk, "staff", NOON + DAY)
    assert (bound.evidence_kind, bound.evidence_id) == ("members.user", "qian")
    assert bound.expires_at == NOON + 41 * DAY
    event = last_event("assigned")
    assert (event.subject_id, event.before, event.after, event.actor_id, event.data["reason"]) == (
        bo.public_id, {"upline": None}, {"upline": his.public_id}, "qian", REASON,
    )  # fmt: skip
    assert last_event("bound").actor_id == "qian"


def test_the_referral_is_recorded_unless_there_is_one(
    mei: Member, lan: Member, bo: Member, chen: Member, qian: User
) -> None:
    make_referral(mei, bo)  # not a distributor yet
    his = distributor(lan)

    for buyer in (bo, chen):
        assign(member=buyer, to=his, by=qian, at=NOON + DAY, reason=REASON)

    assert Referral.objects.get(member=bo).referrer == mei
    brought = Referral.objects.get(member=chen)
    assert (brought.referrer, brought.source, brought.at) == (lan, "staff", NOON + DAY)


def test_a_member_who_left_or_whose_binding_expired_has_no_upline(
    mei: Member, lan: Member, bo: Member, chen: Member, qian: User
) -> None:
    set_policy(binding_days=10)
    distributor(mei)
    for buyer in (bo, chen):
        make_referral(mei, buyer)
    leave(member=bo, by=bo, at=NOON + DAY, reason=REASON)

    for buyer in (bo, chen):
        assign(member=buyer, to=distributor(member(f"To {buyer}")), by=qian, at=NOON + 10 * DAY,
               reason=REASON)  # fmt: skip

    assert (upline(bo), upline(chen)) == ("To Bo", "To Chen")
    assert Binding.objects.filter(member=chen).earliest("pk").end_reason == "expired"


def test_an_illegal_assignment_is_refused(
    mei: Member, lan: Member, bo: Member, chen: Member, qian: User
) -> None:
    hers, his = distributor(mei), distributor(lan)
    make_referral(mei, lan)
    make_referral(mei, bo)
    frozen = distributor(member("Frozen"))
    change_status(distributor=frozen, to=Distributor.Status.FROZEN, by=qian, at=NOON, reason=REASON)
    before = rows()

    with pytest.raises(HasUpline):
        assign(member=bo, to=his, by=qian, at=NOON + DAY, reason=REASON)
    with pytest.raises(HasUpline):
        assign(member=bo, to=hers, by=qian, at=NOON + DAY, reason=REASON)
    with pytest.raises(UplineNotActive):
        assign(member=chen, to=frozen, by=qian, at=NOON + DAY, reason=REASON)
    with pytest.raises(UplineNotActive):
        assign(member=chen, to=his, by=qian, at=NOON - DAY, reason=REASON)
    with pytest.raises(CircularUpline):
        assign(member=mei, to=his, by=qian, at=NOON + DAY, reason=REASON)
    with pytest.raises(CircularUpline):
        assign(member=mei, to=hers, by=qian, at=NOON + DAY, reason=REASON)
    for reason in ("  ", "x" * 201):
        with pytest.raises(ReasonRequired):
            assign(member=chen, to=his, by=qian, at=NOON + DAY, reason=reason)

    assert rows() == before
    assert not Referral.objects.filter(member__in=[mei, chen]).exists()


def test_a_later_binding_refuses_the_assignment(
    mei: Member, lan: Member, bo: Member, qian: User
) -> None:
    distributor(mei)
    his = distributor(lan)
    make_referral(mei, bo, at=NOON + DAY)
    leave(member=bo, by=bo, at=NOON + 2 * DAY, reason=REASON)
    before = rows()

    with pytest.raises(BindingChanged):
        assign(member=bo, to=his, by=qian, at=NOON, reason=REASON)

    assert rows() == before


def test_staff_cannot_assign_to_themselves_or_their_own_team(
    lan: Member, bo: Member, qian: User
) -> None:
    his = distributor(lan)
    before = rows()

    for own in (lan, bo):
        qian.member = own
        with pytest.raises(SelfAssignmentForbidden):
            assign(member=bo, to=his, by=qian, at=NOON + DAY, reason=REASON)

    assert rows() == before
