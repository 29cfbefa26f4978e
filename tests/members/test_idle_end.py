"""The end of idle sessions of those who may release money."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from common import clock
from members.models import Tag, User
from members.sign_in.middleware import LAST_REQUEST


@pytest.fixture
def reviewer(as_qian: Client, qian: User) -> Client:
    qian.user_permissions.add(Permission.objects.get(codename="review_as_finance"))
    return as_qian


def idle(client: Client, minutes: float) -> int:
    """Send no request for some minutes, then one."""
    session = client.session
    session[LAST_REQUEST] = clock.now().timestamp() - minutes * 60
    session.save()
    return client.get(reverse("admin:index")).status_code


def test_a_session_ends_after_half_an_hour_without_a_request(reviewer: Client) -> None:
    assert reviewer.get(reverse("admin:index")).status_code == 200
    assert idle(reviewer, 29) == 200
    assert idle(reviewer, 31) == 302
    page = reviewer.get(reverse("admin:login")).content.decode()
    assert "30 分钟" in page
    assert reviewer.get(reverse("admin:index")).status_code == 302


def test_every_request_starts_the_half_hour_again(reviewer: Client) -> None:
    assert idle(reviewer, 29) == 200
    assert clock.now().timestamp() - reviewer.session[LAST_REQUEST] < 5


def test_nothing_is_done_with_a_session_that_has_ended(
    reviewer: Client, qian: User, settings: Settings
) -> None:
    qian.user_permissions.add(*Permission.objects.filter(codename__in=["add_tag", "view_tag"]))
    settings.STAFF_IDLE_MINUTES = 5
    idle(reviewer, 4)
    session = reviewer.session
    session[LAST_REQUEST] -= 6 * 60
    session.save()
    reviewer.post(reverse("admin:members_tag_add"), {"name": "老客"})
    assert not Tag.objects.exists()


def test_other_staff_stay_signed_in(as_qian: Client) -> None:
    assert idle(as_qian, 300) == 200


def test_the_permissions_of_the_setting_exist(db: None, settings: Settings) -> None:
    named = {
        f"{row.content_type.app_label}.{row.codename}"
        for row in Permission.objects.select_related("content_type")
    }
    assert set(settings.STAFF_IDLE_PERMISSIONS) <= named
