"""Lan turns cash into store credit: reviewed and taxed as any payout, paid by the ledger."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from common.errors import PermissionMissing, violated_constraint
from common.status import WrongStatus
from ledger import proof
from ledger.chart import Asset, Kind, Reason
from ledger.models import Account, Transfer
from ledger.queries import balance, statement
from ledger.services import Source, account, platform_account, reclaim
from members.models import Member, User
from tests.cast import NOON
from tests.withdrawals.factories import DAY, NOW, YUAN, approved, asked, cash, owe, picture
from withdrawals.errors import Blocked, InvalidPayee, NotCollectable, WithdrawalKeyReused
from withdrawals.gateways import gateway
from withdrawals.gateways.base import ReplyKind
from withdrawals.gateways.sandbox import SandboxGateway
from withdrawals.models import Attempt, Payee, TaxEntry, Withdrawal
from withdrawals.services import (
    approve_as_finance,
    approve_as_operations,
    cancel,
    change_policy,
    claim_manual_payouts,
    collect,
    identify,
    options,
    pause_channel,
    preview_quote,
    process_due_attempts,
    request_withdrawal,
    resume_channel,
    set_payee,
    start_approved_payouts,
    start_payout,
)
from withdrawals.steps import steps

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
CREDIT = "store_credit"


@pytest.fixture(autouse=True)
def _switched_on(db: None, feng: User, sandbox: SandboxGateway) -> None:
    change_policy(by=feng, at=NOON, store_credit=True)


def wanted(who: Member, amount: int, *, key: str = "k-1") -> Withdrawal:
    return request_withdrawal(member=who, amount=amount, key=key, channel=CREDIT, at=NOW)


def reviewed(who: Member, amount: int, ops: User, fin: User) -> Withdrawal:
    row = wanted(who, amount)
    approve_as_operations(withdrawal=row, by=ops, at=NOW)
    approve_as_finance(withdrawal=row, by=fin, at=NOW)
    return row


def credit(who: Member) -> int:
    return balance(account(who, Asset.STORE_CREDIT))


def moved() -> dict[str, int]:
    return {
        kind.value: balance(platform_account(kind, asset))
        for kind, asset in (
            (Kind.CONVERSION, Asset.CASH),
            (Kind.PAYOUT_CLEARING, Asset.CASH),
            (Kind.TAX_PAYABLE, Asset.CASH),
            (Kind.FEE_INCOME, Asset.CASH),
            (Kind.ISSUED, Asset.STORE_CREDIT),
        )
    }


def test_cash_becomes_store_credit_after_both_reviews(lan: Member, qian: User, feng: User) -> None:
    change_policy(by=feng, at=NOON, fee=100, regime="labor_per_payment")
    row = reviewed(lan, 1_000 * YUAN, qian, feng)
    assert (row.status, cash(lan), credit(lan)) == ("finance_approved", (0, 100_000, 0), 0)

    assert start_approved_payouts(at=NOW) == 1

    row.refresh_from_db()
    assert (row.status, row.ended_at, cash(lan), credit(lan)) == ("paid", NOW, (0, 0, 0), 95_000)
    assert moved() == {
        "conversion": 95_000, "payout_clearing": 0, "tax_payable": 4_000, "fee_income": 1_000,
        "issued": -95_000,
    }  # fmt: skip
    attempt = row.attempts.get()
    assert (attempt.gateway, attempt.state, attempt.next_run_at) == ("ledger", "success", None)
    entry = TaxEntry.objects.get(attempt=attempt)
    assert (entry.income, entry.withheld, entry.month) == (100_000, 4_000, NOW.month)
    assert proof.differences() == []


def test_it_is_paid_once_and_asks_no_provider(
    lan: Member, qian: User, feng: User, sandbox: SandboxGateway
) -> None:
    row = reviewed(lan, 300 * YUAN, qian, feng)
    start_approved_payouts(at=NOW)
    before = picture()

    assert start_approved_payouts(at=NOW + DAY) == 0
    assert process_due_attempts(at=NOW + DAY) == 0
    row.refresh_from_db()
    with pytest.raises(WrongStatus):
        start_payout(withdrawal=row, at=NOW)
    with pytest.raises(WrongStatus):
        cancel(withdrawal=row, by=lan, at=NOW)
    assert picture() == before
    assert sandbox.paid() == []
    assert gateway("ledger").query("x").kind is ReplyKind.UNCLEAR


def test_both_wallets_show_it(lan: Member, qian: User, feng: User) -> None:
    row = reviewed(lan, 300 * YUAN, qian, feng)
    start_approved_payouts(at=NOW)

    source = Source("withdrawals.withdrawal", row.public_id)
    [issued] = statement(account(lan, Asset.STORE_CREDIT)).lines
    assert (issued.change, issued.balance_after, issued.transfer.reason) == (
        30_000, 30_000, Reason.CONVERSION,
    )  # fmt: skip
    held = statement(account(lan, Asset.CASH, Kind.HELD)).lines
    assert [(line.change, line.transfer.reason) for line in held] == [
        (-30_000, Reason.CONVERSION), (30_000, Reason.HOLD),
    ]  # fmt: skip
    sources = {(line.transfer.source_kind, line.transfer.source_id) for line in [issued, *held]}
    assert sources == {tuple(source)}


def test_a_debt_of_store_credit_is_repaid_first(lan: Member, qian: User, feng: User) -> None:
    reclaim(
        key="clawback:credit", wallet=account(lan, Asset.STORE_CREDIT), amount=4_000,
        credit=platform_account(Kind.ISSUED, Asset.STORE_CREDIT), effective_at=NOON,
        source=Source("tests.refund", "1"),
    )  # fmt: skip

    reviewed(lan, 300 * YUAN, qian, feng)
    start_approved_payouts(at=NOW)

    assert credit(lan) == 26_000
    assert balance(account(lan, Asset.STORE_CREDIT, Kind.OWED)) == 0
    assert proof.differences() == []


def test_it_counts_as_income_of_the_month(lan: Member, qian: User, feng: User) -> None:
    change_policy(by=feng, at=NOON, regime="labor_per_payment")
    reviewed(lan, 600 * YUAN, qian, feng)
    start_approved_payouts(at=NOW)

    # 600 and 300 of one month: 20 % of the 100 above 800.
    assert preview_quote(member=lan, amount=300 * YUAN, channel="wechat", at=NOW).price.tax == 2_000


def test_it_needs_no_account_and_leaves_the_one_outside(lan: Member, qian: User) -> None:
    outside = Payee.objects.current(lan).get()

    row = wanted(lan, 300 * YUAN)

    assert (row.payee.channel, row.payee.account_mask) == (CREDIT, "")
    assert Payee.objects.current(lan).get() == outside
    approve_as_operations(withdrawal=row, by=qian, at=NOW)
    set_payee(member=lan, channel="alipay", account="lan@example.com", at=NOW)
    row.refresh_from_db()
    assert (row.status, row.payee.channel) == ("ops_approved", CREDIT)
    identify(member=lan, name="Lan Other", at=NOW)
    row.refresh_from_db()
    assert (row.status, row.payee.channel) == ("requested", CREDIT)


def test_its_payee_is_one_row_and_nobody_sets_it(lan: Member) -> None:
    cancel(withdrawal=wanted(lan, 100 * YUAN), by=lan, at=NOW)
    cancel(withdrawal=wanted(lan, 100 * YUAN, key="k-2"), by=lan, at=NOW)

    assert Payee.objects.filter(channel=CREDIT).count() == 1
    with pytest.raises(InvalidPayee):
        set_payee(member=lan, channel=CREDIT, account="x", at=NOW)


def test_a_quote_writes_nothing_and_names_no_missing_account(chen: Member, lan: Member) -> None:
    before, payees = picture(), Payee.objects.count()

    quoted = preview_quote(member=lan, amount=300 * YUAN, channel=CREDIT, at=NOW)
    theirs = preview_quote(member=chen, amount=300 * YUAN, channel=CREDIT, at=NOW)

    assert (quoted.blockers, quoted.price.net) == ((), 30_000)
    assert [row.code for row in theirs.blockers] == ["real_name_needed", "balance_too_low"]
    assert (picture(), Payee.objects.count()) == (before, payees)


def test_the_options_say_whether_it_is_on(lan: Member, feng: User) -> None:
    def option() -> Any:
        rows = options(member=lan, at=NOW).channels
        return next(row for row in rows if row.channel == CREDIT)

    assert (option().enabled, option().arrival, option().needs) == (True, "at_once", ())
    pause_channel(channel="ledger", at=NOW, pause_reason="count")
    assert (option().enabled, option().paused) == (False, True)
    resume_channel(channel="ledger", at=NOW, by=feng)
    change_policy(by=feng, at=NOW, store_credit=False)
    assert (option().enabled, option().paused) == (False, False)


def test_switched_off_nothing_is_requested_approved_or_paid(
    lan: Member, qian: User, feng: User
) -> None:
    row = reviewed(lan, 300 * YUAN, qian, feng)
    change_policy(by=feng, at=NOW, store_credit=False)
    before = picture()

    assert start_approved_payouts(at=NOW) == 0
    with pytest.raises(Blocked) as refused:
        start_payout(withdrawal=row, at=NOW)
    assert refused.value.data["blockers"] == ["payee_unsupported"]
    assert picture() == before
    cancel(withdrawal=row, by=lan, at=NOW)
    with pytest.raises(Blocked):
        wanted(lan, 100 * YUAN, key="k-2")
    assert cash(lan) == (1_000 * YUAN, 0, 0)


@pytest.mark.parametrize("channel", ["ledger", "all"])
def test_a_pause_stops_it(lan: Member, qian: User, feng: User, channel: str) -> None:
    reviewed(lan, 300 * YUAN, qian, feng)
    pause_channel(channel=channel, at=NOW, pause_reason="count")

    assert start_approved_payouts(at=NOW) == 0
    assert (cash(lan), credit(lan)) == ((700 * YUAN, 300 * YUAN, 0), 0)
    resume_channel(channel=channel, at=NOW, by=feng)
    assert start_approved_payouts(at=NOW) == 1


def test_a_paused_provider_does_not_stop_it(lan: Member, qian: User, feng: User) -> None:
    reviewed(lan, 300 * YUAN, qian, feng)
    pause_channel(channel="sandbox", at=NOW, pause_reason="count")

    assert start_approved_payouts(at=NOW) == 1


def test_a_debt_stops_it(lan: Member, qian: User, feng: User) -> None:
    reviewed(lan, 900 * YUAN, qian, feng)
    owe(lan, 20_000)
    before = picture()

    assert start_approved_payouts(at=NOW) == 0
    assert picture() == before


def test_a_changed_tax_restarts_the_reviews(lan: Member, qian: User, feng: User) -> None:
    row = reviewed(lan, 1_000 * YUAN, qian, feng)
    change_policy(by=feng, at=NOW, regime="labor_per_payment")

    start_approved_payouts(at=NOW)

    row.refresh_from_db()
    assert (row.status, row.payee.channel, row.tax) == ("requested", CREDIT, 4_000)
    assert credit(lan) == 0


def test_nobody_collects_it_or_pays_it_by_hand(
    lan: Member, qian: User, feng: User, settings: Any
) -> None:
    row = reviewed(lan, 300 * YUAN, qian, feng)
    settings.PAYOUT_GATEWAY = "manual"
    before = picture()

    with pytest.raises(NotCollectable):
        collect(withdrawal=row, by=lan, at=NOW)
    with pytest.raises(PermissionMissing):
        claim_manual_payouts(withdrawals=[row], by=feng, at=NOW)
    assert picture() == before
    assert start_approved_payouts(at=NOW) == 1


def test_a_key_belongs_to_one_channel(lan: Member) -> None:
    row = wanted(lan, 300 * YUAN)

    assert wanted(lan, 300 * YUAN) == row
    with pytest.raises(WithdrawalKeyReused):
        asked(lan, 300 * YUAN)


def test_the_database_refuses_another_gateway(lan: Member, qian: User, feng: User) -> None:
    row = reviewed(lan, 300 * YUAN, qian, feng)
    Withdrawal.objects.filter(pk=row.pk).update(status="paying")
    fields = {
        "withdrawal": row, "out_bill_no": "x", "amount": row.net, "instruction_sha256": "x",
        "created_at": NOW,
    }  # fmt: skip

    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        Attempt.objects.create(gateway="sandbox", **fields)
    assert violated_constraint(refused.value) == "attempt_gateway_pays_channel"
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        Attempt.objects.create(gateway="ledger", **fields)
    assert violated_constraint(refused.value) == "attempt_ledger_pays_at_once"


def test_the_database_refuses_another_kind_of_payee(lan: Member, qian: User, feng: User) -> None:
    row = approved(lan, 300 * YUAN, qian, feng)
    other = Payee.objects.create(member=lan, channel=CREDIT, account_fingerprint="x", since=NOW)

    with (
        pytest.raises(IntegrityError) as refused,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "UPDATE withdrawals_withdrawal SET payee_id = %s WHERE id = %s", [other.pk, row.pk]
        )
    # The guard of approved content refuses it as well, and comes first.
    assert violated_constraint(refused.value) in {
        "withdrawal_approved_immutable", "withdrawal_conversion_immutable",
    }  # fmt: skip


def test_the_course_names_the_shop(lan: Member, qian: User, feng: User) -> None:
    row = reviewed(lan, 300 * YUAN, qian, feng)
    start_approved_payouts(at=NOW)
    row.refresh_from_db()

    assert [(step.step, step.role) for step in steps(row)] == [
        ("requested", "member"), ("approved", "operations"), ("approved", "finance"),
        ("payment_started", "shop"), ("paid", "shop"),
    ]  # fmt: skip
    assert Account.objects.filter(member=lan, asset=Asset.STORE_CREDIT).count() == 2
    assert Transfer.objects.filter(key__endswith=":issued").count() == 1
