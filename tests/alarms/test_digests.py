"""What waits for a person is sent at the hours that they chose, once, and to known robots only."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client
from pytest_django import Settings

from alarms import robots, services
from alarms.models import Digest
from alarms.services.digests import DigestRefused, NoAddress, UnknownRobot
from commissions.services import open_claim
from common.encryption import decrypt
from distribution.services import apply
from members.models import Member, User
from tests.alarms.receiver import receiving
from tests.cast import give
from tests.shop import open_shop

pytestmark = pytest.mark.django_db

MONDAY = datetime.fromisoformat("2026-11-30T09:02:00+08:00")
SUNDAY = datetime.fromisoformat("2026-11-29T09:02:00+08:00")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ROBOT = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=open-sesame"


@pytest.fixture
def qian(qian: User) -> User:
    """Qian decides on applications and has an address."""
    qian.email = "qian@example.com"
    qian.save()
    return give(qian, "view_application", "change_application", "review_application")


@pytest.fixture
def waiting(chen: Member) -> None:
    """Chen has applied, five hours before."""
    apply(member=chen, at=MONDAY - 5 * HOUR)


def save(user: User, **changes: Any) -> Digest:
    """Choose mail at nine."""
    return services.save_digest(
        user=user,
        **{
            "channel": "mail", "robot_url": "", "hours": [9], "weekdays_only": True,
            "only_late": False, "at": SUNDAY, **changes,
        },
    )  # fmt: skip


def test_it_says_what_waits_and_leads_there(qian: User, waiting: None, settings: Settings) -> None:
    settings.LANGUAGE_CODE = "en"
    save(qian)

    assert services.send_digests(at=MONDAY) == 1

    (letter,) = mail.outbox
    assert letter.to == ["qian@example.com"]
    assert "1, oldest 5 hours" in letter.body
    assert letter.body.endswith("/admin/todo/")


@pytest.mark.slow
def test_it_is_sent_once_an_hour_that_was_chosen(qian: User, waiting: None) -> None:
    save(qian, hours=[9, 14])
    for at in (MONDAY, MONDAY + timedelta(minutes=5), MONDAY + HOUR, MONDAY + 5 * HOUR):
        services.send_digests(at=at)

    assert len(mail.outbox) == 2


def test_nothing_is_sent_on_a_sunday_unless_it_was_chosen(qian: User, waiting: None) -> None:
    save(qian, at=SUNDAY - HOUR)
    assert services.send_digests(at=SUNDAY) == 0
    save(qian, weekdays_only=False, at=SUNDAY - HOUR)
    apply_before_sunday = services.send_digests(at=SUNDAY)

    assert apply_before_sunday == 1


def test_nothing_is_sent_while_nothing_waits(qian: User) -> None:
    save(qian)

    assert services.send_digests(at=MONDAY) == 0
    assert mail.outbox == []


def test_what_is_in_time_is_left_out_if_only_late_was_chosen(qian: User) -> None:
    open_shop()
    lan = Member.objects.get(nickname="Lan")
    open_claim(member=lan, reason="missing", text="?", order_no="O-1", at=MONDAY - DAY)
    save(give(qian, "change_claim"), only_late=True)

    assert services.send_digests(at=MONDAY) == 0
    assert services.send_digests(at=MONDAY + 7 * DAY) == 1
    assert "超时" in mail.outbox[0].body


def test_a_missed_hour_is_not_made_up_for(qian: User, waiting: None) -> None:
    save(qian)

    assert services.send_digests(at=MONDAY + HOUR) == 0


def test_somebody_who_has_left_gets_nothing(qian: User, waiting: None) -> None:
    save(qian)
    User.objects.filter(pk=qian.pk).update(is_active=False)

    assert services.send_digests(at=MONDAY) == 0


def test_somebody_without_the_right_learns_nothing(qian: User, waiting: None) -> None:
    save(qian)
    qian.user_permissions.remove(*Permission.objects.all())

    assert services.send_digests(at=MONDAY) == 0


def test_the_address_of_a_robot_is_stored_encrypted(qian: User) -> None:
    digest = save(qian, channel="robot", robot_url=ROBOT)
    kept = save(qian, channel="robot", robot_url="", hours=[10])

    assert "open-sesame" not in digest.robot_url_encrypted
    assert decrypt(kept.robot_url_encrypted) == ROBOT


def test_a_failure_is_stored_and_shown(
    qian: User, waiting: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(qian, channel="robot", robot_url=ROBOT)
    with receiving() as receiver:
        receiver.reply = (200, '{"errcode": 93000}')
        digest = Digest.objects.get()
        digest.robot_url_encrypted = services.digests.encrypt(receiver.url)
        digest.save()
        monkeypatch.setitem(robots.KIND_BY_HOST, "127.0.0.1", "wecom")
        assert services.send_digests(at=MONDAY) == 0

    assert "93000" in Digest.objects.get().error


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"hours": []}, DigestRefused),
        ({"channel": "robot", "robot_url": ""}, UnknownRobot),
        ({"channel": "robot", "robot_url": "https://example.com/send?key=1"}, UnknownRobot),
        ({"channel": "robot", "robot_url": ROBOT.replace("https", "http")}, UnknownRobot),
        ({"channel": "robot", "robot_url": "https://qyapi.weixin.qq.com:8080/x"}, UnknownRobot),
        ({"channel": "robot", "robot_url": "https://qyapi.weixin.qq.com:99999/x"}, UnknownRobot),
        ({"channel": "robot", "robot_url": "https://[qyapi.weixin.qq.com/x"}, UnknownRobot),
        ({"channel": "robot", "robot_url": "https://qyapi.weixin.qq.com.evil.cn/"}, UnknownRobot),
    ],
)
def test_what_cannot_work_is_refused(
    qian: User, changes: dict[str, Any], error: type[Exception]
) -> None:
    before = save(qian)
    with pytest.raises(error):
        save(qian, **changes)

    before.refresh_from_db()
    assert (before.channel, before.hours) == ("mail", [9])


def test_mail_needs_an_address(feng: User) -> None:
    with pytest.raises(NoAddress):
        save(feng)

    assert not Digest.objects.exists()


@pytest.mark.parametrize("values", [{"hours": []}, {"hours": [24]}, {"channel": "robot"}])
def test_the_database_refuses_what_cannot_work(qian: User, values: dict[str, Any]) -> None:
    digest = save(qian)
    with pytest.raises(IntegrityError), transaction.atomic():
        Digest.objects.filter(pk=digest.pk).update(**values)


def test_a_person_chooses_and_stops_on_their_page(as_qian: Client, qian: User) -> None:
    page = "/admin/what-waits/"
    chosen = {"channel": "mail", "hours": ["9", "14"], "weekdays_only": "on", "robot_url": ""}
    assert as_qian.post(page, chosen).status_code == 302
    assert Digest.objects.get().hours == [9, 14]
    assert as_qian.get(page).status_code == 200

    as_qian.post(page, {"channel": "never", "robot_url": ""})
    assert not Digest.objects.exists()


def test_a_refusal_keeps_what_was_typed(as_qian: Client) -> None:
    typed = {"channel": "robot", "robot_url": "https://example.com/", "hours": ["8"]}
    answer = as_qian.post("/admin/what-waits/", typed)

    assert answer.status_code == 200
    assert "https://example.com/" in answer.content.decode()
    assert not Digest.objects.exists()
