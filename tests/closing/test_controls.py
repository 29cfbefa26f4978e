"""Every control passes for sound books and reports differences otherwise."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from closing.models import Control, Difference
from closing.queries import withholding_lines
from closing.services import assign_difference, close_difference, reconcile
from closing.services.reconciliation import DifferenceClosed
from common import clock
from common.errors import PermissionMissing, ReasonRequired
from events.models import Event
from ledger.chart import Asset, Kind, Reason
from ledger.services import Source, account, platform_account, transfer
from ledger.services.maintenance import roll_up
from members.models import Member, User
from tests.closing.books import EARNED, PAID, converted, failed_controls, paid
from tests.shop import DAY
from tests.withdrawals.factories import YUAN, asked

pytestmark = pytest.mark.django_db
TODAY = clock.business_day(PAID)


def post(key: str, debit: Kind, credit: Kind, amount: int = 7) -> None:
    transfer(
        key=key, debit=platform_account(debit), credit=platform_account(credit), amount=amount,
        reason=Reason.TREASURY, source=Source("test", "1"), effective_at=PAID,
    )  # fmt: skip


def test_controls_pass_for_an_empty_shop() -> None:
    assert failed_controls() == {}


def test_controls_pass_with_open_withdrawals(lan: Member) -> None:
    asked(lan, 300 * YUAN, at=PAID)

    assert failed_controls() == {}


def test_a_payment_without_a_statement_is_found_from_the_end_of_its_day(
    lan: Member, qian: User, feng: User
) -> None:
    attempt = paid(lan, 1_000 * YUAN, qian, feng)

    assert failed_controls(PAID - DAY) == {}
    assert failed_controls() == {
        "statement_lines": [(attempt.out_bill_no, 96_000, 0)],
        "statements": [("sandbox", 1, 0)],
    }


def test_a_conversion_needs_no_statement_and_all_controls_pass(
    lan: Member, qian: User, feng: User
) -> None:
    converted(lan, 1_000 * YUAN, qian, feng)

    assert failed_controls() == {}
    assert [line.sums.income for line in withholding_lines(TODAY.replace(day=1))] == [100_000]


def test_a_conversion_whose_credit_went_elsewhere_is_found(
    lan: Member, qian: User, feng: User
) -> None:
    row = converted(lan, 1_000 * YUAN, qian, feng)
    mei = Member.objects.get(nickname="Mei")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE ledger_transfer DISABLE TRIGGER USER")
        cursor.execute(
            "UPDATE ledger_transfer SET credit_id = %s WHERE key LIKE '%%:issued'",
            [account(mei, "store_credit").pk],
        )
        cursor.execute("ALTER TABLE ledger_transfer ENABLE TRIGGER USER")

    found = failed_controls()
    assert found["conversion"] == [(f"withdrawal {row.public_id}", 96_000, 0)]
    assert "accounts" in found


def test_converted_cash_without_a_withdrawal_is_found(lan: Member) -> None:
    post("a", Kind.BANK, Kind.CONVERSION)

    assert failed_controls() == {"conversion": [("withdrawal 1", 0, 7)]}


def test_issued_credit_without_a_withdrawal_is_found(lan: Member) -> None:
    transfer(
        key="x", debit=platform_account(Kind.ISSUED, Asset.STORE_CREDIT),
        credit=account(lan, "store_credit"), amount=7, reason=Reason.CONVERSION,
        source=Source("test", "1"), effective_at=PAID,
    )  # fmt: skip

    assert failed_controls() == {"expense": [("store_credit", 0, 7)]}


def test_held_money_without_a_withdrawal_is_found(lan: Member) -> None:
    transfer(
        key="x", debit=account(lan, "cash"), credit=account(lan, "cash", Kind.HELD), amount=7,
        reason=Reason.HOLD, source=Source("test", "1"), effective_at=PAID,
    )  # fmt: skip

    assert failed_controls() == {"held": [(lan.public_id, 0, 7)]}


@pytest.mark.parametrize(
    ("kind", "control", "subject"),
    [
        (Kind.PAYOUT_CLEARING, "clearing", "payout_clearing"),
        (Kind.TAX_PAYABLE, "tax", "tax_payable"),
        (Kind.SUSPENSE, "suspense", "suspense"),
    ],
)
def test_unexplained_balances_are_found(kind: Kind, control: str, subject: str) -> None:
    post("a", Kind.BANK, kind, 5)
    roll_up_done = roll_up()
    post("b", Kind.BANK, kind, 2)

    assert roll_up_done
    assert failed_controls() == {control: [(subject, 0, 7)]}


def test_expense_without_a_commission_is_found(lan: Member) -> None:
    post("a", Kind.COMMISSION_EXPENSE, Kind.BANK)
    both = EARNED + EARNED // 2

    assert failed_controls() == {"expense": [("cash", both, both + 7)]}


def test_a_difference_stays_one_row_until_it_is_closed(lan: Member, qian: User, feng: User) -> None:
    post("a", Kind.BANK, Kind.TAX_PAYABLE)
    reconcile(day=TODAY, at=PAID)
    reconcile(day=TODAY, at=PAID + DAY)
    (row,) = Difference.objects.all()
    assert (row.control, row.expected, row.actual, row.disappeared_at) == ("tax", 0, 7, None)
    assert (row.first_seen, row.last_seen) == (PAID, PAID + DAY)

    assign_difference(difference=row, to=feng, by=feng, at=PAID)
    post("b", Kind.TAX_PAYABLE, Kind.BANK)
    reconcile(day=TODAY, at=PAID + 2 * DAY)
    row.refresh_from_db()
    assert (row.assignee, row.disappeared_at) == (feng, PAID + 2 * DAY)

    close_difference(difference=row, reason="typed twice", by=feng, at=PAID + 2 * DAY)
    post("c", Kind.BANK, Kind.TAX_PAYABLE)
    reconcile(day=TODAY, at=PAID + 3 * DAY)
    assert Difference.objects.filter(closed_at=None).count() == 1
    assert Difference.objects.count() == 2
    assert Event.objects.filter(name="closing.difference_closed").get().data["reason"]


def test_closing_a_difference_needs_permission_and_reason_and_happens_once(
    lan: Member, qian: User, feng: User
) -> None:
    post("a", Kind.BANK, Kind.TAX_PAYABLE)
    reconcile(day=TODAY, at=PAID)
    row = Difference.objects.get()

    for refusal, changes in ((PermissionMissing, {"by": qian}), (ReasonRequired, {"reason": "  "})):
        with pytest.raises(refusal):
            close_difference(**{"difference": row, "reason": "x", "by": feng, "at": PAID} | changes)
    row.refresh_from_db()
    assert row.closed_at is None

    close_difference(difference=row, reason="x", by=feng, at=PAID)
    with pytest.raises(DifferenceClosed):
        assign_difference(difference=row, to=feng, by=feng, at=PAID)
    for statement in (
        "UPDATE closing_difference SET reason = 'y'",
        "DELETE FROM closing_difference",
    ):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_the_command_prints_every_control_and_fails_on_a_difference(lan: Member) -> None:
    out, err = StringIO(), StringIO()
    call_command("reconcile", "--day", str(TODAY), stdout=out, stderr=err)
    assert out.getvalue().count("✓") == len(Control)

    post("a", Kind.BANK, Kind.TAX_PAYABLE)
    with pytest.raises(SystemExit) as ended:
        call_command("reconcile", "--day", str(TODAY), stdout=out, stderr=err)

    assert ended.value.code == 1
    assert "tax_payable" in out.getvalue()
    assert Difference.objects.count() == 1
    assert Event.objects.filter(name="closing.reconciled").count() == 2


def test_a_tampered_account_is_found(lan: Member) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE ledger_account DISABLE TRIGGER ALL")
        cursor.execute(
            "UPDATE ledger_account SET balance = balance + 1 WHERE member_id = %s AND kind ="
            " 'wallet' AND asset = 'cash'", [lan.pk],
        )  # fmt: skip
        cursor.execute("ALTER TABLE ledger_account ENABLE TRIGGER ALL")

    assert list(failed_controls()) == ["accounts"]
