"""Changes of people, accounts, policies and debts before the payment."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from common import encryption
from common.errors import violated_constraint
from distribution.models import Distributor
from distribution.services import change_status
from events.models import Event
from members.models import Member, User
from risk.models import Hold
from tests.cast import NOON, staff
from tests.shop import distributor
from tests.withdrawals.factories import (
    DAY,
    NOW,
    SOON,
    YUAN,
    approved,
    asked,
    attempted,
    cash,
    earned,
    finance,
    owe,
    picture,
    ready,
)
from withdrawals.errors import Blocked
from withdrawals.gateways.base import State
from withdrawals.gateways.sandbox import SandboxGateway
from withdrawals.models import Attempt, Payee, Withdrawal
from withdrawals.services import (
    approve_as_finance,
    approve_as_operations,
    cancel_at_provider,
    change_policy,
    identify,
    pause_channel,
    process_due_attempts,
    quote,
    retry_with_new_number,
    set_payee,
    start_approved_payouts,
    start_payout,
)

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def failed(
    lan: Member, qian: User, feng: User, sandbox: SandboxGateway, fail_reason: str
) -> Withdrawal:
    attempt = attempted(lan, 300 * YUAN, qian, feng)
    sandbox.set_next_outcome(State.FAIL, fail_reason)
    process_due_attempts(at=NOW)
    process_due_attempts(at=NOW + SOON)
    attempt.withdrawal.refresh_from_db()
    return attempt.withdrawal


@pytest.mark.parametrize("change", ["payee", "name", "regime"])
def test_a_change_during_the_payment_restarts_the_review(
    lan: Member, qian: User, feng: User, sandbox: SandboxGateway, change: str
) -> None:
    attempted(lan, 300 * YUAN, qian, feng)
    if change == "payee":
        set_payee(member=lan, channel="wechat", account="openid-new", at=NOW)
    elif change == "name":
        identify(member=lan, name="Mallory", at=NOW)
    else:
        change_policy(by=feng, at=NOW, regime="labor_per_payment")
    sandbox.set_next_outcome(State.FAIL, "OVERDUE_CLOSE")
    process_due_attempts(at=NOW)
    process_due_attempts(at=NOW + SOON)
    withdrawal = Withdrawal.objects.get()
    assert withdrawal.status == "ready_to_collect"

    assert start_payout(withdrawal=withdrawal, at=NOW + DAY) is None

    withdrawal.refresh_from_db()
    assert (withdrawal.status, withdrawal.ops_reviewer) == ("requested", None)
    assert withdrawal.payee.retired_at is None


def test_a_new_payee_is_assessed_again(lan: Member, chen: Member, qian: User) -> None:
    asked(lan, 300 * YUAN)
    ready(chen)

    set_payee(member=lan, channel="wechat", account="openid-of-chen", at=NOW)

    assert Hold.objects.count() == 1


def test_a_failed_payment_repays_debt_first(
    lan: Member, qian: User, feng: User, sandbox: SandboxGateway
) -> None:
    attempted(lan, 300 * YUAN, qian, feng)
    owe(lan)
    sandbox.set_next_outcome(State.FAIL, "OVERDUE_CLOSE")

    process_due_attempts(at=NOW)
    process_due_attempts(at=NOW + SOON)

    withdrawal = Withdrawal.objects.get()
    assert (withdrawal.status, withdrawal.end_reason, cash(lan)) == (
        "cancelled",
        "debt",
        (20_000, 0, 0),
    )


def test_a_retry_repays_debt_first(
    lan: Member, qian: User, feng: User, sandbox: SandboxGateway
) -> None:
    withdrawal = failed(lan, qian, feng, sandbox, "TRANSFER_RISK")
    owe(lan)

    retry_with_new_number(withdrawal=withdrawal, by=feng, at=NOW + DAY)

    assert (Withdrawal.objects.get().end_reason, cash(lan)) == ("debt", (20_000, 0, 0))


def test_the_id_threshold_counts_the_whole_month_under_any_regime(
    lan: Member, qian: User, feng: User, sandbox: SandboxGateway
) -> None:
    attempted(lan, 700 * YUAN, qian, feng)
    process_due_attempts(at=NOW)
    process_due_attempts(at=NOW + SOON)
    lan.person.id_number_encrypted = ""
    lan.person.save()
    change_policy(by=feng, at=NOW, regime="platform_cumulative")

    codes = [blocker.code for blocker in quote(member=lan, amount=200 * YUAN, at=NOW).blockers]

    assert codes == ["id_number_needed"]


def test_a_lower_threshold_requires_a_second_reviewer_of_open_withdrawals(
    lan: Member, qian: User, feng: User
) -> None:
    withdrawal = asked(lan, 300 * YUAN)
    approve_as_operations(withdrawal=withdrawal, by=qian, at=NOW)
    change_policy(by=feng, at=NOW, second_finance_threshold=10_000)

    approve_as_finance(withdrawal=withdrawal, by=feng, at=NOW)
    assert withdrawal.status == "ops_approved"

    approve_as_finance(withdrawal=withdrawal, by=finance(staff("Wei")), at=NOW)
    assert withdrawal.status == "finance_approved"


def test_blocked_withdrawals_do_not_hold_up_others(
    lan: Member, chen: Member, qian: User, feng: User, sandbox: SandboxGateway
) -> None:
    approved(lan, 300 * YUAN, qian, feng)
    owe(lan)
    ready(chen)
    earned(chen, 50_000)
    approved(chen, 20_000, qian, feng)

    assert start_approved_payouts(at=NOW, limit=1) == 1
    assert Attempt.objects.get().withdrawal.member == chen


def test_an_unsent_attempt_is_cancelled_at_once(
    lan: Member, qian: User, feng: User, sandbox: SandboxGateway
) -> None:
    attempt = attempted(lan, 300 * YUAN, qian, feng)
    pause_channel(channel="sandbox", at=NOW, pause_reason="Maintenance", by=feng)
    process_due_attempts(at=NOW)

    cancel_at_provider(withdrawal=attempt.withdrawal, by=feng, at=NOW)

    attempt.refresh_from_db()
    assert (attempt.state, Withdrawal.objects.get().status) == ("cancelled", "ready_to_collect")
    assert sandbox.paid() == []


def test_an_unreadable_instruction_does_not_hold_up_others(
    lan: Member, chen: Member, qian: User, feng: User, sandbox: SandboxGateway
) -> None:
    broken = attempted(lan, 300 * YUAN, qian, feng)
    Attempt.objects.filter(pk=broken.pk).update(instruction_encrypted="nothing")
    ready(chen)
    earned(chen, 50_000)
    attempted(chen, 20_000, qian, feng)

    process_due_attempts(at=NOW)
    process_due_attempts(at=NOW + SOON)

    broken.refresh_from_db()
    assert (broken.last_error, broken.send_count) == ("instruction_unreadable", 0)
    assert [bill.account for bill in sandbox.paid()] == ["openid-of-chen"]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE withdrawals_payee SET account_encrypted = '{other}' WHERE member_id = {lan}",
        "UPDATE withdrawals_person SET name_encrypted = '{other}' WHERE member_id = {lan}",
    ],
)
def test_the_encrypted_payee_must_match_the_approval(
    lan: Member, chen: Member, qian: User, feng: User, statement: str
) -> None:
    withdrawal = approved(lan, 300 * YUAN, qian, feng)
    other = ready(chen).payees.get().account_encrypted
    with connection.cursor() as cursor:
        cursor.execute(statement.format(other=other, lan=lan.pk))

    with pytest.raises(RuntimeError), transaction.atomic():
        start_payout(withdrawal=withdrawal, at=NOW)
    assert not Attempt.objects.exists()


def test_a_withdrawal_is_inserted_only_as_a_request(lan: Member, qian: User, feng: User) -> None:
    row = Withdrawal.objects.filter(pk=approved(lan, 300 * YUAN, qian, feng).pk).values().get()
    row |= {"id": None, "public_id": "y" * 20, "key": "z", "status": "cancelled", "ended_at": NOON}

    with pytest.raises(DatabaseError) as refusal, transaction.atomic():
        Withdrawal(**row).save(force_insert=True)
    assert violated_constraint(refusal.value) == "withdrawal_starts_requested"


@pytest.mark.parametrize("stop", ["debt", "freeze"])
def test_an_unsent_attempt_is_cancelled_once_blocked(
    lan: Member, qian: User, feng: User, sandbox: SandboxGateway, stop: str
) -> None:
    person = distributor(lan)
    withdrawal = attempted(lan, 300 * YUAN, qian, feng).withdrawal
    if stop == "debt":
        owe(lan)
    else:
        change_status(
            distributor=person, to=Distributor.Status.FROZEN, by=qian, at=NOW, reason="looks odd"
        )

    for minutes in range(5):
        process_due_attempts(at=NOW + minutes * SOON)

    assert sandbox.paid() == []
    assert Attempt.objects.get().state == "cancelled"
    withdrawal.refresh_from_db()
    if stop == "debt":
        assert (withdrawal.status, withdrawal.end_reason) == ("cancelled", "debt")
        assert cash(lan) == (20_000, 0, 0)
    else:
        assert withdrawal.status == "ready_to_collect"
        assert cash(lan) == (70_000, 30_000, 0)


def test_a_damaged_payee_does_not_hold_up_others(
    lan: Member, chen: Member, qian: User, feng: User, sandbox: SandboxGateway
) -> None:
    damaged = approved(lan, 300 * YUAN, qian, feng)
    Payee.objects.filter(member=lan).update(account_encrypted=encryption.encrypt("another"))
    approved(ready(chen, 1_000 * YUAN), 100 * YUAN, qian, feng)

    for minutes in range(3):
        start_approved_payouts(at=NOW + minutes * SOON)
        process_due_attempts(at=NOW + minutes * SOON)

    assert [bill.account for bill in sandbox.paid()] == ["openid-of-chen"]
    damaged.refresh_from_db()
    assert (damaged.status, cash(lan)) == ("finance_approved", (70_000, 30_000, 0))
    assert Event.objects.filter(name="withdrawals.payout_start_failed").count() == 1


def test_a_zero_net_after_a_tax_change_is_neither_approved_nor_paid(
    lan: Member, qian: User, feng: User
) -> None:
    change_policy(by=feng, at=NOON, fee=9_990)
    withdrawal = approved(lan, 900 * YUAN, qian, feng)
    change_policy(by=feng, at=NOW, regime="labor_per_payment")
    before = picture()

    with pytest.raises(Blocked) as refusal:
        start_payout(withdrawal=withdrawal, at=NOW)
    assert (refusal.value.data["blockers"], picture()) == (["net_too_small"], before)


def test_an_attempt_that_cannot_end_does_not_hold_up_others(
    lan: Member, chen: Member, qian: User, feng: User, sandbox: SandboxGateway
) -> None:
    attempted(lan, 300 * YUAN, qian, feng)
    attempted(ready(chen, 1_000 * YUAN), 100 * YUAN, qian, feng)
    owe(lan)
    with connection.cursor() as cursor:  # ending it violates a constraint
        cursor.execute(
            "CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE EXCEPTION 'broken' USING ERRCODE = 'check_violation'; END $$;"
            "CREATE TRIGGER broken BEFORE UPDATE ON withdrawals_attempt FOR EACH ROW"
            f" WHEN (NEW.state = 'cancelled' AND NEW.amount = {300 * YUAN})"
            " EXECUTE FUNCTION broken()"
        )

    for minutes in (0, 2, 12):
        process_due_attempts(at=NOW + minutes * SOON)

    assert [bill.account for bill in sandbox.paid()] == ["openid-of-chen"]
