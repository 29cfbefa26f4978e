"""Visibility of member data."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser, Permission

from members.models import Member, User


def allow(person: User) -> User:
    person.user_permissions.add(Permission.objects.get(codename="view_member"))
    return User.objects.get(pk=person.pk)


def test_staff_with_the_permission_see_everybody(mei: Member, lan: Member, qian: User) -> None:
    assert set(Member.objects.visible_to(allow(qian))) == {mei, lan}  # type: ignore[attr-defined]


def test_staff_without_the_permission_see_nobody(mei: Member, qian: User) -> None:
    assert not Member.objects.visible_to(qian).exists()  # type: ignore[attr-defined]


@pytest.mark.parametrize("with_permission", [False, True])
def test_a_member_sees_themselves_alone(mei: Member, lan: Member, with_permission: bool) -> None:
    user = User.objects.create_user("mei", member=mei)
    if with_permission:  # permissions count for staff only
        user = allow(user)
    assert list(Member.objects.visible_to(user)) == [mei]  # type: ignore[attr-defined]


def test_an_anonymous_user_sees_nobody(mei: Member) -> None:
    assert not Member.objects.visible_to(AnonymousUser()).exists()  # type: ignore[attr-defined]
