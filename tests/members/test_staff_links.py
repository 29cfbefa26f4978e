"""Two superusers link a staff user to a member in the admin."""

from __future__ import annotations

import pytest
from django.contrib.messages import get_messages
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from common import clock
from common.errors import PermissionMissing, SelfApprovalForbidden, violated_constraint
from common.status import WrongStatus
from events.models import Event
from members.models import Member, StaffLinkProposal, User
from members.reviews import ReviewTooEarly
from members.staff import MemberAlreadyLinked, StaffAlreadyLinked
from members.staff_links import (
    StaffLinkPending,
    agree_to_staff_link,
    propose_staff_link,
    refuse_staff_link,
)
from tests.cast import LONG_AGO, NOON, give, link


@pytest.fixture
def other(db: None) -> User:
    return User.objects.create_superuser("other", may_review_from=LONG_AGO)


def proposed(user: User, member: Member, by: User) -> StaffLinkProposal:
    return propose_staff_link(user=user, member=member, reason="seen in person", by=by, at=NOON)


def member_of(user: User) -> Member | None:
    return User.objects.get(pk=user.pk).member


def test_one_proposes_and_another_agrees(
    as_boss: Client, other: User, qian: User, mei: Member
) -> None:
    page = reverse("admin:members_user_propose_link", args=[qian.pk])
    assert as_boss.post(page, {"member": mei.public_id, "reason": "seen"}).status_code == 302
    assert member_of(qian) is None
    agree = reverse(
        "admin:members_stafflinkproposal_agree", args=[StaffLinkProposal.objects.get().pk]
    )
    own = as_boss.post(agree, {"_form_submitted": "True"})
    assert "error" in [each.level_tag for each in get_messages(own.wsgi_request)]
    assert member_of(qian) is None

    client = Client()
    client.force_login(other)
    client.post(agree, {"_form_submitted": "True"})

    assert member_of(qian) == mei
    assert User.objects.get(pk=qian.pk).may_review_from > clock.now()
    events = Event.objects.filter(subject_id="qian").order_by("pk")
    assert list(events.values_list("name", "actor_id", "data")) == [
        ("members.staff_link_proposed", "boss", {"member": mei.public_id, "reason": "seen"}),
        ("members.staff_linked", "other", {"member": mei.public_id, "proposer": "boss"}),
    ]


def test_nobody_decides_alone(boss: User, other: User, qian: User, mei: Member) -> None:
    own = proposed(other, mei, boss)
    for by in (boss, other):
        with pytest.raises(SelfApprovalForbidden):
            agree_to_staff_link(proposal=own, by=by, at=NOON)
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        StaffLinkProposal.objects.update(
            status="agreed", decider=boss, decider_member=0, decided_at=NOON
        )
    assert violated_constraint(refused.value) == "staff_link_four_eyes"
    assert member_of(other) is None


def test_only_superusers_take_part(boss: User, qian: User, feng: User, mei: Member) -> None:
    right = give(feng, "change_user", "change_stafflinkproposal")
    with pytest.raises(PermissionMissing):
        proposed(qian, mei, right)
    open_one = proposed(qian, mei, boss)
    for decide in (agree_to_staff_link, refuse_staff_link):
        with pytest.raises(PermissionMissing):
            decide(proposal=open_one, by=right, at=NOON)
    assert member_of(qian) is None


def test_a_new_superuser_waits(boss: User, qian: User, mei: Member) -> None:
    new = User.objects.create_superuser("new")
    with pytest.raises(ReviewTooEarly):
        proposed(qian, mei, new)
    with pytest.raises(ReviewTooEarly):
        agree_to_staff_link(proposal=proposed(qian, mei, boss), by=new, at=NOON)
    assert member_of(qian) is None


def test_a_link_is_set_once(boss: User, qian: User, feng: User, mei: Member, lan: Member) -> None:
    link(qian, mei)
    with pytest.raises(StaffAlreadyLinked):
        proposed(qian, lan, boss)
    with pytest.raises(MemberAlreadyLinked):
        proposed(feng, mei, boss)
    assert not StaffLinkProposal.objects.exists()


def test_a_link_made_meanwhile_wins(boss: User, other: User, qian: User, mei: Member) -> None:
    open_one = proposed(qian, mei, boss)
    link(qian, mei)
    with pytest.raises(StaffAlreadyLinked):
        agree_to_staff_link(proposal=open_one, by=other, at=NOON)
    assert StaffLinkProposal.objects.get().status == "proposed"


def test_a_proposal_is_refused_or_withdrawn_once(boss: User, qian: User, mei: Member) -> None:
    open_one = proposed(qian, mei, boss)
    with pytest.raises(StaffLinkPending):
        proposed(qian, mei, boss)
    refuse_staff_link(proposal=open_one, by=boss, at=NOON)
    with pytest.raises(WrongStatus):
        agree_to_staff_link(proposal=open_one, by=boss, at=NOON)
    assert member_of(qian) is None
    proposed(qian, mei, boss)
