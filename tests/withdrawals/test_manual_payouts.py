"""Manual payments: claimed, paid at the bank and proven by a voucher."""

from __future__ import annotations

import pytest
from django.conf import LazySettings

from closing.controls import Control, findings
from common.errors import PermissionMissing
from common.status import WrongStatus
from events.models import Event
from ledger.chart import Kind
from ledger.queries import balance
from ledger.services import platform_account
from members.models import Member, User
from members.pictures import PictureTooLarge, PictureUnreadable
from tests.cast import link, staff
from tests.members.pictures import picture as photo
from tests.members.pictures import png_of
from tests.withdrawals.factories import DAY, NOW, YUAN, approved, cash, finance, picture
from withdrawals.errors import (
    InvalidVoucher,
    NotCollectable,
    SelfApprovalForbidden,
    VoucherAlreadyUsed,
)
from withdrawals.gateways.sandbox import SandboxGateway
from withdrawals.models import Attempt, TaxEntry, Withdrawal
from withdrawals.services import (
    alarm_overdue_payouts,
    change_policy,
    claim_manual_payouts,
    collect,
    mark_paid,
    mark_returned,
    mark_unpaid,
    process_due_attempts,
    start_approved_payouts,
)

pytestmark = pytest.mark.django_db
VOUCHER = b"%PDF-1.7 paid"


@pytest.fixture
def claimed(lan: Member, qian: User, feng: User, settings: LazySettings) -> Attempt:
    settings.PAYOUT_GATEWAY = "manual"
    withdrawal = approved(lan, 300 * YUAN, qian, feng)
    [attempt] = claim_manual_payouts(withdrawals=[withdrawal], by=feng, at=NOW)
    return attempt


def test_a_manual_payment_is_marked_paid_with_a_voucher(
    claimed: Attempt, lan: Member, feng: User
) -> None:
    assert (start_approved_payouts(at=NOW), process_due_attempts(at=NOW + DAY)) == (0, 0)

    mark_paid(attempt=claimed, voucher=VOUCHER, by=feng, at=NOW + DAY)

    assert (Withdrawal.objects.get().status, cash(lan)) == ("paid", (70_000, 0, 0))
    before = picture()
    with pytest.raises(WrongStatus):
        mark_paid(attempt=claimed, voucher=VOUCHER + b" again", by=feng, at=NOW + DAY)
    assert picture() == before


@pytest.mark.parametrize("voucher", [b"", b"hello", b"MZ\x90", b"%PDF-" + b"x" * 10 * 2**20])
def test_a_voucher_is_a_picture_or_a_pdf(claimed: Attempt, feng: User, voucher: bytes) -> None:
    before = picture()

    with pytest.raises(InvalidVoucher):
        mark_paid(attempt=claimed, voucher=voucher, by=feng, at=NOW)
    assert picture() == before


@pytest.mark.parametrize(
    ("voucher", "refusal"),
    [
        (photo("PNG")[:40], PictureUnreadable),
        (b"\xff\xd8\xff" + b"\0" * 100, PictureUnreadable),
        (png_of(65_535, 65_535), PictureTooLarge),
    ],
)
def test_a_picture_that_shows_nothing_proves_nothing(
    claimed: Attempt, feng: User, voucher: bytes, refusal: type[Exception]
) -> None:
    before = picture()

    with pytest.raises(refusal):
        mark_paid(attempt=claimed, voucher=voucher, by=feng, at=NOW)
    assert picture() == before


def test_a_photo_of_the_receipt_proves_the_payment(claimed: Attempt, feng: User) -> None:
    mark_paid(attempt=claimed, voucher=photo(), by=feng, at=NOW)

    assert Withdrawal.objects.get().status == "paid"


def test_only_finance_marks_manual_payments(claimed: Attempt, qian: User) -> None:
    before = picture()

    for verb in (
        lambda: mark_paid(attempt=claimed, voucher=VOUCHER, by=qian, at=NOW),
        lambda: mark_unpaid(attempt=claimed, by=qian, at=NOW, reason="closed"),
        lambda: claim_manual_payouts(withdrawals=[], by=qian, at=NOW),
    ):
        with pytest.raises(PermissionMissing):
            verb()
    assert picture() == before


def test_a_payment_marked_unpaid_can_be_paid_again(
    claimed: Attempt, lan: Member, feng: User
) -> None:
    mark_unpaid(attempt=claimed, by=feng, at=NOW, reason="The bank is closed")
    assert (Withdrawal.objects.get().status, cash(lan)) == ("ready_to_collect", (70_000, 30_000, 0))

    [again] = claim_manual_payouts(withdrawals=[claimed.withdrawal], by=feng, at=NOW + DAY)
    mark_paid(attempt=again, voucher=VOUCHER, by=feng, at=NOW + DAY)

    assert again.out_bill_no != claimed.out_bill_no
    assert cash(lan) == (70_000, 0, 0)


def test_nobody_decides_on_their_own_payment(claimed: Attempt, lan: Member, feng: User) -> None:
    link(feng, lan)
    before = picture()

    for verb in (
        lambda: mark_paid(attempt=claimed, voucher=VOUCHER, by=feng, at=NOW),
        lambda: mark_unpaid(attempt=claimed, by=feng, at=NOW, reason="closed"),
        lambda: claim_manual_payouts(withdrawals=[claimed.withdrawal], by=feng, at=NOW),
    ):
        with pytest.raises(SelfApprovalForbidden):
            verb()
    assert picture() == before


def test_claims_need_the_manual_gateway(
    lan: Member, qian: User, feng: User, sandbox: SandboxGateway
) -> None:
    withdrawal = approved(lan, 300 * YUAN, qian, feng)

    with pytest.raises(PermissionMissing):
        claim_manual_payouts(withdrawals=[withdrawal], by=feng, at=NOW)


def test_members_do_not_collect_manual_payments(claimed: Attempt, lan: Member, feng: User) -> None:
    mark_unpaid(attempt=claimed, by=feng, at=NOW, reason="The bank is closed")
    before = picture()

    with pytest.raises(NotCollectable):
        collect(withdrawal=claimed.withdrawal, by=lan, at=NOW)
    assert picture() == before


def test_a_voucher_proves_one_payment(claimed: Attempt, lan: Member, feng: User) -> None:
    mark_paid(attempt=claimed, voucher=VOUCHER, by=feng, at=NOW)

    wei = finance(staff("Wei"))
    with pytest.raises(VoucherAlreadyUsed):
        mark_returned(withdrawal=claimed.withdrawal, voucher=VOUCHER, by=wei, at=NOW)
    assert cash(lan) == (70_000, 0, 0)


def test_a_returned_payment_credits_net_tax_and_fee(
    lan: Member, qian: User, feng: User, settings: LazySettings
) -> None:
    settings.PAYOUT_GATEWAY = "manual"
    change_policy(by=feng, at=NOW, fee=100, regime="labor_per_payment")
    withdrawal = approved(lan, 1_000 * YUAN, qian, feng)
    [attempt] = claim_manual_payouts(withdrawals=[withdrawal], by=feng, at=NOW)
    mark_paid(attempt=attempt, voucher=VOUCHER, by=feng, at=NOW)

    with pytest.raises(SelfApprovalForbidden):
        mark_returned(withdrawal=withdrawal, voucher=VOUCHER + b" back", by=feng, at=NOW)
    wei = finance(staff("Wei"))
    mark_returned(withdrawal=withdrawal, voucher=VOUCHER + b" back", by=wei, at=NOW + DAY)

    assert (Withdrawal.objects.get().status, cash(lan)) == ("returned", (100_000, 0, 0))
    sums = [balance(platform_account(kind)) for kind in (
        Kind.PAYOUT_CLEARING, Kind.TAX_PAYABLE, Kind.FEE_INCOME,
    )]  # fmt: skip
    assert sums == [0, 0, 0]
    assert TaxEntry.objects.get().released_at == NOW + DAY
    differing = {name for name, rows in findings((NOW + 2 * DAY).date()).items() if rows}
    assert differing <= {Control.EXPENSE}, "what was earned here was no commission"
    with pytest.raises(WrongStatus):
        mark_returned(withdrawal=withdrawal, voucher=VOUCHER + b" more", by=wei, at=NOW + DAY)


def test_a_manual_payment_without_voucher_is_reported_overdue(claimed: Attempt) -> None:
    for days in (1, 2, 3):
        alarm_overdue_payouts(at=NOW + days * DAY + DAY / 2)

    event = Event.objects.get(name="withdrawals.payout_overdue")
    assert (event.subject_id, event.data) == (claimed.out_bill_no, {"hours": 26})


def test_the_people_of_a_payment_cannot_mark_it_returned(
    lan: Member, qian: User, feng: User, settings: LazySettings
) -> None:
    settings.PAYOUT_GATEWAY = "manual"
    withdrawal = approved(lan, 300 * YUAN, qian, feng)
    wei, fang = finance(staff("Wei")), finance(staff("Fang"))
    [attempt] = claim_manual_payouts(withdrawals=[withdrawal], by=wei, at=NOW)
    mark_paid(attempt=attempt, voucher=VOUCHER, by=fang, at=NOW)
    before = picture()

    for who in (feng, wei, fang):
        with pytest.raises(SelfApprovalForbidden):
            mark_returned(withdrawal=withdrawal, voucher=VOUCHER + b"2", by=who, at=NOW)
    assert picture() == before
    mark_returned(withdrawal=withdrawal, voucher=VOUCHER + b"2", by=finance(staff("Jin")), at=NOW)
