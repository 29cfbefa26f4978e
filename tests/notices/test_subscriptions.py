"""Lan consents to messages; each consent sends one notice to WeChat, at most once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from common import clock
from members.closing import close_member
from members.exports import export
from members.models import Identity, Member
from notices.consents import report_consents, reset, spend
from notices.messages import MAX_AGE, MAX_ATTEMPTS, claim, send_due
from notices.models import Consent, Message, Notice
from notices.scenes import fields_of, page_of, templates_fit
from notices.services import KEPT_FOR, forget_old_notices
from tests.api.phone import Phone, outcome
from tests.members.test_wechat_events import KEY, TOKEN, message, send, taken
from tests.notices.test_notices import credit_times
from wechat.errors import MessageInvalid, MessageNotSent, MessageRefused, WeChatUnavailable
from wechat.sandbox import SandboxGateway

pytestmark = pytest.mark.django_db
TEMPLATE, OTHER = "T-credited", "T-claim"
SETTINGS: dict[str, Any] = {
    "WECHAT_TEMPLATES": {"credited": TEMPLATE, "claim_answered": OTHER},
    "WECHAT_TEMPLATE_FIELDS": {
        "credited": ["amount1", "thing2", "time3", "phrase4"],
        "claim_answered": ["character_string1"],
    },
    "WECHAT_NOTICE_PAGE": "pages/notice/index",
    "WECHAT_EVENTS_TOKEN": TOKEN,
    "WECHAT_EVENTS_KEY": KEY,
}
ACCEPTED = {"scene": "credited", "results": {TEMPLATE: "accept"}}


@pytest.fixture(autouse=True)
def shop() -> Iterator[None]:
    with override_settings(**SETTINGS):
        yield


@pytest.fixture(autouse=True)
def openid(lan: Member) -> str:
    Identity.objects.create(member=lan, provider=Identity.Provider.WECHAT_MINI, external_id="o-lan")
    return "o-lan"


class WeChat(SandboxGateway):
    """Answers each message with the next of ``ends``, and then with success."""

    def __init__(self, *ends: Exception) -> None:
        self.ends, self.sent = list(ends), list[dict[str, Any]]()

    def send_message(
        self, *, openid: str, template: str, fields: Mapping[str, str], page: str
    ) -> str:
        self.sent.append({"openid": openid, "template": template, "fields": fields, "page": page})
        if self.ends:
            raise self.ends.pop(0)
        return "m-1"


def consent(who: Member, times: int = 1, template: str = TEMPLATE) -> None:
    for _ in range(times):
        report_consents(member=who, results={template: "accept"})


def available(who: Member, template: str = TEMPLATE) -> int:
    return sum(row.available for row in Consent.objects.filter(member=who, template=template))


def send_all(wechat: WeChat, *, minutes: int = 0) -> None:
    while send_due(gateway=wechat, at=clock.now() + timedelta(minutes=minutes)):
        pass


def statuses() -> list[str]:
    return list(Message.objects.order_by("pk").values_list("status", flat=True))


def popup(result: str = "accept", *, at: int = 1, template: str = TEMPLATE) -> Any:
    row = {"TemplateId": template, "SubscribeStatusString": result, "PopupScene": "0"}
    return send(message("subscribe_msg_popup_event", List=[row], CreateTime=at))


def test_a_consent_sends_one_message(lan: Member, openid: str) -> None:
    assert Phone(lan).post("/me/subscriptions", ACCEPTED, key="k").json() == {
        "subscriptions": [
            {"scene": "credited", "template_id": TEMPLATE, "count": 1},
            {"scene": "claim_answered", "template_id": OTHER, "count": 0},
        ]
    }
    credit_times(lan, 2)
    wechat = WeChat()
    send_all(wechat)

    (sent,) = wechat.sent
    assert (sent["openid"], sent["template"]) == (openid, TEMPLATE)
    assert sent["page"] == "pages/notice/index?target=wallet&id="
    assert sent["fields"]["amount1"] == "¥10.99"
    assert sent["fields"]["phrase4"] == "已入账"
    assert (statuses(), available(lan)) == (["sent", "lapsed"], 0)


def test_fields_fit_wechats_types(lan: Member) -> None:
    credit_times(lan, 1)
    notice = Notice.objects.get()
    notice.data = {"amounts": {"points": 20}}

    fields = fields_of(notice)
    assert fields["amount1"] == "20"
    assert len(fields["thing2"]) <= 20
    with override_settings(WECHAT_NOTICE_PAGE=""):
        assert page_of(notice) == ""


def test_a_repeated_post_counts_once(lan: Member) -> None:
    phone = Phone(lan)
    for _ in range(2):
        phone.post("/me/subscriptions", ACCEPTED, key="k")

    assert available(lan) == 1
    assert outcome(phone.post("/me/subscriptions", ACCEPTED)) == (400, "idempotency_key_missing")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"scene": "other", "results": {TEMPLATE: "accept"}},
        {"scene": "credited", "results": {}},
        {"scene": "credited", "results": {OTHER: "accept"}},
        {"scene": "credited", "results": {TEMPLATE: "yes"}},
        {"scene": "credited", "results": {TEMPLATE: "accept", "foreign": "accept"}},
        {"scene": "withdrawal_paid", "results": {TEMPLATE: "accept"}},
    ],
)
def test_a_bad_report_counts_nothing(lan: Member, body: dict[str, Any]) -> None:
    response = Phone(lan).post("/me/subscriptions", body, key="k")

    assert outcome(response) == (400, "invalid_input")
    assert not Consent.objects.exists()


@pytest.mark.parametrize("result", ["reject", "ban", "filter"])
def test_a_refusal_leaves_earlier_consents(lan: Member, result: str) -> None:
    consent(lan)
    body = {"scene": "credited", "results": {TEMPLATE: result}}

    assert Phone(lan).post("/me/subscriptions", body, key="k").status_code == 200
    assert available(lan) == 1


def test_without_consent_nothing_is_queued(lan: Member, chen: Member) -> None:
    consent(chen)
    consent(lan, template=OTHER)
    credit_times(lan, 1)

    assert statuses() == []


def test_the_phone_and_wechat_tell_of_the_same_consent(lan: Member) -> None:
    assert taken(popup(at=1))
    consent(lan)
    assert available(lan) == 1
    consent(lan)
    assert taken(popup(at=2))
    assert taken(popup(at=2))
    assert available(lan) == 2
    assert taken(popup("reject", at=3))
    assert available(lan) == 2


def test_an_event_may_have_one_row_without_a_list_or_none(lan: Member) -> None:
    row = {"TemplateId": TEMPLATE, "SubscribeStatusString": "accept"}
    send(message("subscribe_msg_popup_event", List=row))
    send(message("subscribe_msg_popup_event", SubscribeMsgPopupEvent={"List": [row]}))
    for odd in (None, "x", [], [1], [{"TemplateId": ["x"]}]):
        assert taken(send(message("subscribe_msg_popup_event", List=odd)))
    popup(template="foreign")

    assert available(lan) == 2
    assert Consent.objects.count() == 1


def test_who_switches_messages_off_gets_none(lan: Member) -> None:
    consent(lan, 2)
    credit_times(lan, 1)
    row = {"TemplateId": TEMPLATE, "SubscribeStatusString": "reject"}
    assert taken(send(message("subscribe_msg_change_event", List=[row])))

    wechat = WeChat()
    send_all(wechat)
    assert (wechat.sent, statuses(), available(lan)) == ([], ["lapsed"], 0)


@pytest.mark.parametrize(
    ("reason", "status", "left"), [("user refuse", "refused", 0), ("system", "failed", 2)]
)
def test_wechat_tells_that_it_did_not_deliver(
    lan: Member, reason: str, status: str, left: int
) -> None:
    consent(lan, 3)
    credit_times(lan, 1)
    send_all(WeChat())
    row = {"TemplateId": TEMPLATE, "MsgID": "m-1", "ErrorCode": 5, "ErrorStatus": reason}
    fine = {"TemplateId": TEMPLATE, "MsgID": "m-1", "ErrorCode": "0", "ErrorStatus": "success"}
    send(message("subscribe_msg_sent_event", List=[fine]))
    assert statuses() == ["sent"]

    assert taken(send(message("subscribe_msg_sent_event", List=[row])))
    assert (statuses(), available(lan)) == ([status], left)


@pytest.mark.parametrize(
    ("end", "status", "left"),
    [
        (MessageRefused(), "refused", 0),
        (MessageInvalid(47003), "failed", 3),
        (WeChatUnavailable(), "unknown", 2),
    ],
)
def test_what_wechat_refuses_or_leaves_open_is_never_sent_again(
    lan: Member, end: Exception, status: str, left: int
) -> None:
    consent(lan, 3)
    credit_times(lan, 1)
    wechat = WeChat(end)
    send_all(wechat)
    send_all(wechat, minutes=600)

    assert len(wechat.sent) == 1
    assert (statuses(), available(lan)) == ([status], left)


def test_what_was_certainly_not_sent_is_tried_again_some_times(lan: Member) -> None:
    consent(lan)
    credit_times(lan, 1)
    wechat = WeChat(MessageNotSent())
    send_all(wechat)
    assert (statuses(), available(lan)) == (["waiting"], 1)
    send_all(wechat, minutes=2)
    assert (statuses(), available(lan)) == (["sent"], 0)

    consent(lan)
    credit_times(lan, 1)
    wechat = WeChat(*[MessageNotSent()] * 99)
    for minute in range(0, 600, 30):
        send_all(wechat, minutes=minute)
    assert len(wechat.sent) == MAX_ATTEMPTS
    assert (statuses(), available(lan)) == (["sent", "failed"], 1)


def test_who_dies_after_the_claim_sends_nothing_twice(lan: Member) -> None:
    consent(lan)
    credit_times(lan, 1)

    with pytest.raises(KeyboardInterrupt):
        send_due(gateway=WeChat(KeyboardInterrupt()), at=clock.now())  # type: ignore[arg-type]

    wechat = WeChat()
    send_all(wechat, minutes=600)
    assert (wechat.sent, statuses(), available(lan)) == ([], ["claimed"], 0)


def test_a_message_without_openid_or_too_late_is_not_sent(lan: Member) -> None:
    consent(lan)
    credit_times(lan, 2)
    Identity.objects.filter(provider="wechat_mini").delete()
    wechat = WeChat()
    send_due(gateway=wechat, at=clock.now())
    claim(at=clock.now() + MAX_AGE + timedelta(minutes=1))

    assert wechat.sent == []
    assert (statuses(), available(lan)) == (["failed", "lapsed"], 1)


def test_the_database_admits_no_overspending(lan: Member) -> None:
    consent(lan)
    assert spend(member=lan.pk, template=TEMPLATE)
    assert not spend(member=lan.pk, template=TEMPLATE)

    with pytest.raises(IntegrityError, match="consent_not_overspent"), transaction.atomic():
        Consent.objects.update(spent=2)
    reset(member=lan.pk, templates=[TEMPLATE])
    assert available(lan) == 0


def test_data_and_closing(lan: Member, chen: Member) -> None:
    consent(lan)
    consent(chen)
    credit_times(lan, 1)
    assert export(lan)["subscriptions"][0]["count"] == 1

    close_member(member=lan, at=clock.now())

    assert not Message.objects.exists()
    assert [row.member for row in Consent.objects.all()] == [chen]


def test_old_notices_go_with_their_messages(lan: Member) -> None:
    consent(lan)
    credit_times(lan, 1)

    assert forget_old_notices(at=clock.now() + KEPT_FOR + timedelta(seconds=1)) == 1
    assert not Message.objects.exists()


def test_queueing_needs_the_same_queries_for_any_number(lan: Member) -> None:
    from notices.messages import queue_messages  # noqa: PLC0415

    counts = []
    for more in (1, 19):
        consent(lan)
        credit_times(lan, more)
        with CaptureQueriesContext(connection) as queries:
            queue_messages(Notice.objects.values_list("event", flat=True))
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    ("fields", "fits"),
    [
        ({"credited": ["amount1", "thing2"]}, True),
        ({"credited": []}, False),
        ({"credited": ["character_string1"]}, False),
        ({"credited": ["thing"]}, False),
        ({"unknown": ["thing1"]}, False),
    ],
)
def test_templates_are_checked(fields: dict[str, list[str]], *, fits: bool) -> None:
    with override_settings(WECHAT_TEMPLATE_FIELDS=fields):
        assert (list(templates_fit()) == []) is fits
