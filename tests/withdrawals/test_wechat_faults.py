"""Faults between us and WeChat Pay: a bill is paid at most once and both ledgers agree.

Both sides use the clock of the test. ``settle_down`` polls until no payment is open and confirms
for the member as soon as possible.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import Client

from common.errors import PermissionMissing
from common.status import WrongStatus
from events.models import Event
from ledger import proof
from members.models import Member, User
from tests.wechatpay import (
    BadSignature,
    BeforeReply,
    NotEnough,
    NotFound,
    OverrideFields,
    Paid,
    RateLimited,
    Refused,
    ReplyLost,
    RequestLost,
    Server,
    Slow,
    Status,
    Unsigned,
)
from tests.wechatpay.faults import Fault
from tests.withdrawals.factories import NOW, YUAN, approved, cash, picture
from tests.withdrawals.wechat import SILENCE, a_server, paying_through
from wechatpay.notifications import InvalidNotification
from withdrawals.errors import NoPaymentInProgress
from withdrawals.gateways.base import PayoutInstruction
from withdrawals.gateways.wechat import WeChatGateway
from withdrawals.models import Attempt, Channel, Evidence, Withdrawal
from withdrawals.payouts.start import load_instruction
from withdrawals.services import (
    authorize,
    cancel,
    cancel_at_provider,
    collect,
    handle_notification,
    process_due_attempts,
    quote,
    resume,
    retry_with_new_number,
    start_approved,
)

pytestmark = pytest.mark.django_db
STEP = timedelta(minutes=10)
AMOUNT = 300 * YUAN


@pytest.fixture
def server() -> Iterator[Server]:
    with a_server(NOW) as server:
        yield server


@pytest.fixture
def wechat(server: Server) -> Iterator[WeChatGateway]:
    with paying_through(server) as gateway:
        yield gateway


@pytest.fixture
def ready(lan: Member, qian: User, feng: User, wechat: WeChatGateway) -> Withdrawal:
    """Return 300 yuan approved for Lan, ready to collect."""
    return approved(lan, AMOUNT, qian, feng)


def collected(withdrawal: Withdrawal) -> Attempt:
    collect(withdrawal=withdrawal, by=withdrawal.member, at=NOW)
    return Attempt.objects.get()


def settle_down(server: Server, *, steps: int = 12, confirming: bool = True) -> None:
    for step in range(1, steps):
        server.pass_time(seconds=STEP.total_seconds())
        for number in list(server.bills):
            if confirming:
                server.confirm(number)
        process_due_attempts(at=NOW + step * STEP)


def agrees(server: Server, withdrawal: Withdrawal, *, paid: bool) -> None:
    """Check that both ledgers show one payment, or none."""
    withdrawal.refresh_from_db()
    received = server.paid_to("openid-of-lan")
    assert received == (Paid(times=1, amount=AMOUNT) if paid else Paid(times=0, amount=0))
    assert (withdrawal.status == "paid") is paid
    assert cash(withdrawal.member)[1] == (0 if withdrawal.ended_at else AMOUNT)
    assert cash(withdrawal.member)[0] == 1_000 * YUAN - (
        AMOUNT if paid or not withdrawal.ended_at else 0
    )
    assert proof.differences() == []


def test_collected_confirmed_and_paid(ready: Withdrawal, server: Server) -> None:
    assert ready.status == "ready_to_collect"

    first = collect(withdrawal=ready, by=ready.member, at=NOW)
    assert (first.state, bool(first.package_info)) == ("wait_user_confirm", True)
    settle_down(server)

    agrees(server, ready, paid=True)


FAULTS: dict[str, Callable[[], list[Fault]]] = {
    "the request is lost": lambda: [RequestLost()],
    "the answer is lost": lambda: [ReplyLost()],
    "500 and nothing done": lambda: [Status(500)],
    "500 although done": lambda: [Status(500, done=True)],
    "429": lambda: [RateLimited()],
    "silence": lambda: [Slow(SILENCE * 3)],
    "done only after we stopped listening": lambda: [Slow(SILENCE * 2, done_first=False)],
    "200 with a bad signature": lambda: [BadSignature()],
    "200 without a signature": lambda: [Unsigned()],
    "three in a row": lambda: [ReplyLost(), Status(502), BadSignature()],
}


@pytest.mark.parametrize("name", FAULTS)
@pytest.mark.parametrize("on", ["send", "query"])
def test_a_single_fault_never_pays_twice(
    ready: Withdrawal, server: Server, on: str, name: str
) -> None:
    server.script(on=on, faults=FAULTS[name]())

    collected(ready)
    settle_down(server)

    agrees(server, ready, paid=True)
    assert Attempt.objects.count() == 1


def test_changed_settings_do_not_change_an_open_bill(ready: Withdrawal, server: Server) -> None:
    server.script(on="send", faults=[ReplyLost()])
    server.script(on="query", faults=[NotFound()])
    collected(ready)

    with paying_through(
        server, position="团长", explanation="推广服务", notify_url="https://new.example/payouts"
    ):
        settle_down(server)

    agrees(server, ready, paid=True)
    assert Attempt.objects.get().send_count == 2
    [bill] = server.bills.values()
    assert bill.content["notify_url"] == "https://shop.example/payouts/wechat"


def test_an_accepted_bill_may_not_be_found_yet(ready: Withdrawal, server: Server) -> None:
    server.script(on="send", faults=[ReplyLost()])
    server.script(on="query", faults=[NotFound()] * 3)

    attempt = collected(ready)
    settle_down(server)

    attempt.refresh_from_db()
    agrees(server, ready, paid=True)
    assert attempt.send_count > 1
    assert list(server.bills) == [attempt.out_bill_no]


@pytest.mark.parametrize(
    "lie",
    [{"transfer_amount": 1}, {"openid": "somebody-else"}, {"mch_id": "another"},
     {"appid": "another"}, {"out_bill_no": "another"}],
    ids=str,
)  # fmt: skip
def test_a_signed_reply_about_another_bill_moves_nothing(
    ready: Withdrawal, server: Server, lie: dict[str, object]
) -> None:
    attempt = collected(ready)
    server.confirm(attempt.out_bill_no)
    server.script(on="query", faults=[OverrideFields(**lie)])

    process_due_attempts(at=NOW + STEP)

    ready.refresh_from_db()
    assert (ready.status, cash(ready.member)[1]) == ("paying", AMOUNT)


@pytest.mark.parametrize("hours", [24, 25])
def test_an_unconfirmed_bill_expires_and_can_be_collected_again(
    ready: Withdrawal, server: Server, hours: int
) -> None:
    first = collected(ready)
    server.pass_time(hours=hours)
    server.expire()

    process_due_attempts(at=NOW + timedelta(hours=hours))
    process_due_attempts(at=NOW + timedelta(hours=hours + 2))

    ready.refresh_from_db()
    first.refresh_from_db()
    assert (first.state, first.fail_reason, ready.status) == (
        "fail", "OVERDUE_CLOSE", "ready_to_collect",
    )  # fmt: skip
    agrees(server, ready, paid=False)
    later = NOW + timedelta(hours=hours + 3)
    collect(withdrawal=ready, by=ready.member, at=later)
    second = Attempt.objects.exclude(pk=first.pk).get()
    server.confirm(second.out_bill_no)
    process_due_attempts(at=later + STEP)
    agrees(server, ready, paid=True)


def test_repeated_taps_create_one_bill(ready: Withdrawal, server: Server) -> None:
    for tap in range(5):
        collect(withdrawal=ready, by=ready.member, at=NOW + tap * timedelta(seconds=20))
        ready.refresh_from_db()
    settle_down(server)

    agrees(server, ready, paid=True)
    assert len(server.bills) == 1


def test_money_is_not_released_while_the_bill_can_be_confirmed(
    ready: Withdrawal, server: Server
) -> None:
    collected(ready)
    ready.refresh_from_db()
    before = picture()

    with pytest.raises(WrongStatus):
        cancel(withdrawal=ready, by=ready.member, at=NOW)
    assert picture() == before


def receive(server: Server, number: str, **how: object) -> list[bool]:
    return [
        handle_notification(headers=notification.headers, body=notification.body, at=server.at)
        for notification in server.notify(number, **how)  # type: ignore[arg-type]
    ]


def test_fifty_copies_of_a_notification_count_once(ready: Withdrawal, server: Server) -> None:
    attempt = collected(ready)
    server.confirm(attempt.out_bill_no)

    heard = receive(server, attempt.out_bill_no, times=50)
    assert heard == [True] + [False] * 49
    ready.refresh_from_db()
    assert ready.status == "paying", "a notice is a hint"
    process_due_attempts(at=server.at)

    agrees(server, ready, paid=True)
    assert Evidence.objects.filter(kind="notification").count() == 1


def test_a_notification_after_the_end_changes_nothing(ready: Withdrawal, server: Server) -> None:
    attempt = collected(ready)
    settle_down(server)
    before = picture()

    receive(server, attempt.out_bill_no)
    process_due_attempts(at=server.at)

    assert picture() == before
    agrees(server, ready, paid=True)


@pytest.mark.parametrize(
    "lie", [{"transfer_amount": 1}, {"openid": "somebody-else"}, {"state": "FAIL"}], ids=str
)
def test_a_false_notification_moves_nothing(
    ready: Withdrawal, server: Server, lie: dict[str, object]
) -> None:
    attempt = collected(ready)

    receive(server, attempt.out_bill_no, **lie)
    process_due_attempts(at=server.at)

    ready.refresh_from_db()
    assert (ready.status, cash(ready.member)[1]) == ("paying", AMOUNT)


def test_an_old_notification_and_a_probe_are_refused(ready: Withdrawal, server: Server) -> None:
    attempt = collected(ready)
    server.confirm(attempt.out_bill_no)
    [old] = server.notify(attempt.out_bill_no, aged=timedelta(minutes=10))
    [good] = server.notify(attempt.out_bill_no)
    probe = dict(good.headers)
    probe["Wechatpay-Signature"] = "WECHATPAY/SIGNTEST/" + probe["Wechatpay-Signature"]

    for headers, body in ((old.headers, old.body), (probe, good.body), (good.headers, b"{}")):
        with pytest.raises(InvalidNotification):
            handle_notification(headers=headers, body=body, at=server.at)
    assert not Evidence.objects.filter(kind="notification").exists()


def test_the_notification_endpoint(ready: Withdrawal, client: Client) -> None:
    def post(body: bytes, **headers: str) -> int:
        answer = client.post(
            "/payouts/wechat", body, content_type="application/json", headers=headers
        )
        return answer.status_code

    # The endpoint uses the real clock, so the signature must be current.
    with Server() as today, paying_through(today) as gateway:
        gateway.send(
            PayoutInstruction(
                "W1", 1_000, "openid-of-lan", "Lan", "佣金", **gateway.instruction_fields()
            )
        )
        today.confirm("W1")
        [genuine] = today.notify("W1")
        assert post(genuine.body, **genuine.headers) == 204
        assert post(b"{}", **genuine.headers) == 401
        assert post(b"{}") == 401
        assert post(b" " * 70_000, **genuine.headers) == 413
        assert client.get("/payouts/wechat").status_code == 405
    assert Evidence.objects.filter(kind="notification").count() == 1


def test_control_treating_a_timeout_as_failure_pays_twice(
    ready: Withdrawal, server: Server, wechat: WeChatGateway
) -> None:
    """Start another payment after a timeout without polling first."""
    server.script(on="send", faults=[ReplyLost()])
    attempt = collected(ready)

    wechat.send(replace(load_instruction(attempt), out_bill_no="another"))
    for number in server.bills:
        server.confirm(number)

    assert server.paid_to("openid-of-lan") == Paid(times=2, amount=2 * AMOUNT)


def test_a_bill_the_provider_deleted_is_never_sent_again(ready: Withdrawal, server: Server) -> None:
    server.script(on="send", faults=[ReplyLost()])
    attempt = collected(ready)
    server.confirm(attempt.out_bill_no)
    server.script(on="query", faults=[NotFound()])

    process_due_attempts(at=NOW + timedelta(days=31))

    attempt.refresh_from_db()
    ready.refresh_from_db()
    assert (attempt.state, attempt.send_count, ready.status) == ("unknown", 1, "paying")


@pytest.mark.parametrize("confirmed", ["before", "between", "not at all"])
def test_a_cancellation_races_with_the_confirmation(
    ready: Withdrawal, server: Server, feng: User, confirmed: str
) -> None:
    attempt = collected(ready)
    if confirmed == "before":
        server.confirm(attempt.out_bill_no)
    elif confirmed == "between":
        server.script(
            on="cancel", faults=[BeforeReply(lambda: server.confirm(attempt.out_bill_no))]
        )

    cancel_at_provider(withdrawal=ready, by=feng, at=NOW)
    settle_down(server, confirming=False)

    # The first call to reach the provider wins, and our books follow it.
    ready.refresh_from_db()
    paid = server.paid(attempt.out_bill_no).times == 1
    assert paid is (confirmed == "before")
    assert ready.status == ("paid" if paid else "ready_to_collect")
    agrees(server, ready, paid=paid)


def test_only_finance_cancels_and_only_payments_in_progress(
    ready: Withdrawal, qian: User, feng: User
) -> None:
    with pytest.raises(PermissionMissing):
        cancel_at_provider(withdrawal=ready, by=qian, at=NOW)
    with pytest.raises(NoPaymentInProgress):
        cancel_at_provider(withdrawal=ready, by=feng, at=NOW)


@pytest.mark.parametrize("code", ["PARAM_ERROR", "NO_AUTH"])
def test_a_payment_refused_at_first_waits_for_a_person(
    ready: Withdrawal, server: Server, feng: User, code: str
) -> None:
    server.script(on="send", faults=[Refused(code)])

    attempt = collected(ready)

    attempt.refresh_from_db()
    ready.refresh_from_db()
    assert (attempt.state, attempt.fail_reason, ready.status) == ("fail", code, "paying")
    agrees(server, ready, paid=False)
    retry_with_new_number(withdrawal=ready, by=feng, at=NOW)
    collect(withdrawal=ready, by=ready.member, at=NOW)
    settle_down(server)
    agrees(server, ready, paid=True)


def test_without_funds_the_same_number_is_sent_later(
    ready: Withdrawal, server: Server, feng: User
) -> None:
    server.script(on="send", faults=[NotEnough()])
    attempt = collected(ready)
    assert Channel.objects.get(name="wechat").pause_reason == "NOT_ENOUGH"

    resume(channel="wechat", at=NOW, by=feng)
    settle_down(server)

    agrees(server, ready, paid=True)
    assert list(server.bills) == [attempt.out_bill_no]


def test_an_overdue_payment_is_reported_once_per_threshold(
    ready: Withdrawal, server: Server
) -> None:
    attempt = collected(ready)
    server.script(on="query", faults=[Status(500)] * 6)

    for days in (1, 2, 3, 26, 27):
        process_due_attempts(at=NOW + timedelta(days=days, hours=3))

    events = Event.objects.filter(name="withdrawals.payout_overdue").order_by("pk")
    assert [(event.subject_id, event.data["hours"]) for event in events] == [
        (attempt.out_bill_no, 26), (attempt.out_bill_no, 600),
    ]  # fmt: skip


def test_an_authorized_member_is_paid_without_confirmation(
    lan: Member, qian: User, feng: User, server: Server
) -> None:
    with paying_through(server, confirmed=False):
        assert [blocker.code for blocker in quote(member=lan, amount=AMOUNT, at=NOW).blockers] == [
            "authorization_needed"
        ]
        authorize(member=lan, authorization=server.authorize("openid-of-lan"), at=NOW)
        withdrawal = approved(lan, AMOUNT, qian, feng)
        assert withdrawal.status == "finance_approved"
        server.script(on="send", faults=[ReplyLost()])

        assert start_approved(at=NOW) == 1
        process_due_attempts(at=NOW)
        settle_down(server, confirming=False)

        agrees(server, withdrawal, paid=True)
