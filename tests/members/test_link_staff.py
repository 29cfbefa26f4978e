"""The member of a staff user is set once, by the server's command."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from common.errors import violated_constraint
from events.models import Event
from members.models import Member, User
from members.staff import MemberAlreadyLinked, StaffAlreadyLinked, link_staff
from tests.cast import NOON


def member_of(user: User) -> Member | None:
    return User.objects.get(pk=user.pk).member


def test_the_command_links_on_record(qian: User, mei: Member) -> None:
    call_command("link_staff", "qian", mei.public_id)
    assert member_of(qian) == mei
    event = Event.objects.get(name="members.staff_linked")
    assert (event.subject_id, event.actor_id) == ("qian", "")
    assert event.data == {"member": mei.public_id, "proposer": ""}


@pytest.mark.parametrize("arguments", [("nobody", "x"), ("qian", "x")])
def test_the_command_names_what_is_unknown(qian: User, arguments: tuple[str, str]) -> None:
    with pytest.raises(CommandError, match=arguments[0] if arguments[0] == "nobody" else "x"):
        call_command("link_staff", *arguments)


def test_a_link_does_not_change(qian: User, mei: Member, lan: Member) -> None:
    link_staff(user=qian, member=mei, at=NOON)
    with pytest.raises(StaffAlreadyLinked):
        link_staff(user=qian, member=lan, at=NOON)
    assert member_of(qian) == mei
    assert Event.objects.filter(name="members.staff_linked").count() == 1


def test_a_member_has_one_staff_user(qian: User, feng: User, mei: Member) -> None:
    link_staff(user=qian, member=mei, at=NOON)
    with pytest.raises(MemberAlreadyLinked):
        link_staff(user=feng, member=mei, at=NOON)
    assert member_of(feng) is None


@pytest.mark.parametrize("cleared", [True, False])
def test_the_database_refuses_another_link(
    qian: User, mei: Member, lan: Member, cleared: bool
) -> None:
    link_staff(user=qian, member=mei, at=NOON)
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        User.objects.filter(pk=qian.pk).update(member=None if cleared else lan)
    assert violated_constraint(refused.value) == "staff_member_set_once"
    assert member_of(qian) == mei


@pytest.mark.slow
def test_the_admin_shows_the_link_and_changes_it_for_nobody(
    as_boss: Client, boss: User, mei: Member, lan: Member
) -> None:
    page = reverse("admin:members_user_change", args=[boss.pk])
    given = {"is_active": "on", "is_staff": "on", "is_superuser": "on", "member": lan.pk}
    as_boss.post(page, given)
    assert member_of(boss) is None
    link_staff(user=boss, member=mei, at=NOON)
    as_boss.post(page, {**given, "member": ""})
    assert member_of(boss) == mei
    assert "Mei" in as_boss.get(page).content.decode()
