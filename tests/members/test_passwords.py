"""Passwords of staff: one's own with the old one, all others through a mailed link."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import Permission
from django.core import mail
from django.test import Client
from django.urls import NoReverseMatch, reverse
from pytest_django import Settings

from events.models import Event
from members.models import User

OLD, NEW = "long-enough-9", "even-longer-10"
LINK = re.compile(r"http://testserver(/admin/password_reset/\S+/\S+/)")


@pytest.fixture
def qian_by_mail(qian: User, no_static_files: None) -> User:
    qian.email = "qian@example.com"
    qian.set_password(OLD)
    qian.save()
    return qian


def events_about(user: User) -> list[tuple[str, str]]:
    rows = Event.objects.filter(subject_kind="members.user", subject_id=user.username)
    return list(rows.order_by("pk").values_list("name", "actor_id"))


def mailed_link() -> str:
    (message,) = mail.outbox
    found = LINK.search(str(message.body))
    assert found
    return found[1]


def set_password(link: str, password: str = NEW) -> int:
    client = Client()
    form = client.get(link, follow=True)
    address = form.redirect_chain[-1][0] if form.redirect_chain else link
    given = {"new_password1": password, "new_password2": password}
    return client.post(address, given).status_code


def test_the_button_says_what_it_does(client: Client) -> None:
    page = client.get(reverse("admin_password_reset")).content.decode()

    button = re.search(r"<button[^>]*type=\"submit\"[^>]*>(.*?)</button>", page, re.DOTALL)
    assert button
    assert button[1].strip() == "发送链接"


def test_a_forgotten_password_is_reset_by_mail(qian_by_mail: User, client: Client) -> None:
    assert reverse("admin_password_reset") in client.get(reverse("admin:login")).content.decode()
    page = client.post(reverse("admin_password_reset"), {"email": "Qian@example.com"}, follow=True)
    assert "链接已发送" in page.content.decode()
    assert mail.outbox[0].to == ["qian@example.com"]
    link = mailed_link()
    assert set_password(link) == 302
    qian_by_mail.refresh_from_db()
    assert qian_by_mail.check_password(NEW)
    assert events_about(qian_by_mail) == [
        ("members.password_link_sent", ""), ("members.password_reset", ""),
    ]  # fmt: skip
    assert "链接无效" in Client().get(link).content.decode()


@pytest.mark.slow
def test_a_weak_password_is_refused(qian_by_mail: User, client: Client) -> None:
    client.post(reverse("admin_password_reset"), {"email": "qian@example.com"})
    assert set_password(mailed_link(), "12345678") == 200
    qian_by_mail.refresh_from_db()
    assert qian_by_mail.check_password(OLD)


@pytest.mark.parametrize("change", [{"is_active": False}, {"is_staff": False}])
def test_only_active_staff_get_a_link(
    qian_by_mail: User, client: Client, change: dict[str, bool]
) -> None:
    User.objects.update(**change)
    page = client.post(reverse("admin_password_reset"), {"email": "qian@example.com"}, follow=True)
    assert "链接已发送" in page.content.decode()
    assert mail.outbox == []
    assert events_about(qian_by_mail) == []


@pytest.mark.slow
def test_nobody_sets_the_password_of_another(as_boss: Client, qian_by_mail: User) -> None:
    with pytest.raises(NoReverseMatch):
        reverse("admin:auth_user_password_change", args=[qian_by_mail.pk])
    change = reverse("admin:members_user_change", args=[qian_by_mail.pk])
    given = {"password1": NEW, "password2": NEW, "password": NEW, "usable_password": "true"}
    as_boss.post(change.replace("change", "password"), given)
    as_boss.post(change, {**given, "is_active": "on", "is_staff": "on"})
    qian_by_mail.refresh_from_db()
    assert qian_by_mail.check_password(OLD)


@pytest.mark.slow
def test_a_colleague_sends_the_link_on_record(as_boss: Client, qian_by_mail: User) -> None:
    as_boss.post(reverse("admin:members_user_password_link", args=[qian_by_mail.pk]))
    assert events_about(qian_by_mail) == [("members.password_link_sent", "boss")]
    assert set_password(mailed_link()) == 302


def test_a_link_is_sent_only_to_those_with_no_more_rights(
    as_qian: Client, qian: User, boss: User
) -> None:
    boss.email = "boss@example.com"
    boss.save()
    qian.user_permissions.add(Permission.objects.get(codename="change_user"))
    as_qian.post(reverse("admin:members_user_password_link", args=[boss.pk]))
    assert mail.outbox == []
    assert events_about(boss) == []


@pytest.mark.slow
def test_new_staff_set_their_own_password(as_boss: Client) -> None:
    given = {"username": "wei", "email": "wei@example.com", "is_staff": "on"}
    given |= {"password1": OLD, "password2": OLD, "password": OLD, "usable_password": "true"}
    assert as_boss.post(reverse("admin:members_user_add"), given).status_code == 302
    wei = User.objects.get(username="wei")
    assert not wei.has_usable_password()
    assert set_password(mailed_link()) == 302
    wei.refresh_from_db()
    assert wei.check_password(NEW)


def test_without_an_address_nothing_is_sent(as_boss: Client, qian: User) -> None:
    page = as_boss.post(
        reverse("admin:members_user_password_link", args=[qian.pk]), follow=True
    ).content.decode()
    assert "没有邮箱" in page
    assert events_about(qian) == []


@pytest.mark.slow
def test_in_production_no_link_is_printed(
    as_boss: Client, qian_by_mail: User, settings: Settings
) -> None:
    settings.PRODUCTION = True
    page = as_boss.post(
        reverse("admin:members_user_password_link", args=[qian_by_mail.pk]), follow=True
    ).content.decode()
    assert "EMAIL_URL" in page
    assert mail.outbox == []
    assert events_about(qian_by_mail) == []


def test_ones_own_password_needs_the_old_one(as_qian: Client, qian_by_mail: User) -> None:
    as_qian.force_login(qian_by_mail)
    other = Client()
    other.force_login(qian_by_mail)
    page = reverse("admin:password_change")
    given = {"old_password": "wrong", "new_password1": NEW, "new_password2": NEW}
    assert as_qian.post(page, given).status_code == 200
    assert events_about(qian_by_mail) == []
    assert as_qian.post(page, {**given, "old_password": OLD}).status_code == 302
    assert events_about(qian_by_mail) == [("members.password_changed", "qian")]
    assert as_qian.get(reverse("admin:index")).status_code == 200
    assert other.get(reverse("admin:index")).status_code == 302
