"""Alarms reach people by mail, robot and Sentry, once each, and are retried alone."""

from __future__ import annotations

import hmac
import json
from base64 import b64decode
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
import sentry_sdk
from django.conf import LazySettings
from django.core import mail
from django.db import transaction

from alarms import robots
from alarms.kinds import CHANNEL_PAUSED, JOB_LATE, REFUNDS_OVERDUE
from alarms.models import Alarm
from alarms.services import close_alarm, raise_alarm, remind
from common import clock
from config import sentry
from events import delivery
from events.models import Delivery, Reference
from tests.alarms.receiver import Receiver, receiving

WECHAT = Reference("withdrawals.channel", "wechat")
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def database(committed: str) -> None:
    """Commit: alarms are delivered after it."""


@pytest.fixture(autouse=True)
def nothing_configured(settings: LazySettings) -> None:
    settings.ALARM_EMAILS, settings.ALARM_WEBHOOK_URL, settings.SENTRY_DSN = [], "", ""


@pytest.fixture
def robot(settings: LazySettings) -> Iterator[Receiver]:
    with receiving() as receiver:
        settings.ALARM_WEBHOOK_URL, settings.ALARM_WEBHOOK_KIND = receiver.url, "wecom"
        yield receiver


def pause() -> Alarm:
    return raise_alarm(CHANNEL_PAUSED, WECHAT, at=clock.now(), reason="盘点")


def deliver_all(after: timedelta = timedelta(0)) -> None:
    while delivery.deliver_due(at=clock.now() + after):
        pass


def test_without_settings_nothing_is_sent_and_nothing_waits() -> None:
    pause()
    assert Delivery.objects.count() == 3

    deliver_all()

    assert not Delivery.objects.exists()
    assert mail.outbox == []


def test_a_mail_says_what_happened_and_what_to_do(settings: LazySettings) -> None:
    settings.ALARM_EMAILS = ["ops@shop.example", "boss@shop.example"]
    pause()

    deliver_all()

    (message,) = mail.outbox
    assert message.to == ["ops@shop.example", "boss@shop.example"]
    assert message.subject == "Twotier: 付款已暂停"
    for part in ("withdrawals.channel:wechat", "盘点", "恢复"):
        assert part in message.body


def test_raised_again_it_is_not_sent_again(settings: LazySettings) -> None:
    settings.ALARM_EMAILS = ["ops@shop.example"]
    pause()
    deliver_all()

    pause()
    deliver_all()

    assert len(mail.outbox) == 1


def test_it_is_sent_again_the_next_day(settings: LazySettings) -> None:
    settings.ALARM_EMAILS = ["ops@shop.example"]
    pause()
    deliver_all()

    remind(at=clock.now() + DAY)
    deliver_all()

    assert len(mail.outbox) == 2


def test_an_alarm_that_is_closed_by_now_is_not_sent(settings: LazySettings) -> None:
    settings.ALARM_EMAILS = ["ops@shop.example"]
    pause()
    close_alarm(CHANNEL_PAUSED, WECHAT, at=clock.now())

    deliver_all()

    assert mail.outbox == []
    assert not Delivery.objects.exists()


def test_an_alarm_of_a_change_that_rolls_back_is_not_sent(settings: LazySettings) -> None:
    settings.ALARM_EMAILS = ["ops@shop.example"]
    with transaction.atomic():
        pause()
        transaction.set_rollback(True)

    deliver_all()

    assert mail.outbox == []
    assert not Alarm.objects.exists()


@pytest.mark.parametrize("kind", robots.KINDS)
def test_each_robot_gets_its_own_format(robot: Receiver, settings: LazySettings, kind: str) -> None:
    settings.ALARM_WEBHOOK_KIND = kind
    robot.reply = (200, '{"code": 0, "msg": "success"}' if kind == "feishu" else '{"errcode": 0}')
    pause()

    deliver_all()

    (body,) = map(json.loads, robot.bodies)
    if kind == "feishu":
        assert body["msg_type"] == "text"
        text = body["content"]["text"]
    else:
        assert body["msgtype"] == "text"
        text = body["text"]["content"]
    assert text.startswith("Twotier: 付款已暂停")
    assert "withdrawals.channel:wechat" in text
    assert robot.paths == ["/send?key=open-sesame"]
    assert not Delivery.objects.exists()


def test_a_robot_with_a_signature_gets_one(robot: Receiver, settings: LazySettings) -> None:
    settings.ALARM_WEBHOOK_SECRET = secret = "SECopen-sesame"

    settings.ALARM_WEBHOOK_KIND = "dingtalk"
    pause()
    deliver_all()
    query = dict(parse_qsl(urlsplit(robot.paths[0]).query))
    # open.dingtalk.com, "Customize Robot Security Settings": the secret is the key.
    expected = hmac.digest(secret.encode(), f"{query['timestamp']}\n{secret}".encode(), "sha256")
    assert b64decode(query["sign"]) == expected
    assert query["key"] == "open-sesame"
    assert abs(int(query["timestamp"]) / 1_000 - clock.now().timestamp()) < 60

    settings.ALARM_WEBHOOK_KIND = "feishu"
    robot.reply = (200, '{"code": 0}')
    close_alarm(CHANNEL_PAUSED, WECHAT, at=clock.now())
    pause()
    deliver_all()
    body = json.loads(robot.bodies[1])
    # open.feishu.cn, "Custom bot usage guide": the text with the secret is the key.
    expected = hmac.digest(f"{body['timestamp']}\n{secret}".encode(), b"", "sha256")
    assert b64decode(body["sign"]) == expected
    assert secret not in robot.bodies[1]


@pytest.mark.parametrize(
    ("host", "kind"),
    [
        ("https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=k", "wecom"),
        ("https://open.feishu.cn/open-apis/bot/v2/hook/k", "feishu"),
        ("https://open.larksuite.com/open-apis/bot/v2/hook/k", "feishu"),
        ("https://oapi.dingtalk.com/robot/send?access_token=k", "dingtalk"),
        ("https://chat.example.com/hook", ""),
        ("", ""),
    ],
)
def test_the_host_tells_the_kind_of_robot(host: str, kind: str) -> None:
    assert robots.kind_of(host) == kind


REFUSALS = [
    (200, '{"errcode": 45009, "errmsg": "api freq out of limit"}'),
    (200, '{"code": 19001, "msg": "param invalid"}'),
    (200, "[]"),
    (200, "<html>"),
    (302, "{}"),
    (500, '{"errcode": 0}'),
    None,
]


@pytest.mark.parametrize(
    "refusal",
    [REFUSALS[0], *(pytest.param(each, marks=pytest.mark.slow) for each in REFUSALS[1:])],
)
def test_a_robot_that_fails_is_retried_without_sending_the_mail_again(
    robot: Receiver, settings: LazySettings, refusal: tuple[int, str] | None
) -> None:
    settings.ALARM_EMAILS = ["ops@shop.example"]
    robot.reply = refusal
    pause()

    deliver_all()

    (waiting,) = Delivery.objects.all()
    assert waiting.follower == "alarms.handlers.post_to_robot"
    assert "RobotFailed" in waiting.last_error
    assert "sesame" not in waiting.last_error
    assert (len(robot.bodies), len(mail.outbox)) == (1, 1)

    robot.reply = (200, '{"errcode": 0}')
    deliver_all(timedelta(minutes=1))

    assert not Delivery.objects.exists()
    assert (len(robot.bodies), len(mail.outbox)) == (2, 1)


def test_a_robot_that_is_gone_leaves_the_alarm_and_the_secret_alone(
    settings: LazySettings, caplog: pytest.LogCaptureFixture
) -> None:
    with receiving() as receiver:
        settings.ALARM_WEBHOOK_URL, settings.ALARM_WEBHOOK_KIND = receiver.url, "wecom"
    pause()

    deliver_all()

    (waiting,) = Delivery.objects.all()
    assert waiting.last_error == (
        "alarms.robots.RobotFailed: the robot does not answer (ConnectionError)"
    )
    assert Alarm.objects.get().status == "open"
    assert "sesame" not in caplog.text


def test_a_long_text_is_cut_to_what_robots_take(robot: Receiver) -> None:
    robots.post(robot.url, "wecom", "长" * 5_000)

    content = json.loads(robot.bodies[0])["text"]["content"]
    assert content.endswith("长…")
    assert len(content.encode()) <= 2_048


def test_sentry_gets_an_issue_and_no_variables(settings: LazySettings) -> None:
    with receiving() as receiver:
        receiver.reply = (200, "{}")
        settings.SENTRY_DSN = f"http://key@127.0.0.1:{receiver.port}/7"
        sentry.init()
        try:
            pause()
            raise_alarm(
                REFUNDS_OVERDUE, Reference("orders.refund", "overdue"), at=clock.now(), refunds=2
            )
            deliver_all()
            sentry_sdk.flush(timeout=10)
        finally:
            sentry_sdk.get_client().close()
            sentry_sdk.get_global_scope().set_client(None)

    sent = [line for body in receiver.bodies for line in body.splitlines() if '"message"' in line]
    issues = {event["message"]: event["level"] for event in map(json.loads, sent)}
    assert issues == {
        "channel_paused withdrawals.channel:wechat": "fatal",
        "refunds_overdue orders.refund:overdue": "warning",
    }
    assert '"vars"' not in "".join(receiver.bodies)


def test_without_a_dsn_sentry_is_off() -> None:
    sentry.init()
    raise_alarm(JOB_LATE, Reference("alarms.job", "x"), at=clock.now())
    deliver_all()

    assert not sentry_sdk.get_client().is_active()
