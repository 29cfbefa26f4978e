"""Paid at the bank: a person takes it, pays it, and shows the voucher."""

from __future__ import annotations

import pytest
from django.conf import LazySettings

from common.status import WrongStatus
from members.models import Member, User
from tests.withdrawals.purse import DAY, NOW, YUAN, approved, cash, picture
from withdrawals.models import Attempt, Withdrawal
from withdrawals.services import (
    NotAllowed,
    NotAVoucher,
    mark_paid,
    mark_unpaid,
    pay_approved,
    pay_by_hand,
    sweep,
)

pytestmark = pytest.mark.django_db
VOUCHER = b"%PDF-1.7 paid"


@pytest.fixture
def taken(lan: Member, qian: User, feng: User, settings: LazySettings) -> Attempt:
    settings.PAYOUT_GATEWAY = "manual"
    withdrawal = approved(lan, 300 * YUAN, qian, feng)
    [attempt] = pay_by_hand(withdrawals=[withdrawal], by=feng, at=NOW)
    return attempt


def test_paid_with_a_voucher(taken: Attempt, lan: Member, feng: User) -> None:
    assert (pay_approved(at=NOW), sweep(at=NOW + DAY)) == (0, 0)

    mark_paid(attempt=taken, voucher=VOUCHER, by=feng, at=NOW + DAY)

    assert (Withdrawal.objects.get().status, cash(lan)) == ("paid", (70_000, 0, 0))
    before = picture()
    with pytest.raises(WrongStatus):
        mark_paid(attempt=taken, voucher=VOUCHER + b" again", by=feng, at=NOW + DAY)
    assert picture() == before


@pytest.mark.parametrize("voucher", [b"", b"hello", b"MZ\x90", b"%PDF-" + b"x" * 10 * 2**20])
def test_a_voucher_is_a_picture_or_a_pdf(taken: Attempt, feng: User, voucher: bytes) -> None:
    before = picture()

    with pytest.raises(NotAVoucher):
        mark_paid(attempt=taken, voucher=voucher, by=feng, at=NOW)
    assert picture() == before


def test_only_finance(taken: Attempt, qian: User) -> None:
    before = picture()

    for verb in (
        lambda: mark_paid(attempt=taken, voucher=VOUCHER, by=qian, at=NOW),
        lambda: mark_unpaid(attempt=taken, by=qian, at=NOW, reason="closed"),
        lambda: pay_by_hand(withdrawals=[], by=qian, at=NOW),
    ):
        with pytest.raises(NotAllowed):
            verb()
    assert picture() == before


def test_not_paid_after_all_it_can_be_paid_again(taken: Attempt, lan: Member, feng: User) -> None:
    mark_unpaid(attempt=taken, by=feng, at=NOW, reason="The bank is closed")
    assert (Withdrawal.objects.get().status, cash(lan)) == ("ready_to_collect", (70_000, 30_000, 0))

    [again] = pay_by_hand(withdrawals=[taken.withdrawal], by=feng, at=NOW + DAY)
    mark_paid(attempt=again, voucher=VOUCHER, by=feng, at=NOW + DAY)

    assert again.out_bill_no != taken.out_bill_no
    assert cash(lan) == (70_000, 0, 0)
