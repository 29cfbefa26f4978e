"""The second factor of staff."""

from __future__ import annotations

import re
from base64 import b32decode

import pytest
from django.contrib.auth.models import Permission
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django_otp.oath import totp
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice
from pytest_django import Settings

from events.models import Event
from members.models import Tag, User


@pytest.fixture(autouse=True)
def required(settings: Settings) -> None:
    settings.STAFF_TOTP = True


INDEX = "/admin/"
PAGE = "/admin/second_factor/"
OWN = "/admin/my-sign-in/"


def names_of_events(user: User) -> list[str]:
    rows = Event.objects.filter(subject_kind="members.user", subject_id=user.username)
    return list(rows.order_by("pk").values_list("name", flat=True))


def set_up(client: Client) -> list[str]:
    """Set a device up; return the recovery codes."""
    secret = re.search(r"<code[^>]*>([A-Z2-7=]+)</code>", client.get(PAGE).content.decode())
    assert secret
    page = client.post(PAGE, {"code": f"{totp(b32decode(secret[1])):06}"}).content.decode()
    return re.findall(r"<li>([a-z2-7]{8})</li>", page)


def next_code(user: User) -> str:
    """Return a code of the user's device that was not used yet."""
    device = TOTPDevice.objects.get(user=user)
    TOTPDevice.objects.update(last_t=-1)
    return f"{totp(device.bin_key):06}"


def sign_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.slow
def test_without_a_device_one_is_set_up_first(as_qian: Client, qian: User) -> None:
    qian.user_permissions.add(Permission.objects.get(codename="view_member"))
    wanted = reverse("admin:members_member_changelist")
    for page in (INDEX, wanted, reverse("admin:password_change")):
        answer = as_qian.get(page)
        assert answer.status_code == 302
        assert answer.headers["Location"] == f"{PAGE}?next={page}"
    assert "data:image/svg+xml" in as_qian.get(PAGE).content.decode()
    codes = set_up(as_qian)
    assert len(set(codes)) == 10
    assert as_qian.get(wanted).status_code == 200
    assert names_of_events(qian) == ["members.second_factor_added"]


def test_nothing_is_done_before(as_boss: Client) -> None:
    as_boss.post(reverse("admin:members_tag_add"), {"name": "老客"})
    assert as_boss.get("/admin/members/tag/").status_code == 302
    assert not Tag.objects.exists()


def test_a_wrong_code_sets_nothing_up(as_qian: Client, qian: User) -> None:
    as_qian.get(PAGE)
    assert "动态码" in as_qian.post(PAGE, {"code": "000000"}).content.decode()
    assert not TOTPDevice.objects.filter(confirmed=True).exists()
    assert names_of_events(qian) == []
    assert as_qian.get(INDEX).status_code == 302


def test_each_sign_in_asks_for_a_code(as_qian: Client, qian: User) -> None:
    set_up(as_qian)
    later = sign_in(qian)
    page = later.get(PAGE).content.decode()
    assert "data:image/svg+xml" not in page
    assert later.get(INDEX).status_code == 302
    asked = later.post(f"{PAGE}?next=/admin/members/member/", {"code": next_code(qian)})
    assert asked.headers["Location"] == "/admin/members/member/"
    assert later.get(INDEX).status_code == 200


def test_a_code_works_once(as_qian: Client, qian: User) -> None:
    set_up(as_qian)
    code = next_code(qian)
    assert sign_in(qian).post(PAGE, {"code": code}).status_code == 302
    assert sign_in(qian).post(PAGE, {"code": code}).status_code == 200


def test_wrong_codes_delay_the_right_one(as_qian: Client, qian: User) -> None:
    set_up(as_qian)
    later, code = sign_in(qian), next_code(qian)
    wrong = f"{(int(code) + 1) % 1_000_000:06}"
    for _ in range(3):
        later.post(PAGE, {"code": wrong})
    assert later.post(PAGE, {"code": code}).status_code == 200
    assert later.get(INDEX).status_code == 302


def test_a_recovery_code_works_once(as_qian: Client, qian: User) -> None:
    code = set_up(as_qian)[0]
    answer = sign_in(qian).post(PAGE, {"code": code.upper()})
    assert answer.headers["Location"] == "/admin/my-sign-in/"
    assert sign_in(qian).post(PAGE, {"code": code}).status_code == 200
    assert StaticToken.objects.count() == 9
    event = Event.objects.get(name="members.second_factor_recovered")
    assert (event.subject_id, event.data) == ("qian", {"left": 9})


def test_the_page_leads_to_no_other_site(as_qian: Client, qian: User) -> None:
    set_up(as_qian)
    answer = sign_in(qian).post(f"{PAGE}?next=https://evil.example/", {"code": next_code(qian)})
    assert answer.headers["Location"] == INDEX


@pytest.mark.slow
def test_a_superuser_removes_a_lost_device_on_record(as_qian: Client, qian: User) -> None:
    set_up(as_qian)
    boss = User.objects.create_superuser("boss")
    as_boss = sign_in(boss)
    set_up(as_boss)
    page = reverse("admin:members_user_remove_second_factor", args=[qian.pk])
    as_boss.post(page, {"reason": " "})
    assert TOTPDevice.objects.filter(user=qian).exists()
    as_boss.post(page, {"reason": "手机丢失，已当面确认"})
    assert not TOTPDevice.objects.filter(user=qian).exists()
    assert not StaticToken.objects.filter(device__user=qian).exists()
    event = Event.objects.get(name="members.second_factor_removed")
    assert (event.subject_id, event.actor_id) == ("qian", "boss")
    assert event.data == {"reason": "手机丢失，已当面确认"}
    assert as_qian.get(INDEX).status_code == 302


@pytest.mark.slow
def test_nobody_else_removes_a_device(as_qian: Client, qian: User, feng: User) -> None:
    qian.user_permissions.add(Permission.objects.get(codename="change_user"))
    set_up(as_qian)
    set_up(sign_in(feng))
    for user in (qian, feng):
        page = reverse("admin:members_user_remove_second_factor", args=[user.pk])
        as_qian.post(page, {"reason": "手机丢失"})
    assert TOTPDevice.objects.filter(confirmed=True).count() == 2


def test_the_server_removes_a_lost_device(as_qian: Client, qian: User) -> None:
    set_up(as_qian)
    call_command("remove_second_factor", "qian")
    assert not TOTPDevice.objects.exists()
    with pytest.raises(CommandError, match="动态码"):
        call_command("remove_second_factor", "qian")


def test_no_page_shows_the_secrets(as_boss: Client) -> None:
    for model in ("otp_totp_totpdevice", "otp_static_staticdevice"):
        with pytest.raises(NoReverseMatch):
            reverse(f"admin:{model}_changelist")


def test_it_can_be_switched_off(as_qian: Client, settings: Settings) -> None:
    settings.STAFF_TOTP = False
    assert as_qian.get(INDEX).status_code == 200


def test_switched_off_it_counts_for_those_who_have_one(
    as_qian: Client, qian: User, settings: Settings
) -> None:
    settings.STAFF_TOTP = False
    assert "/admin/second_factor/" in as_qian.get(OWN).content.decode()
    set_up(as_qian)
    later = sign_in(qian)
    assert later.get(INDEX).status_code == 302
    later.post(PAGE, {"code": next_code(qian)})
    assert later.get(INDEX).status_code == 200
