"""Faults between us and WeChat Pay never pay twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from common.status import WrongStatus
from events.models import Event
from members.models import Member, User
from tests.wechatpay import (
    BadSignature,
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
from tests.withdrawals.factories import NOW, approved, cash, picture
from tests.withdrawals.wechat import SILENCE, paying_through
from tests.withdrawals.wechat_payouts import AMOUNT, STEP, agrees, collected, settle_down
from withdrawals.gateways.wechat import WeChatGateway
from withdrawals.models import Attempt, Channel, Withdrawal
from withdrawals.payouts.start import load_instruction
from withdrawals.services import (
    authorize,
    cancel,
    collect,
    process_due_attempts,
    quote,
    resume_channel,
    retry_with_new_number,
    start_approved_payouts,
)

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
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


def test_collected_confirmed_and_paid(ready: Withdrawal, server: Server) -> None:
    assert ready.status == "ready_to_collect"

    first = collect(withdrawal=ready, by=ready.member, at=NOW)
    assert (first.state, bool(first.package_info)) == ("wait_user_confirm", True)
    settle_down(server)

    agrees(server, ready, paid=True)


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

    resume_channel(channel="wechat", at=NOW, by=feng)
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

        assert start_approved_payouts(at=NOW) == 1
        process_due_attempts(at=NOW)
        settle_down(server, confirming=False)

        agrees(server, withdrawal, paid=True)
