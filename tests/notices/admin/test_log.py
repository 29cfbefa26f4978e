"""The log says who was informed of what, by which channel, and why a message did not arrive."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client, override_settings
from django.urls import reverse

from members.models import Identity, Member, User
from notices.models import Message, Notice
from tests.cast import give
from tests.notices.test_notices import credit_times
from tests.notices.test_subscriptions import SETTINGS, WeChat, consent, send_all
from wechat.errors import MessageInvalid

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def failed(lan: Member) -> Iterator[Message]:
    """Lan was informed by a message that WeChat refused to send."""
    Identity.objects.create(member=lan, provider=Identity.Provider.WECHAT_MINI, external_id="o-lan")
    with override_settings(**SETTINGS):
        consent(lan)
        credit_times(lan, 1)
        send_all(WeChat(MessageInvalid(40037)))
        yield Message.objects.get()


@pytest.fixture
def ops(as_qian: Client, qian: User) -> Client:
    give(qian, "view_notice", "view_message", "change_message", "view_member")
    as_qian.cookies["django_language"] = "en"
    return as_qian


def url(model: str, page: str, *args: Any) -> str:
    return reverse(f"admin:notices_{model}_{page}", args=args)


def test_the_list_shows_text_and_both_channels(ops: Client) -> None:
    page = ops.get(url("notice", "changelist"), {"q": "Lan"}).text

    assert "Credited to your wallet: cash 10.99, points 20." in page
    assert "unread" in page
    assert "not sent" in page


@pytest.mark.parametrize(("term", "count"), [("Lan", 1), ("Chen", 0)])
def test_notices_are_found_by_their_member(
    ops: Client, chen: Member, term: str, count: int
) -> None:
    answer = ops.get(url("notice", "changelist"), {"q": term})
    assert len(answer.context["cl"].result_list) == count


def test_the_page_of_a_notice_says_what_happened(ops: Client, failed: Message) -> None:
    page = ops.get(url("notice", "change", failed.notice_id)).text

    assert "WeChat does not know the template" in page
    assert "shipped text" in page
    assert "¥10.99" in page  # what WeChat was to show
    assert url("message", "resend", failed.pk) in page


def test_a_message_is_sent_again_by_its_button(ops: Client, lan: Member, failed: Message) -> None:
    ops.post(url("message", "resend", failed.pk), {"_form_submitted": "True"})

    failed.refresh_from_db()
    assert (failed.status, failed.resent_by.username) == ("waiting", "qian")


def test_a_refusal_stays_in_the_dialog(ops: Client, failed: Message) -> None:
    Message.objects.update(template="T")
    with override_settings(WECHAT_TEMPLATES={}):
        dialog = ops.post(url("message", "resend", failed.pk), {"_form_submitted": "True"})

    assert "No template of WeChat is set" in dialog.text
    failed.refresh_from_db()
    assert failed.status == "failed"


def test_messages_are_filtered_by_status(ops: Client, failed: Message) -> None:
    for status, count in (("failed", 1), ("sent", 0)):
        answer = ops.get(url("message", "changelist"), {"status__exact": status})
        assert len(answer.context["cl"].result_list) == count


def test_a_person_has_their_notices(ops: Client, lan: Member, failed: Message) -> None:
    panel = ops.get(reverse("admin:members_member_panel", args=[lan.pk, "notices"])).text

    assert "Credited to your wallet" in panel
    assert "not sent" in panel
    assert url("notice", "change", Notice.objects.get().pk) in panel


def test_without_the_right_there_is_no_log(as_qian: Client, qian: User, failed: Message) -> None:
    give(qian, "view_member")
    for path in (
        url("notice", "changelist"),
        url("message", "changelist"),
        url("message", "resend", failed.pk),
        reverse("admin:members_member_panel", args=[failed.member_id, "notices"]),
    ):
        assert as_qian.get(path).status_code == 403
