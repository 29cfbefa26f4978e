"""Lock-out after failed sign-ins."""

from __future__ import annotations

from datetime import timedelta

import pytest
import structlog
from axes.models import AccessAttempt
from django.core.management import call_command
from django.db.models import F
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse
from pytest_django import Settings

from members.models import User
from members.sign_in.lockout import client_address

LIMIT = 5
PASSWORD = "long-enough-9"


@pytest.fixture
def qian_with_password(qian: User, no_static_files: None) -> User:
    qian.set_password(PASSWORD)
    qian.save()
    return qian


def sign_in(password: str, *, name: str = "qian", address: str = "10.0.0.1") -> HttpResponse:
    given = {"username": name, "password": password}
    return Client(REMOTE_ADDR=address).post(reverse("admin:login"), given)  # type: ignore[return-value]


def fail(times: int = LIMIT) -> None:
    for _ in range(times):
        sign_in("wrong")


def test_failures_lock_out_the_name_from_that_address(qian_with_password: User) -> None:
    fail(LIMIT - 1)
    page = sign_in("wrong")
    assert page.status_code == 429
    assert "登录失败次数过多" in page.content.decode()
    assert sign_in(PASSWORD).status_code == 429
    assert sign_in(PASSWORD, address="10.0.0.2").status_code == 302
    assert sign_in("wrong", name="feng").status_code == 200


@pytest.mark.slow
def test_the_page_speaks_english_too(qian_with_password: User) -> None:
    fail()
    client = Client(REMOTE_ADDR="10.0.0.1", HTTP_ACCEPT_LANGUAGE="en")
    page = client.post(reverse("admin:login"), {"username": "qian", "password": PASSWORD})
    assert "Sign-in with this name is locked for 30 minutes" in " ".join(
        page.content.decode().split()
    )


@pytest.mark.slow
def test_a_success_in_time_clears_the_failures(qian_with_password: User) -> None:
    fail(LIMIT - 1)
    assert sign_in(PASSWORD).status_code == 302
    fail(LIMIT - 1)
    assert sign_in(PASSWORD).status_code == 302


@pytest.mark.slow
def test_the_lock_ends_after_half_an_hour(qian_with_password: User) -> None:
    fail()
    AccessAttempt.objects.update(attempt_time=F("attempt_time") - timedelta(minutes=29))
    assert sign_in(PASSWORD).status_code == 429
    AccessAttempt.objects.update(attempt_time=F("attempt_time") - timedelta(minutes=31))
    assert sign_in(PASSWORD).status_code == 302


@pytest.mark.slow
def test_the_operator_ends_the_lock(qian_with_password: User) -> None:
    fail()
    call_command("axes_reset_username", "qian", verbosity=0)
    assert sign_in(PASSWORD).status_code == 302


@pytest.mark.slow
def test_a_failure_is_logged_with_name_and_address_and_without_the_password(
    qian_with_password: User,
) -> None:
    with structlog.testing.capture_logs() as lines:
        sign_in("my-secret-guess")
    (line,) = [line for line in lines if line["event"] == "sign_in_failed"]
    assert (line["username"], line["address"]) == ("qian", "10.0.0.1")
    assert "my-secret-guess" not in str(lines)
    assert "my-secret-guess" not in str(AccessAttempt.objects.values())


@pytest.mark.parametrize(
    ("behind_proxy", "forwarded", "address"),
    [
        (False, "8.8.8.8", "10.0.0.1"),
        (True, "8.8.8.8", "8.8.8.8"),
        (True, "1.1.1.1, 8.8.8.8", "8.8.8.8"),
        (True, "<script>", "10.0.0.1"),
        (True, "", "10.0.0.1"),
    ],
)
def test_only_the_proxys_own_entry_is_believed(
    settings: Settings, behind_proxy: bool, forwarded: str, address: str
) -> None:
    settings.BEHIND_TLS_PROXY = behind_proxy
    request = RequestFactory().get("/", REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR=forwarded)
    assert client_address(request) == address
