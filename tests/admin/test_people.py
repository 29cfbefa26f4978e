"""Members and staff in the admin."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse

from members.models import Member, MemberGrade, Tag, User


def change(person: Member | User) -> str:
    return reverse(f"admin:members_{person._meta.model_name}_change", args=[person.pk])


def test_grade_and_tags_are_the_staffs_to_change(as_boss: Client, mei: Member) -> None:
    gold = MemberGrade.objects.create(rank=3, name="金卡")
    regular = Tag.objects.create(name="老客")
    given = {"grade": gold.pk, "tags": [regular.pk], "nickname": "Somebody"}
    given |= {"identities-TOTAL_FORMS": 1, "identities-INITIAL_FORMS": 1}
    assert as_boss.post(change(mei), given).status_code == 302
    mei.refresh_from_db()
    assert (mei.grade, mei.nickname) == (gold, "Mei")
    assert list(mei.tags.all()) == [regular]


def test_members_are_neither_made_nor_deleted_here(as_boss: Client, mei: Member) -> None:
    for page in ("admin:members_member_add",):
        assert as_boss.post(reverse(page), {"nickname": "X"}).status_code == 403
    gone = reverse("admin:members_member_delete", args=[mei.pk])
    assert as_boss.post(gone, {"post": "yes"}).status_code == 403
    assert Member.objects.get() == mei


def test_identities_are_shown_and_not_edited(as_boss: Client, mei: Member) -> None:
    page = as_boss.get(change(mei)).content.decode()
    assert "商家商城" in page
    assert 'name="identities-0-external_id"' not in page
    as_boss.post(change(mei), {
        "identities-TOTAL_FORMS": 1, "identities-INITIAL_FORMS": 1,
        "identities-0-id": mei.identities.get().pk, "identities-0-external_id": "bo",
        "identities-0-DELETE": "on",
    })  # fmt: skip
    assert mei.identities.get().external_id == "mei"


@pytest.mark.parametrize(
    ("words", "found"), [("Me", 1), ("mei", 1), ("me", 1), ("zz", 0), ("%", 0)]
)
def test_members_are_found_by_nickname_and_identity(
    as_boss: Client, mei: Member, lan: Member, words: str, found: int
) -> None:
    answer = as_boss.get(reverse("admin:members_member_changelist"), {"q": words})
    assert len(answer.context["cl"].result_list) == found


def test_a_member_is_found_by_their_id(as_boss: Client, mei: Member, lan: Member) -> None:
    answer = as_boss.get(reverse("admin:members_member_changelist"), {"q": mei.public_id})
    assert list(answer.context["cl"].result_list) == [mei]


def test_a_username_is_given_once(as_boss: Client, qian: User) -> None:
    page = as_boss.get(change(qian)).content.decode()
    assert 'name="username"' not in page
    as_boss.post(change(qian), {"username": "someone", "is_active": "on", "is_staff": "on"})
    qian.refresh_from_db()
    assert qian.username == "qian"


def test_staff_are_not_deleted(as_boss: Client, qian: User) -> None:
    gone = reverse("admin:members_user_delete", args=[qian.pk])
    assert as_boss.post(gone, {"post": "yes"}).status_code == 403
    assert User.objects.filter(pk=qian.pk).exists()


def test_only_a_superuser_makes_or_changes_one(as_qian: Client, qian: User, boss: User) -> None:
    qian.user_permissions.set(
        Permission.objects.filter(codename__in=["view_user", "change_user", "add_user"])
    )
    as_qian.post(change(qian), {"is_active": "on", "is_staff": "on", "is_superuser": "on"})
    qian.refresh_from_db()
    assert not qian.is_superuser
    password = boss.password
    assert as_qian.post(change(boss), {"is_active": ""}).status_code == 403
    boss.refresh_from_db()
    assert boss.password == password
    assert boss.is_active


@pytest.mark.slow
def test_rights_are_shown_in_words_for_the_pages_there_are(as_boss: Client) -> None:
    page = as_boss.get(reverse("admin:auth_group_add")).content.decode()
    assert "会员 · 查看" in page
    assert "Can view" not in page
    assert "session" not in page.lower().split("<select", 1)[1].split("</select>")[0]


def test_nobody_gives_themselves_rights_through_a_group(as_qian: Client, qian: User) -> None:
    group = Group.objects.create(name="运营")
    qian.user_permissions.set(
        Permission.objects.filter(codename__in=["change_user", "change_group", "add_group"])
    )
    change = reverse("admin:members_user_change", args=[qian.pk])
    page = as_qian.get(change)
    assert page.status_code == 200
    assert "groups" not in page.context["adminform"].form.fields
    as_qian.post(change, {"groups": [group.pk], "is_staff": "on", "is_active": "on"})
    assert not qian.groups.exists()
    group_page = reverse("admin:auth_group_change", args=[group.pk])
    assert as_qian.post(group_page, {"name": "x"}).status_code == 403
    assert as_qian.get(reverse("admin:auth_group_add")).status_code == 403
