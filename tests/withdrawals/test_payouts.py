"""An approved withdrawal is paid once under any fault; only proof moves the ledger."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from common.errors import violated_constraint
from common.status import WrongStatus
from ledger.chart import Kind
from ledger.queries import balance
from ledger.services import platform_account
from members.models import Member, User
from tests.cast import NOON
from tests.withdrawals.factories import (
    DAY,
    NOW,
    SOON,
    YUAN,
    approved,
    attempted,
    cash,
    owe,
    picture,
)
from withdrawals.errors import Blocked, ChannelPaused, PaymentUnresolved
from withdrawals.gateways.base import ProviderReply, ReplyKind, State
from withdrawals.gateways.sandbox import SandboxGateway
from withdrawals.models import Attempt, Channel, TaxEntry, Withdrawal
from withdrawals.services import (
    cancel,
    change_policy,
    fail_withdrawal,
    pause_channel,
    process_due_attempts,
    reject,
    resume_channel,
    retry_with_new_number,
    start_approved_payouts,
    start_payout,
)

pytestmark = pytest.mark.django_db
ANOTHER_ATTEMPT = """
INSERT INTO withdrawals_attempt (withdrawal_id, out_bill_no, gateway, amount, instruction_encrypted,
    instruction_sha256, state, fail_reason, last_error, package_info, provider_no, send_count,
    poll_count, created_at)
SELECT withdrawal_id, 'x', gateway, amount, instruction_encrypted, instruction_sha256, 'created',
    '', '', '', '', 0, 0, now()
FROM withdrawals_attempt
"""


@pytest.fixture
def unsent(lan: Member, qian: User, feng: User, sandbox: SandboxGateway) -> Attempt:
    """Return an unsent attempt to pay Lan 300 yuan."""
    change_policy(by=feng, at=NOON, regime="labor_per_payment")
    return attempted(lan, 300 * YUAN, qian, feng)


def test_an_attempt_is_sent_polled_and_paid(
    lan: Member, qian: User, feng: User, sandbox: SandboxGateway
) -> None:
    change_policy(by=feng, at=NOON, fee=100, regime="labor_per_payment")
    withdrawal = approved(lan, 1_000 * YUAN, qian, feng)

    assert start_approved_payouts(at=NOW) == 1
    assert process_due_attempts(at=NOW) == 1
    withdrawal.refresh_from_db()
    assert (withdrawal.status, cash(lan)) == ("paying", (0, 100_000, 0))
    assert process_due_attempts(at=NOW + SOON) == 1

    withdrawal.refresh_from_db()
    assert (withdrawal.status, cash(lan)) == ("paid", (0, 0, 0))
    assert [bill.amount for bill in sandbox.paid()] == [95_000]
    moved = [balance(platform_account(kind)) for kind in (
        Kind.PAYOUT_CLEARING, Kind.TAX_PAYABLE, Kind.FEE_INCOME,
    )]  # fmt: skip
    assert moved == [95_000, 4_000, 1_000]
    assert process_due_attempts(at=NOW + DAY) == 0


def test_a_lost_reply_is_found_by_polling(
    lan: Member, qian: User, feng: User, sandbox: SandboxGateway
) -> None:
    attempt = attempted(lan, 300 * YUAN, qian, feng)
    sandbox.script(on="send")
    process_due_attempts(at=NOW)
    attempt.refresh_from_db()
    assert (attempt.state, attempt.last_error) == ("unknown", "timeout")

    process_due_attempts(at=NOW + SOON)

    attempt.refresh_from_db()
    assert (attempt.state, attempt.send_count, len(sandbox.paid())) == ("success", 1, 1)


def test_an_unknown_payment_is_sent_again_under_the_same_number(
    lan: Member, qian: User, feng: User, sandbox: SandboxGateway
) -> None:
    attempt = attempted(lan, 300 * YUAN, qian, feng)
    process_due_attempts(at=NOW)
    sandbox.script(on="query", fault=lambda _: ProviderReply(ReplyKind.NOT_FOUND, code="NOT_FOUND"))

    process_due_attempts(at=NOW + SOON)
    process_due_attempts(at=NOW + 2 * SOON)

    attempt.refresh_from_db()
    assert (attempt.state, attempt.send_count) == ("success", 2)
    assert [bill.out_bill_no for bill in sandbox.paid()] == [attempt.out_bill_no]


def test_an_unknown_outcome_releases_no_money(
    lan: Member, qian: User, feng: User, sandbox: SandboxGateway
) -> None:
    attempt = attempted(lan, 300 * YUAN, qian, feng)
    sandbox.script(on="send")
    process_due_attempts(at=NOW)
    withdrawal = attempt.withdrawal
    before = picture()

    from withdrawals.models import RejectionReason  # noqa: PLC0415

    odd = RejectionReason.objects.create(code="odd", label="Odd")
    with pytest.raises(WrongStatus):
        cancel(withdrawal=withdrawal, by=lan, at=NOW)
    with pytest.raises(WrongStatus):
        reject(withdrawal=withdrawal, by=qian, at=NOW, reason=odd)
    for decide in (retry_with_new_number, fail_withdrawal):
        with pytest.raises(PaymentUnresolved):
            decide(withdrawal=withdrawal, by=feng, at=NOW)
    with pytest.raises(WrongStatus):
        start_payout(withdrawal=withdrawal, at=NOW)
    assert picture() == before


@pytest.mark.parametrize(
    "lie",
    [{"amount": 1}, {"account": "somebody-else"}, {"merchant": "another"}, {"app": "another"},
     {"out_bill_no": "another"}],
)  # fmt: skip
def test_a_reply_about_another_payment_moves_nothing(
    lan: Member, qian: User, feng: User, sandbox: SandboxGateway, lie: dict[str, object]
) -> None:
    attempted(lan, 300 * YUAN, qian, feng)
    process_due_attempts(at=NOW)
    sandbox.script(on="query", fault=lambda answer: replace(answer, **lie))  # type: ignore[arg-type]

    process_due_attempts(at=NOW + SOON)

    assert Withdrawal.objects.get().status == "paying"
    assert cash(lan) == (70_000, 30_000, 0)


def test_only_a_polled_reply_is_final(
    lan: Member, qian: User, feng: User, sandbox: SandboxGateway
) -> None:
    attempted(lan, 300 * YUAN, qian, feng)
    sandbox.script(on="send", fault=lambda answer: replace(answer, state=State.SUCCESS))

    process_due_attempts(at=NOW)

    assert Withdrawal.objects.get().status == "paying"


@pytest.mark.parametrize(
    ("reason", "status", "balances"),
    [
        ("OVERDUE_CLOSE", "ready_to_collect", (70_000, 30_000, 0)),
        ("DAY_RECEIVED_QUOTA_EXCEED", "ready_to_collect", (70_000, 30_000, 0)),
        ("NAME_NOT_CORRECT", "failed", (100_000, 0, 0)),
        ("TRANSFER_RISK", "paying", (70_000, 30_000, 0)),
        ("NEVER_HEARD_OF", "paying", (70_000, 30_000, 0)),
    ],
)
def test_a_proven_failure_goes_to_the_person_who_can_act(
    unsent: Attempt,
    sandbox: SandboxGateway,
    reason: str,
    status: str,
    balances: tuple[int, int, int],
) -> None:
    lan = unsent.withdrawal.member
    sandbox.set_next_outcome(State.FAIL, reason)
    process_due_attempts(at=NOW)

    process_due_attempts(at=NOW + SOON)

    assert (Withdrawal.objects.get().status, cash(lan)) == (status, balances)
    assert TaxEntry.objects.get().released_at == NOW + SOON


def test_after_a_proven_failure_another_number_pays(
    lan: Member, qian: User, feng: User, sandbox: SandboxGateway
) -> None:
    first = attempted(lan, 300 * YUAN, qian, feng)
    sandbox.set_next_outcome(State.FAIL, "NEVER_HEARD_OF")
    process_due_attempts(at=NOW)
    process_due_attempts(at=NOW + SOON)
    withdrawal = first.withdrawal

    retry_with_new_number(withdrawal=withdrawal, by=feng, at=NOW + DAY)
    second = start_payout(withdrawal=withdrawal, at=NOW + DAY)
    process_due_attempts(at=NOW + DAY)
    process_due_attempts(at=NOW + DAY + SOON)

    assert second
    assert second.out_bill_no != first.out_bill_no
    assert [bill.out_bill_no for bill in sandbox.paid()] == [second.out_bill_no]
    assert cash(lan) == (70_000, 0, 0)


def test_a_person_can_fail_a_payment(
    lan: Member, qian: User, feng: User, sandbox: SandboxGateway
) -> None:
    attempt = attempted(lan, 300 * YUAN, qian, feng)
    sandbox.set_next_outcome(State.FAIL, "TRANSFER_RISK")
    process_due_attempts(at=NOW)
    process_due_attempts(at=NOW + SOON)

    fail_withdrawal(withdrawal=attempt.withdrawal, by=feng, at=NOW + DAY)

    assert (Withdrawal.objects.get().status, cash(lan)) == ("failed", (100_000, 0, 0))


def test_a_paused_channel_sends_nothing_but_still_polls(
    lan: Member, qian: User, feng: User, sandbox: SandboxGateway
) -> None:
    attempt = attempted(lan, 300 * YUAN, qian, feng)
    pause_channel(channel=Channel.ALL, at=NOW, pause_reason="Something is wrong", by=feng)
    process_due_attempts(at=NOW)
    attempt.refresh_from_db()
    assert attempt.send_count == 0

    resume_channel(channel=Channel.ALL, at=NOW, by=feng)
    process_due_attempts(at=NOW + timedelta(minutes=5))
    pause_channel(channel="sandbox", at=NOW, pause_reason="Again", by=feng)
    process_due_attempts(at=NOW + timedelta(minutes=6))

    assert Withdrawal.objects.get().status == "paid"


def test_no_payment_starts_while_payouts_are_paused(
    lan: Member, qian: User, feng: User, sandbox: SandboxGateway
) -> None:
    withdrawal = approved(lan, 300 * YUAN, qian, feng)
    pause_channel(channel="sandbox", at=NOW, pause_reason="Short of money", by=feng)
    before = picture()

    with pytest.raises(ChannelPaused):
        start_payout(withdrawal=withdrawal, at=NOW)
    assert picture() == before


def test_insufficient_merchant_funds_pause_the_channel(
    lan: Member, qian: User, feng: User, sandbox: SandboxGateway
) -> None:
    attempted(lan, 300 * YUAN, qian, feng)
    sandbox.script(on="send", fault=lambda _: ProviderReply(ReplyKind.REFUSED, code="NOT_ENOUGH"))

    process_due_attempts(at=NOW)

    assert Channel.objects.get().pause_reason == "NOT_ENOUGH"


def test_a_tax_changed_by_the_month_restarts_the_review(
    lan: Member, qian: User, feng: User, sandbox: SandboxGateway
) -> None:
    change_policy(by=feng, at=NOON, regime="labor_per_payment")
    first = approved(lan, 600 * YUAN, qian, feng)
    start_payout(withdrawal=first, at=NOW)
    process_due_attempts(at=NOW)
    process_due_attempts(at=NOW + SOON)
    from tests.withdrawals.factories import asked  # noqa: PLC0415

    second = asked(lan, 300 * YUAN, key="k-2", at=NOW)
    assert second.tax == 2_000  # 20 % of what is above 800 in the month
    next_month = NOW + 30 * DAY

    from withdrawals.services import approve_as_finance, approve_as_operations  # noqa: PLC0415

    approve_as_operations(withdrawal=second, by=qian, at=NOW)
    approve_as_finance(withdrawal=second, by=feng, at=NOW)
    assert start_payout(withdrawal=second, at=next_month) is None

    second.refresh_from_db()
    assert (second.status, second.tax, second.net) == ("requested", 0, 30_000)


def test_a_member_in_debt_is_sent_nothing(
    lan: Member, qian: User, feng: User, sandbox: SandboxGateway
) -> None:
    withdrawal = approved(lan, 300 * YUAN, qian, feng)
    owe(lan)

    with pytest.raises(Blocked):
        start_payout(withdrawal=withdrawal, at=NOW)


def test_a_payment_in_progress_is_paid_despite_debt(
    lan: Member, qian: User, feng: User, sandbox: SandboxGateway
) -> None:
    attempted(lan, 300 * YUAN, qian, feng)
    process_due_attempts(at=NOW)
    owe(lan)

    process_due_attempts(at=NOW + SOON)

    assert (Withdrawal.objects.get().status, cash(lan)) == ("paid", (0, 0, 10_000))


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        ("UPDATE withdrawals_attempt SET state = 'fail', ended_at = now(), next_run_at = NULL",
         "attempt_final_has_evidence"),
        ("UPDATE withdrawals_attempt SET amount = 1", "append_only"),
        ("UPDATE withdrawals_attempt SET instruction_sha256 = 'x'", "append_only"),
        ("DELETE FROM withdrawals_attempt", "append_only"),
        ("UPDATE withdrawals_withdrawal SET status = 'ready_to_collect'",
         "withdrawal_no_live_attempt"),
        ("UPDATE withdrawals_withdrawal SET status = 'failed', ended_at = now()",
         "withdrawal_no_live_attempt"),
        ("UPDATE withdrawals_withdrawal SET status = 'paid', ended_at = now()",
         "withdrawal_paid_has_evidence"),
(ANOTHER_ATTEMPT, "attempt_live_unique"),
        ("UPDATE withdrawals_taxentry SET withheld = 1", "append_only"),
    ],
)  # fmt: skip
def test_the_database_refuses(unsent: Attempt, statement: str, rule: str) -> None:
    with pytest.raises(DatabaseError) as refusal, transaction.atomic():
        connection.cursor().execute(statement)

    assert violated_constraint(refusal.value).endswith(rule)
    assert Attempt.objects.get().state == "created"
