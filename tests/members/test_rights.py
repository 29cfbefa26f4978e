"""Changes of rights are events with the state before and after."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Group, Permission
from django.core import mail
from django.test import Client
from django.urls import reverse

from events.models import Event
from members.models import User
from tests.cast import give


def changes(name: str = "members.rights_changed") -> list[tuple[str, str, Any, Any]]:
    rows = Event.objects.filter(name=name).order_by("pk")
    return list(rows.values_list("subject_id", "actor_id", "before", "after"))


def test_the_rights_of_a_user(as_boss: Client, qian: User) -> None:
    page = reverse("admin:members_user_change", args=[qian.pk])
    group = Group.objects.create(name="财务")
    right = Permission.objects.get(codename="review_as_finance")
    flags = {"is_active": "on", "is_staff": "on"}
    as_boss.post(page, {**flags, "groups": [group.pk], "user_permissions": [right.pk]})
    as_boss.post(page, {"is_staff": "on", "groups": [group.pk], "user_permissions": [right.pk]})
    name = "withdrawals.review_as_finance"
    assert changes() == [
        (
            "qian", "boss",
            {"permissions": [], "groups": []}, {"permissions": [name], "groups": ["财务"]},
        ),
        ("qian", "boss", {"is_active": True}, {"is_active": False}),
    ]  # fmt: skip


def test_another_edit_records_nothing(as_boss: Client, qian: User) -> None:
    page = reverse("admin:members_user_change", args=[qian.pk])
    as_boss.post(page, {"is_active": "on", "is_staff": "on", "first_name": "钱"})
    qian.refresh_from_db()
    assert qian.first_name == "钱"
    assert changes() == []


def test_new_staff(as_boss: Client) -> None:
    given = {"username": "wei", "email": "wei@example.com", "is_staff": "on"}
    as_boss.post(reverse("admin:members_user_add"), given)
    ((subject, actor, _before, after),) = changes()
    assert (subject, actor, after["is_staff"]) == ("wei", "boss", True)


def test_the_rights_of_a_group(as_boss: Client) -> None:
    right = Permission.objects.get(codename="review_as_finance")
    as_boss.post(reverse("admin:auth_group_add"), {"name": "财务", "permissions": [right.pk]})
    group = Group.objects.get()
    as_boss.post(reverse("admin:auth_group_delete", args=[group.pk]), {"post": "yes"})
    name = "withdrawals.review_as_finance"
    assert changes("members.group_changed") == [
        ("财务", "boss", {"permissions": None}, {"permissions": [name]}),
        ("财务", "boss", {"permissions": [name]}, {"permissions": None}),
    ]


def test_another_address(
    as_boss: Client, qian: User, django_capture_on_commit_callbacks: Any
) -> None:
    page = reverse("admin:members_user_change", args=[qian.pk])
    given = {"is_active": "on", "is_staff": "on"}
    for address in ("old@example.com", "old@example.com", "new@example.com"):
        with django_capture_on_commit_callbacks(execute=True):
            as_boss.post(page, {**given, "email": address})
    assert changes("members.email_changed") == [
        ("qian", "boss", {"email": ""}, {"email": "old@example.com"}),
        ("qian", "boss", {"email": "old@example.com"}, {"email": "new@example.com"}),
    ]
    (told,) = mail.outbox
    assert told.to == ["old@example.com"]
    assert "new@example.com" in str(told.body)


def test_a_refused_save_changes_nothing(as_qian: Client, qian: User, feng: User) -> None:
    give(qian, "change_user", "view_user")
    give(feng, "review_as_finance")
    page = reverse("admin:members_user_change", args=[feng.pk])
    answer = as_qian.post(page, {"is_staff": "on", "email": "me@example.com", "first_name": "X"})
    assert answer.status_code == 403
    feng.refresh_from_db()
    assert (feng.is_active, feng.email, feng.first_name) == (True, "", "")
    assert changes() == changes("members.email_changed") == []
