"""A message that certainly was not sent can be sent again; no other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import override_settings

from common import clock
from common.errors import PermissionMissing
from events.models import Event
from members.models import Identity, Member, User
from notices.messages import MAX_AGE, MAX_ATTEMPTS
from notices.models import Message
from notices.services import (
    MessageNotResendable,
    MessageWithoutConsent,
    MessageWithoutTemplate,
    resend_message,
)
from notices.wordings import put_into_force, save_wording
from tests.cast import give
from tests.notices.test_notices import credit_times
from tests.notices.test_subscriptions import (
    SETTINGS,
    WeChat,
    available,
    consent,
    send_all,
    statuses,
)
from wechat.errors import MessageInvalid, MessageNotSent, MessageRefused, WeChatUnavailable

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def shop(lan: Member) -> Iterator[None]:
    Identity.objects.create(member=lan, provider=Identity.Provider.WECHAT_MINI, external_id="o-lan")
    with override_settings(**SETTINGS):
        yield


@pytest.fixture
def sender(qian: User) -> User:
    return give(qian, "change_message")


def message(lan: Member, *ends: Exception) -> Message:
    consent(lan)
    credit_times(lan, 1)
    send_all(WeChat(*ends))
    return Message.objects.get()


def test_a_failed_message_is_sent_again(lan: Member, sender: User) -> None:
    row = message(lan, MessageInvalid(40037))
    assert (row.status, row.failure) == ("failed", "40037")
    assert row.ended_at

    resend_message(message=row, by=sender, at=clock.now())
    wechat = WeChat()
    send_all(wechat)

    row.refresh_from_db()
    assert len(wechat.sent) == 1
    assert (row.status, row.failure, row.resent_by) == ("sent", "", sender)
    assert available(lan) == 0
    event = Event.objects.get(name="notices.message_resent")
    assert (event.subject_id, event.actor_id) == (row.notice.public_id, "qian")


def test_one_that_is_too_old_counts_from_when_it_was_sent_again(lan: Member, sender: User) -> None:
    consent(lan)
    credit_times(lan, 1)
    late = clock.now() + MAX_AGE + timedelta(minutes=5)
    send_all(WeChat(), minutes=int(MAX_AGE.total_seconds() // 60) + 5)
    row = Message.objects.get()
    assert (row.status, row.failure) == ("lapsed", "too_late")

    resend_message(message=row, by=sender, at=late)
    wechat = WeChat()
    send_all(wechat, minutes=int(MAX_AGE.total_seconds() // 60) + 6)
    assert (statuses(), len(wechat.sent)) == (["sent"], 1)


@pytest.mark.parametrize(
    ("end", "status", "failure"),
    [
        (None, "sent", ""),
        (WeChatUnavailable(), "unknown", "unanswered"),
        (MessageRefused(), "refused", "refused"),
    ],
)
def test_one_that_may_have_arrived_is_never_sent_again(
    lan: Member, sender: User, end: Exception | None, status: str, failure: str
) -> None:
    row = message(lan, *([end] if end else []))
    assert (row.status, row.failure) == (status, failure)
    consent(lan, times=2)
    before = Message.objects.values().get()

    with pytest.raises(MessageNotResendable):
        resend_message(message=row, by=sender, at=clock.now())
    assert Message.objects.values().get() == before
    with pytest.raises(IntegrityError, match="cannot change its status"), transaction.atomic():
        Message.objects.update(status="waiting")


def test_it_needs_a_consent(lan: Member, sender: User) -> None:
    row = message(lan, MessageInvalid(47003))
    credit_times(lan, 1)
    send_all(WeChat())  # the consent that was given back is spent
    assert available(lan) == 0

    with pytest.raises(MessageWithoutConsent):
        resend_message(message=row, by=sender, at=clock.now())
    row.refresh_from_db()
    assert (row.status, row.resent_at) == ("failed", None)


def test_it_needs_a_template_and_takes_the_present_one(lan: Member, sender: User) -> None:
    row = message(lan, MessageInvalid(40037))
    with override_settings(WECHAT_TEMPLATES={}), pytest.raises(MessageWithoutTemplate):
        resend_message(message=row, by=sender, at=clock.now())

    with override_settings(WECHAT_TEMPLATES={"credited": "T-new"}):
        consent(lan, template="T-new")
        resend_message(message=row, by=sender, at=clock.now())
    row.refresh_from_db()
    assert (row.status, row.template) == ("waiting", "T-new")


def test_it_needs_the_right(lan: Member, qian: User) -> None:
    row = message(lan, MessageInvalid(40037))
    with pytest.raises(PermissionMissing):
        resend_message(message=row, by=qian, at=clock.now())
    assert statuses() == ["failed"]


@pytest.mark.parametrize(
    ("code", "failure"),
    [(40003, "40003"), (41030, "41030"), (43108, "43108"), (99999, "47003")],
)
def test_the_reason_is_kept(lan: Member, code: int, failure: str) -> None:
    row = message(lan, MessageInvalid(code))
    assert row.failure == failure
    assert row.get_failure_display()


def test_without_a_connection_it_fails_after_five_attempts(lan: Member) -> None:
    consent(lan)
    credit_times(lan, 1)
    for attempt in range(MAX_ATTEMPTS):
        send_all(WeChat(MessageNotSent()), minutes=60 * attempt)
    row = Message.objects.get()
    assert (row.status, row.failure, row.attempts) == ("failed", "not_reached", MAX_ATTEMPTS)


def test_without_an_openid_it_says_so(lan: Member) -> None:
    Identity.objects.filter(provider=Identity.Provider.WECHAT_MINI).delete()
    row = message(lan)
    assert (row.status, row.failure, available(lan)) == ("failed", "no_openid", 1)


def test_wording_without_wechat_sends_none(lan: Member, sender: User) -> None:
    writer = give(sender, "change_wording")
    row = save_wording(
        kind="credited", texts={}, channels="app", based_on=0, by=writer, at=clock.now()
    )
    put_into_force(wording=row, by=writer, at=clock.now())
    consent(lan)
    credit_times(lan, 1)

    assert not Message.objects.exists()
    assert available(lan) == 1
