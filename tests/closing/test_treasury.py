"""Finance posts each document once; two people correct a wallet."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from closing.models import Adjustment, Payroll, TreasuryDocument
from closing.services import (
    book_bank_payment,
    hand_over_bonuses,
    post_adjustment,
    propose_adjustment,
    refuse_adjustment,
    remit_tax,
    top_up,
    write_off,
)
from closing.services.adjustments import AdjustmentKeyReused, InvalidAdjustment
from closing.services.treasury import DocumentConflict, InvalidDocument, PaymentNotBookable
from common.errors import (
    PermissionMissing,
    ReasonRequired,
    SelfApprovalForbidden,
    violated_constraint,
)
from common.status import WrongStatus
from events.models import Event
from ledger.chart import Asset, Kind, Reason
from ledger.models import Account, Transfer
from ledger.queries import balance
from ledger.services import Source, account, platform_account, reclaim, transfer
from ledger.services.errors import InsufficientFunds
from members.models import Member, User
from tests.closing.books import EARNED, NOVEMBER, PAID, failed_controls, paid
from tests.withdrawals.factories import YUAN, approved, cash
from withdrawals.models import Attempt
from withdrawals.services import claim_manual_payouts, mark_paid

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def legs(key: str) -> tuple[str, str, int]:
    row = Transfer.objects.select_related("debit", "credit").get(key=key)
    return row.debit.kind, row.credit.kind, row.amount


def picture() -> list[Any]:
    return [
        list(model.objects.order_by("pk").values())  # type: ignore[attr-defined]
        for model in (Account, Transfer, TreasuryDocument, Adjustment, Payroll)
    ]


def test_a_top_up_moves_money_from_the_bank_to_the_provider_once(lan: Member, feng: User) -> None:
    first = top_up(document="T1", amount=500, by=feng, at=PAID)
    again = top_up(document=" T1 ", amount=500, by=feng, at=PAID + timedelta(days=1))

    assert first == again
    assert legs("top_up:T1") == ("provider_balance", "bank", 500)
    assert Transfer.objects.filter(key__startswith="top_up").count() == 1
    assert failed_controls() == {}


def test_withheld_tax_is_remitted(lan: Member, qian: User, feng: User) -> None:
    paid(lan, 1_000 * YUAN, qian, feng)

    remit_tax(document="202611", amount=4_000, by=feng, at=PAID)

    assert legs("remittance:202611") == ("tax_payable", "bank", 4_000)
    assert "tax" not in failed_controls()


def test_a_debt_is_written_off_with_a_reason(lan: Member, feng: User) -> None:
    reclaim(
        key="clawback:x", wallet=account(lan, Asset.CASH),
        credit=platform_account(Kind.COMMISSION_EXPENSE), amount=EARNED + 700,
        source=Source("test", "1"), effective_at=PAID,
    )  # fmt: skip
    given = {"document": "W1", "member": lan, "by": feng, "at": PAID}
    before = picture()
    for refusal, changes in (
        (ReasonRequired, {"amount": 700, "reason": ""}),
        (InsufficientFunds, {"amount": 701, "reason": "gone abroad"}),
    ):
        with pytest.raises(refusal), transaction.atomic():
            write_off(**given | changes)
    assert picture() == before

    write_off(**given, amount=700, reason="gone abroad")

    assert legs("write_off:W1") == ("bad_debt", "owed", 700)
    assert cash(lan) == (0, 0, 0)


@pytest.mark.parametrize(
    ("refusal", "changes"),
    [
        (DocumentConflict, {"amount": 501}),
        (InvalidDocument, {"document": " "}),
        (InvalidDocument, {"document": "x" * 65}),
        (InvalidDocument, {"document": "T2", "amount": 0}),
        (InvalidDocument, {"document": "T2", "amount": -5}),
    ],
)
def test_other_or_invalid_content_is_refused_and_nothing_moves(
    lan: Member, feng: User, refusal: type[Exception], changes: dict[str, Any]
) -> None:
    given = {"document": "T1", "amount": 500, "by": feng, "at": PAID}
    top_up(**given)
    before = picture()

    with pytest.raises(refusal):
        top_up(**given | changes)

    assert picture() == before


def test_documents_need_permission(lan: Member, qian: User) -> None:
    for verb in (top_up, remit_tax):
        with pytest.raises(PermissionMissing):
            verb(document="T1", amount=500, by=qian, at=PAID)
    assert not TreasuryDocument.objects.exists()


def test_a_manual_payment_is_booked_from_the_bank_statement(
    lan: Member, qian: User, feng: User, settings: Any
) -> None:
    settings.PAYOUT_GATEWAY = "manual"
    withdrawal = approved(lan, 300 * YUAN, qian, feng, at=PAID)
    (attempt,) = claim_manual_payouts(withdrawals=[withdrawal], by=feng, at=PAID)
    with pytest.raises(PaymentNotBookable):
        book_bank_payment(document="B1", attempt=attempt, by=feng, at=PAID)
    mark_paid(attempt=attempt, voucher=b"%PDF-1.7", by=feng, at=PAID)
    attempt = Attempt.objects.get()
    assert "statement_lines" in failed_controls()

    for _ in range(2):
        book_bank_payment(document="B1", attempt=attempt, by=feng, at=PAID)
    with pytest.raises(PaymentNotBookable):
        book_bank_payment(document="B2", attempt=attempt, by=feng, at=PAID)

    assert legs("bank_payment:B1") == ("payout_clearing", "bank", 30_000)
    assert failed_controls() == {}


def proposed(lan: Member, by: User, **other: Any) -> Adjustment:
    changes = {
        "key": "a-1", "member": lan, "asset": "cash", "direction": "to_member", "amount": 700,
        "reason": "promised on the phone", "by": by, "at": PAID,
    }  # fmt: skip
    return propose_adjustment(**changes | other)


@pytest.mark.parametrize("asset", Asset)
@pytest.mark.parametrize("direction", ["to_member", "from_member"])
def test_an_adjustment_is_posted_when_another_person_approves(
    lan: Member, feng: User, fang: User, asset: str, direction: str
) -> None:
    start = proposed(lan, feng, key="start", asset=asset)
    post_adjustment(adjustment=start, by=fang, at=PAID)
    wallet = account(lan, Asset(asset))
    before = balance(wallet)
    adjustment = proposed(lan, feng, asset=asset, direction=direction, amount=300)
    assert balance(wallet) == before

    post_adjustment(adjustment=adjustment, by=fang, at=PAID)

    assert balance(wallet) - before == (300 if direction == "to_member" else -300)
    assert Transfer.objects.get(key=f"adjustment:{adjustment.public_id}").amount == 300
    assert failed_controls() == {}
    assert Event.objects.filter(name="closing.adjustment_posted").count() == 2


def test_deciding_on_an_own_proposal_or_wallet_is_refused(
    lan: Member, feng: User, fang: User
) -> None:
    adjustment = proposed(lan, feng)
    before = picture()

    with pytest.raises(SelfApprovalForbidden):
        post_adjustment(adjustment=adjustment, by=feng, at=PAID)
    fang.member = lan
    with pytest.raises(SelfApprovalForbidden):
        post_adjustment(adjustment=adjustment, by=fang, at=PAID)
    with pytest.raises(SelfApprovalForbidden):
        proposed(lan, fang, key="a-2")
    assert picture() == before

    statement = f"""UPDATE closing_adjustment SET status = 'posted', decided_at = now(),
        decider_id = {feng.pk}, decider_member = 0"""
    with (
        pytest.raises(IntegrityError) as error,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert violated_constraint(error.value) == "adjustment_four_eyes"


def test_an_adjustment_is_decided_once(lan: Member, qian: User, feng: User, fang: User) -> None:
    adjustment = proposed(lan, feng)
    with pytest.raises(PermissionMissing):
        refuse_adjustment(adjustment=adjustment, by=qian, at=PAID)
    refuse_adjustment(adjustment=adjustment, by=fang, at=PAID)

    with pytest.raises(WrongStatus):
        post_adjustment(adjustment=adjustment, by=fang, at=PAID)
    assert not Transfer.objects.filter(reason="adjustment").exists()


def test_an_adjustment_cannot_overdraw_a_wallet(lan: Member, feng: User, fang: User) -> None:
    adjustment = proposed(lan, feng, direction="from_member", amount=EARNED * 100)

    with pytest.raises(InsufficientFunds):
        post_adjustment(adjustment=adjustment, by=fang, at=PAID)

    adjustment.refresh_from_db()
    assert adjustment.status == "proposed"


@pytest.mark.parametrize(
    ("refusal", "changes"),
    [
        (ReasonRequired, {"reason": " "}),
        (InvalidAdjustment, {"amount": 0}),
        (InvalidAdjustment, {"asset": "gold"}),
        (InvalidAdjustment, {"direction": "up"}),
        (InvalidAdjustment, {"key": ""}),
        (AdjustmentKeyReused, {"key": "a-0", "amount": 701}),
    ],
)
def test_an_invalid_proposal_is_refused(
    lan: Member, feng: User, refusal: type[Exception], changes: dict[str, Any]
) -> None:
    first = proposed(lan, feng, key="a-0")
    assert proposed(lan, feng, key="a-0") == first

    with pytest.raises(refusal):
        proposed(lan, feng, **changes)

    assert Adjustment.objects.count() == 1


def test_bonuses_are_handed_over_once_a_month(lan: Member, qian: User, feng: User) -> None:
    def bonus(key: str, amount: int) -> None:
        transfer(
            key=key, debit=platform_account(Kind.COMMISSION_EXPENSE, Asset.BONUS),
            credit=account(lan, Asset.BONUS), amount=amount, reason=Reason.COMMISSION,
            source=Source("test", key), effective_at=PAID,
        )  # fmt: skip

    bonus("b1", 700)
    with pytest.raises(PermissionMissing):
        hand_over_bonuses(month=NOVEMBER, by=qian, at=PAID)
    for _ in range(2):
        rows = hand_over_bonuses(month=NOVEMBER, by=feng, at=PAID)
        bonus("b2", 5)

    assert [(row.member, row.amount) for row in rows] == [(lan, 700)]
    assert legs(f"payroll:202611:{lan.pk}") == ("wallet", "payroll", 700)
    assert balance(account(lan, Asset.BONUS)) == 5
