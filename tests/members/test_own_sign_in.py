"""One's own second factor: another phone, new recovery codes, and what happened to the account."""

from __future__ import annotations

import re
from base64 import b32decode
from datetime import timedelta

import pytest
from django.test import Client
from django_otp.oath import totp
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice
from pytest_django import Settings

from common import clock
from events.models import Event
from members.admin.security import REPLACING
from members.models import User
from tests.members.test_second_factor import OWN, next_code, set_up, sign_in

SECRET = re.compile(r"<code>([A-Z2-7=]+)</code>")
CODES = re.compile(r"<li>([a-z2-7]{8})</li>")
WRONG = "动态码目前无效"


@pytest.fixture(autouse=True)
def required(settings: Settings) -> None:
    settings.STAFF_TOTP = True


@pytest.fixture
def recovery(as_qian: Client) -> list[str]:
    """The recovery codes of Qian, who has set a phone up and is signed in."""
    return set_up(as_qian)


def press(client: Client, action: str, code: str = "") -> str:
    return client.post(OWN, {"action": action, "code": code}, follow=True).content.decode()


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


def code_on(page: str) -> str:
    """Return the code that an app shows that has scanned the picture of a page."""
    found = SECRET.search(page)
    assert found
    return f"{totp(b32decode(found[1])):06}"


def names() -> list[str]:
    return list(Event.objects.order_by("pk").values_list("name", flat=True))


def secrets() -> list[tuple[str, bool]]:
    return list(TOTPDevice.objects.order_by("pk").values_list("key", "confirmed"))


def test_new_recovery_codes_replace_the_old_ones(
    as_qian: Client, qian: User, recovery: list[str]
) -> None:
    page = press(as_qian, "codes", next_code(qian))
    codes = CODES.findall(page)

    assert len(set(codes)) == 10
    assert not set(codes) & set(recovery)
    assert set(StaticToken.objects.values_list("token", flat=True)) == set(codes)
    assert names()[-1] == "members.second_factor_codes_renewed"
    assert not CODES.search(as_qian.get(OWN).content.decode())


def test_a_recovery_code_is_enough_for_new_ones(as_qian: Client, recovery: list[str]) -> None:
    assert len(CODES.findall(press(as_qian, "codes", recovery[0]))) == 10


@pytest.mark.parametrize("action", ["codes", "start"])
def test_a_wrong_code_changes_nothing(
    as_qian: Client, qian: User, recovery: list[str], action: str
) -> None:
    before = secrets(), set(StaticToken.objects.values_list("token", flat=True)), names()
    page = press(as_qian, action, wrong(next_code(qian)))

    assert WRONG in page
    assert 'aria-invalid="true"' in page
    assert (secrets(), set(StaticToken.objects.values_list("token", flat=True)), names()) == before


def test_wrong_codes_delay_the_right_one(as_qian: Client, qian: User, recovery: list[str]) -> None:
    code = next_code(qian)
    for _n in range(3):
        press(as_qian, "codes", wrong(code))
    assert WRONG in press(as_qian, "codes", code)


@pytest.mark.slow
def test_another_phone_takes_over(as_qian: Client, qian: User, recovery: list[str]) -> None:
    old = TOTPDevice.objects.get()
    page = press(as_qian, "start", next_code(qian))
    assert TOTPDevice.objects.get(confirmed=True) == old

    press(as_qian, "confirm", code_on(page))

    new = TOTPDevice.objects.get()
    assert (new.confirmed, new.key != old.key) == (True, True)
    assert StaticToken.objects.count() == 10
    assert names()[-1] == "members.second_factor_replaced"
    assert as_qian.get("/admin/").status_code == 200


def test_a_lost_phone_is_replaced_with_a_recovery_code(
    as_qian: Client, recovery: list[str]
) -> None:
    page = press(as_qian, "start", recovery[0])
    press(as_qian, "confirm", code_on(page))

    assert TOTPDevice.objects.get().confirmed
    assert StaticToken.objects.count() == 9


@pytest.mark.slow
def test_the_other_sessions_are_asked_again(
    as_qian: Client, qian: User, recovery: list[str]
) -> None:
    other = sign_in(qian)
    other.post("/admin/second_factor/", {"code": next_code(qian)})
    assert other.get("/admin/").status_code == 200
    press(as_qian, "confirm", code_on(press(as_qian, "start", next_code(qian))))

    assert other.get("/admin/").status_code == 302


def test_a_code_of_the_old_phone_confirms_no_new_one(
    as_qian: Client, qian: User, recovery: list[str]
) -> None:
    old = TOTPDevice.objects.get()
    press(as_qian, "start", next_code(qian))
    press(as_qian, "confirm", f"{totp(old.bin_key):06}")

    assert TOTPDevice.objects.get(confirmed=True) == old


def test_nobody_skips_the_code_of_the_old_phone(as_qian: Client, recovery: list[str]) -> None:
    old = TOTPDevice.objects.get()
    page = press(as_qian, "confirm", "123456")

    assert not SECRET.search(page)
    assert TOTPDevice.objects.get() == old


@pytest.mark.slow
def test_the_new_phone_has_ten_minutes(as_qian: Client, qian: User, recovery: list[str]) -> None:
    old = TOTPDevice.objects.get()
    code = code_on(press(as_qian, "start", next_code(qian)))
    session = as_qian.session
    session[REPLACING] = (clock.now() - timedelta(seconds=1)).timestamp()
    session.save()
    page = press(as_qian, "confirm", code)

    assert not SECRET.search(page)
    assert TOTPDevice.objects.get(confirmed=True) == old


@pytest.mark.slow
def test_the_old_phone_is_kept_on_demand(as_qian: Client, qian: User, recovery: list[str]) -> None:
    press(as_qian, "start", next_code(qian))
    page = press(as_qian, "cancel")

    assert not SECRET.search(page)
    assert TOTPDevice.objects.get(confirmed=True)


def test_the_page_says_what_happened_to_the_account(
    as_qian: Client, qian: User, recovery: list[str]
) -> None:
    press(as_qian, "codes", next_code(qian))
    text = as_qian.get(OWN).content.decode()

    assert "启用两步验证" in text
    assert "生成了新的恢复码" in text


def test_the_page_is_not_stored_by_the_browser(as_qian: Client, recovery: list[str]) -> None:
    assert "no-store" in as_qian.get(OWN).headers["Cache-Control"]
