"""Corrections, late documents and returned money do not block the close of a month."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction

from closing.controls import findings
from closing.models import ProviderStatement, StatementLine, TreasuryDocument
from closing.queries import member_statement, withholding_lines, withholding_totals
from closing.services import (
    book_bank_payment,
    book_bank_return,
    clear_as_bank_transfer,
    fetch_statement,
    hand_over_bonuses,
    match_suspended,
    missing_days,
    remit_tax,
    reverse_document,
    sign_month,
    top_up,
    write_off,
)
from closing.services.month_close import ControlsFailed, PaymentsInProgress
from closing.services.payroll import PayrollMonthNotStarted
from closing.services.reversal import DocumentNotReversible
from closing.services.statement_fetch import DayNotFinished
from closing.services.statement_import import record_empty_statement
from closing.services.treasury import ExceedsTaxPayable, LineBelongsToPayment, PaymentNotBookable
from common.clock import business_day
from common.errors import SelfApprovalForbidden
from distribution.models import Distributor
from distribution.services import change_status
from ledger.chart import Asset, Kind, Reason
from ledger.models import Period
from ledger.queries import balance
from ledger.services import Source, account, platform_account, reclaim, transfer
from ledger.services.periods import MonthOutOfOrder
from members.models import Member, User
from tests.cast import link
from tests.closing.books import DECEMBER, NOVEMBER, PAID, failed_controls, paid
from tests.closing.statements import StatementFile, import_file
from tests.shop import DAY
from tests.withdrawals.factories import YUAN, approved, cash, picture
from withdrawals.gateways.sandbox import SandboxGateway
from withdrawals.models import Attempt, Withdrawal
from withdrawals.services import (
    change_policy,
    claim_manual_payouts,
    mark_paid,
    mark_returned,
    process_due_attempts,
    start_payout,
)

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
VOUCHER = b"%PDF-1.7 paid"
SHANGHAI = ZoneInfo("Asia/Shanghai")
LAST_NIGHT = datetime(2026, 11, 30, 23, 50, tzinfo=SHANGHAI)
NEXT_MORNING = datetime(2026, 12, 1, 9, tzinfo=SHANGHAI)
THE_30TH = date(2026, 11, 30)


@pytest.fixture
def by_hand(lan: Member, qian: User, feng: User, settings: Any) -> tuple[Withdrawal, Attempt]:
    """Return a manual payment of 1,000 yuan to Lan, with 40 yuan of tax."""
    settings.PAYOUT_GATEWAY = "manual"
    change_policy(by=feng, at=PAID, regime="labor_per_payment")
    withdrawal = approved(lan, 1_000 * YUAN, qian, feng, at=PAID)
    (attempt,) = claim_manual_payouts(withdrawals=[withdrawal], by=feng, at=PAID)
    mark_paid(attempt=attempt, voucher=VOUCHER, by=feng, at=PAID)
    return Withdrawal.objects.get(), Attempt.objects.get()


def returned(withdrawal: Withdrawal, by: User, *, at: datetime) -> None:
    mark_returned(withdrawal=withdrawal, voucher=VOUCHER + b" back", by=by, at=at)


def failed_controls_on(day: date) -> set[str]:
    return {control.value for control, rows in findings(day).items() if rows}


class TestReturnedPayments:
    def test_a_booked_payment_is_returned_to_the_bank(
        self, by_hand: tuple[Withdrawal, Attempt], feng: User, fang: User
    ) -> None:
        withdrawal, attempt = by_hand
        book_bank_payment(document="B1", attempt=attempt, by=feng, at=PAID)
        with pytest.raises(PaymentNotBookable):
            book_bank_return(document="B2", attempt=attempt, by=feng, at=PAID)

        returned(withdrawal, fang, at=PAID + DAY)
        assert failed_controls(PAID + DAY) == {
            "statement_lines": [(attempt.out_bill_no, 0, 96_000)]
        }
        for _ in range(2):
            book_bank_return(document="B2", attempt=attempt, by=feng, at=PAID + DAY)

        assert failed_controls(PAID + DAY) == {}
        assert (
            balance(platform_account(Kind.PAYOUT_CLEARING))
            == balance(platform_account(Kind.BANK))
            == 0
        )

    def test_a_payment_that_was_never_booked_needs_no_document(
        self, by_hand: tuple[Withdrawal, Attempt], fang: User
    ) -> None:
        returned(by_hand[0], fang, at=PAID + DAY)

        assert failed_controls(PAID + DAY) == {}

    def test_a_return_in_the_same_month_removes_the_income(
        self, by_hand: tuple[Withdrawal, Attempt], fang: User
    ) -> None:
        assert withholding_totals(withholding_lines(NOVEMBER)).withheld == 4_000

        returned(by_hand[0], fang, at=PAID + DAY)

        assert withholding_lines(NOVEMBER) == []

    def test_a_later_return_is_deducted_in_its_own_month(
        self, by_hand: tuple[Withdrawal, Attempt], lan: Member, feng: User, fang: User
    ) -> None:
        withdrawal, attempt = by_hand
        book_bank_payment(document="B1", attempt=attempt, by=feng, at=PAID)
        for user in (feng, fang):
            sign_month(month=NOVEMBER, by=user, at=DECEMBER)
        filed = withholding_totals(withholding_lines(NOVEMBER))

        returned(withdrawal, fang, at=DECEMBER + DAY)
        book_bank_return(document="B2", attempt=attempt, by=feng, at=DECEMBER + DAY)

        assert withholding_totals(withholding_lines(NOVEMBER)) == filed
        assert len(member_statement(lan, NOVEMBER).paid) == 1
        [back] = withholding_lines(date(2026, 12, 1))
        assert (back.sums.income, back.sums.withheld, back.sums.net) == (-100_000, -4_000, -96_000)
        assert failed_controls(DECEMBER + DAY) == {}


class TestTopUpsAtMidnight:
    def test_a_top_up_is_posted_before_its_statement(self, lan: Member, feng: User) -> None:
        statement_file = StatementFile(at=LAST_NIGHT).add_top_up(10_000 * YUAN, number="T1")
        top_up(document="T1", amount=10_000 * YUAN, by=feng, at=NEXT_MORNING)

        import_file(statement_file, at=NEXT_MORNING + timedelta(hours=2))

        assert failed_controls_on(THE_30TH) == set()

    def test_a_top_up_is_booked_by_the_provider_on_the_next_day(
        self, lan: Member, feng: User
    ) -> None:
        top_up(document="T0", amount=500 * YUAN, by=feng, at=LAST_NIGHT)
        top_up(document="T1", amount=10_000 * YUAN, by=feng, at=LAST_NIGHT)
        import_file(
            StatementFile(at=LAST_NIGHT).add_top_up(500 * YUAN, number="T0"), at=NEXT_MORNING
        )
        assert failed_controls_on(THE_30TH) == {"provider"}, "in transit"

        later = StatementFile(at=NEXT_MORNING, balance=500 * YUAN).add_top_up(
            10_000 * YUAN, number="T1"
        )
        import_file(later, at=NEXT_MORNING + DAY)

        assert failed_controls_on(THE_30TH) == failed_controls_on(date(2026, 12, 1)) == set()


class TestDocumentReversal:
    def test_another_person_reverses_and_the_number_is_free_again(
        self, lan: Member, feng: User, fang: User
    ) -> None:
        document = top_up(document="T1", amount=100_000 * YUAN, by=feng, at=PAID)
        import_file(StatementFile().add_top_up(10_000 * YUAN, number="T1"))
        assert set(failed_controls()) == {"statement_lines", "provider"}

        reverse_document(document=document, reason="a zero too many", by=fang, at=PAID + DAY)
        top_up(document="T1", amount=10_000 * YUAN, by=feng, at=PAID + DAY)

        assert failed_controls() == {}
        assert StatementLine.objects.get().status == "cleared"
        assert balance(platform_account(Kind.PROVIDER_BALANCE)) == -10_000 * YUAN

    def test_a_refused_reversal_moves_nothing(self, lan: Member, feng: User, fang: User) -> None:
        right = top_up(document="T1", amount=10_000 * YUAN, by=feng, at=PAID)
        import_file(StatementFile().add_top_up(10_000 * YUAN, number="T1"))
        document = top_up(document="T2", amount=5, by=feng, at=PAID)
        before = picture()

        with pytest.raises(SelfApprovalForbidden):
            reverse_document(document=document, reason="oops", by=feng, at=PAID)
        with pytest.raises(DocumentNotReversible):
            reverse_document(document=right, reason="oops", by=fang, at=PAID)
        assert picture() == before
        reverse_document(document=document, reason="oops", by=fang, at=PAID)
        with pytest.raises(DocumentNotReversible):
            reverse_document(document=document, reason="oops", by=fang, at=PAID)

    def test_a_payment_is_not_reversible_while_its_return_is_booked(
        self, by_hand: tuple[Withdrawal, Attempt], feng: User, fang: User
    ) -> None:
        withdrawal, attempt = by_hand
        payment = book_bank_payment(document="B1", attempt=attempt, by=feng, at=PAID)
        returned(withdrawal, fang, at=PAID + DAY)
        back = book_bank_return(document="B2", attempt=attempt, by=feng, at=PAID + DAY)

        with pytest.raises(DocumentNotReversible):
            reverse_document(document=payment, reason="oops", by=fang, at=PAID + DAY)
        reverse_document(document=back, reason="oops", by=fang, at=PAID + DAY)
        reverse_document(document=payment, reason="oops", by=fang, at=PAID + DAY)

        assert failed_controls(PAID + DAY) == {}

    def test_the_database_requires_two_people_and_one_reversal(
        self, lan: Member, feng: User, fang: User
    ) -> None:
        document = top_up(document="T1", amount=5, by=feng, at=PAID)
        row = TreasuryDocument.objects.filter(pk=document.pk)
        reversal = {
            "reversed_by": feng, "reversed_by_member": 0, "reversed_at": PAID,
            "reversal_reason": "oops",
        }  # fmt: skip

        for changes in (reversal, {"amount": 6}, {"reversed_at": PAID}):
            with pytest.raises(IntegrityError), transaction.atomic():
                row.update(**changes)
        reverse_document(document=document, reason="oops", by=fang, at=PAID)
        with pytest.raises(IntegrityError), transaction.atomic():
            row.update(
                reversed_by=None, reversed_by_member=None, reversed_at=None, reversal_reason=""
            )


class TestLimits:
    def test_only_payable_tax_is_remitted(
        self, by_hand: tuple[Withdrawal, Attempt], feng: User
    ) -> None:
        before = picture()
        with pytest.raises(ExceedsTaxPayable):
            remit_tax(document="R1", amount=4_001, by=feng, at=PAID)
        assert picture() == before
        assert not TreasuryDocument.objects.exists()

        for _ in range(2):
            remit_tax(document="R1", amount=4_000, by=feng, at=PAID)
        with pytest.raises(ExceedsTaxPayable):
            remit_tax(document="R2", amount=1, by=feng, at=PAID)

    def test_nobody_writes_off_their_own_debt(self, lan: Member, feng: User) -> None:
        reclaim(
            key="clawback:x", wallet=account(lan, Asset.CASH),
            credit=platform_account(Kind.COMMISSION_EXPENSE), amount=600_000,
            source=Source("test", "1"), effective_at=PAID,
        )  # fmt: skip
        link(feng, lan)
        before = picture()

        with pytest.raises(SelfApprovalForbidden):
            write_off(
                document="W1", member=lan, amount=cash(lan)[2], reason="mine",
                by=User.objects.get(pk=feng.pk), at=PAID,
            )  # fmt: skip
        assert picture() == before

    def test_bonuses_of_frozen_distributors_and_future_months_are_not_handed_over(
        self, lan: Member, qian: User, feng: User
    ) -> None:
        transfer(
            key="b", debit=platform_account(Kind.COMMISSION_EXPENSE, Asset.BONUS),
            credit=account(lan, Asset.BONUS), amount=700, reason=Reason.COMMISSION,
            source=Source("test", "1"), effective_at=PAID,
        )  # fmt: skip
        with pytest.raises(PayrollMonthNotStarted):
            hand_over_bonuses(month=date(2026, 12, 1), by=feng, at=PAID)
        person = Distributor.objects.get(member=lan)
        words: dict[str, Any] = {"distributor": person, "by": qian, "at": PAID, "reason": "odd"}
        change_status(to=Distributor.Status.FROZEN, **words)
        assert hand_over_bonuses(month=NOVEMBER, by=feng, at=PAID) == []

        change_status(to=Distributor.Status.ACTIVE, **words)
        [row] = hand_over_bonuses(month=NOVEMBER, by=feng, at=PAID)
        assert row.amount == 700

    @pytest.mark.parametrize("remark", ["佣金\u3000十一月", "a\u00a0b"])
    def test_unusual_spaces_are_accepted_in_statements(self, lan: Member, remark: str) -> None:
        import_file(StatementFile().add(500, kind="充值", number="T1", remark=remark))

        assert StatementLine.objects.get().remark == remark


def test_a_line_of_our_own_payment_cannot_be_cleared_manually(
    lan: Member, qian: User, feng: User, sandbox: SandboxGateway
) -> None:
    top_up(document="T1", amount=10_000 * YUAN, by=feng, at=PAID)
    attempt = start_payout(withdrawal=approved(lan, 1_000 * YUAN, qian, feng, at=PAID), at=PAID)
    assert attempt
    process_due_attempts(at=PAID)
    import_file(StatementFile().add_top_up(10_000 * YUAN, number="T1").paid(attempt))
    row = StatementLine.objects.get(voucher=attempt.out_bill_no)
    before = picture()

    with pytest.raises(LineBelongsToPayment):
        clear_as_bank_transfer(row=row, reason="to the bank", by=feng, at=PAID + DAY)
    assert picture() == before

    process_due_attempts(at=PAID + DAY)
    assert match_suspended(at=PAID + DAY) == 1
    assert failed_controls_on(PAID.date()) == set()


class TestMissingStatements:
    def test_a_month_is_not_closed_without_its_last_statement(
        self, lan: Member, qian: User, feng: User
    ) -> None:
        attempt = paid(lan, 1_000 * YUAN, qian, feng)
        top_up(document="T1", amount=10_000 * YUAN, by=feng, at=PAID)
        import_file(StatementFile().add_top_up(10_000 * YUAN, number="T1").paid(attempt))
        assert failed_controls() == {}

        with pytest.raises(ControlsFailed) as refusal:
            sign_month(month=NOVEMBER, by=feng, at=DECEMBER)
        assert refusal.value.data["controls"] == ["statements"]
        assert len(missing_days(until=THE_30TH)) == 17

        for _name, day in missing_days(until=THE_30TH):
            assert fetch_statement(day=day, at=DECEMBER) is None, "nothing moved"
        assert missing_days(until=THE_30TH) == []
        sign_month(month=NOVEMBER, by=feng, at=DECEMBER)

    def test_a_statement_after_an_empty_one_counts(
        self, lan: Member, qian: User, feng: User
    ) -> None:
        attempt = paid(lan, 1_000 * YUAN, qian, feng)
        day = business_day(PAID)
        record_empty_statement(day=day, gateway="sandbox", at=PAID + DAY)
        assert failed_controls_on(day) == {"statement_lines"}

        for _ in range(2):
            import_file(StatementFile(balance=96_000).add(0 - 96_000, ours=attempt.out_bill_no))

        assert failed_controls_on(day) == {"provider"}, "no top-up covers the payment"
        assert ProviderStatement.objects.filter(day=day).count() == 2

    def test_a_late_statement_and_empty_days_after_it_agree(
        self, lan: Member, qian: User, feng: User
    ) -> None:
        attempt = paid(lan, 1_000 * YUAN, qian, feng)
        top_up(document="T1", amount=10_000 * YUAN, by=feng, at=PAID)
        for days in (1, 2):
            day = business_day(PAID + days * DAY)
            record_empty_statement(day=day, gateway="sandbox", at=PAID + 4 * DAY)

        import_file(StatementFile().add_top_up(10_000 * YUAN, number="T1").paid(attempt))

        assert failed_controls_on(business_day(PAID + 2 * DAY)) == set()
        top_up(document="T2", amount=5, by=feng, at=PAID + DAY)
        assert failed_controls_on(business_day(PAID + 2 * DAY)) == {"provider"}

    def test_a_former_gateway_needs_no_statements_after_its_last_payment(
        self, lan: Member, qian: User, feng: User, settings: Any
    ) -> None:
        attempt = paid(lan, 1_000 * YUAN, qian, feng)
        top_up(document="T1", amount=10_000 * YUAN, by=feng, at=PAID)
        import_file(StatementFile().add_top_up(10_000 * YUAN, number="T1").paid(attempt))
        assert failed_controls_on(THE_30TH) == {"statements"}

        settings.PAYOUT_GATEWAY = "manual"

        assert failed_controls_on(THE_30TH) == set()
        assert missing_days(until=THE_30TH) == []

    def test_today_has_no_statement_yet(self, lan: Member) -> None:
        with pytest.raises(DayNotFinished):
            fetch_statement(day=business_day(PAID), at=PAID)
        assert not ProviderStatement.objects.exists()

    def test_manual_payments_need_no_statements(
        self, by_hand: tuple[Withdrawal, Attempt], feng: User
    ) -> None:
        book_bank_payment(document="B1", attempt=by_hand[1], by=feng, at=PAID)

        assert missing_days(until=THE_30TH) == []
        sign_month(month=NOVEMBER, by=feng, at=DECEMBER)


def test_returned_money_under_our_number_can_be_cleared(
    lan: Member, qian: User, feng: User
) -> None:
    attempt = paid(lan, 1_000 * YUAN, qian, feng)
    top_up(document="T1", amount=10_000 * YUAN, by=feng, at=PAID)
    import_file(StatementFile().add_top_up(10_000 * YUAN, number="T1").paid(attempt))
    back = StatementFile(balance=904_000, at=PAID + DAY).add(96_000, ours=attempt.out_bill_no)
    import_file(back, at=PAID + 2 * DAY)

    clear_as_bank_transfer(
        row=StatementLine.objects.get(status="suspended"), reason="back", by=feng, at=PAID + 2 * DAY
    )

    assert failed_controls_on(business_day(PAID + DAY)) == set()


def test_tomorrows_suspense_does_not_fail_todays_control(lan: Member, feng: User) -> None:
    top_up(document="T1", amount=500, by=feng, at=PAID)
    import_file(StatementFile().add_top_up(500, number="T1"))
    import_file(StatementFile(balance=500, at=PAID + DAY).add(-5, number="X1"), at=PAID + 2 * DAY)

    assert failed_controls_on(business_day(PAID)) == set()
    assert "statement_lines" in failed_controls_on(business_day(PAID + DAY))


def test_a_reposted_number_does_not_collide_with_a_similar_number(
    lan: Member, feng: User, fang: User
) -> None:
    for amount in (5, 6, 7):
        document = top_up(document="X", amount=amount, by=feng, at=PAID)
        reverse_document(document=document, reason="oops", by=fang, at=PAID)
    for number in ("X:1", "X#1", "X:2"):
        top_up(document=number, amount=5, by=feng, at=PAID)
    top_up(document=" X ", amount=8, by=feng, at=PAID)

    assert TreasuryDocument.objects.active().count() == 4


def test_a_month_with_a_payment_in_progress_cannot_be_signed(
    lan: Member, qian: User, feng: User, sandbox: SandboxGateway
) -> None:
    change_policy(by=feng, at=PAID, regime="labor_per_payment")
    start_payout(withdrawal=approved(lan, 1_000 * YUAN, qian, feng, at=LAST_NIGHT), at=LAST_NIGHT)
    process_due_attempts(at=LAST_NIGHT)

    with pytest.raises(PaymentsInProgress):
        sign_month(month=NOVEMBER, by=feng, at=NEXT_MORNING)
    assert not Period.objects.exists()


def test_the_earlier_of_two_open_months_is_signed_first(lan: Member, feng: User) -> None:
    transfer(
        key="x", debit=platform_account(Kind.BANK), credit=platform_account(Kind.TAX_PAYABLE),
        amount=7, reason=Reason.TREASURY, source=Source("test", "1"), effective_at=PAID,
    )  # fmt: skip

    with pytest.raises(MonthOutOfOrder):
        sign_month(month=date(2026, 12, 1), by=feng, at=DECEMBER + 31 * DAY)
