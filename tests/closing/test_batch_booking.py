"""A batch that the bank shows as one debit is booked at once, payment by payment."""

from __future__ import annotations

import pytest
from django.conf import LazySettings
from django.db.models import Model

from closing.models import TreasuryDocument
from closing.services import book_bank_payment, book_batch, reverse_document
from closing.services.treasury import PaymentNotBookable
from common.errors import PermissionMissing
from ledger.chart import Kind
from ledger.models import Transfer
from ledger.queries import balance
from ledger.services import platform_account
from members.models import Member, User
from tests.closing.books import PAID, failed_controls
from tests.shop import DAY
from tests.withdrawals import factories
from tests.withdrawals.factories import YUAN
from withdrawals.models import PayoutBatch
from withdrawals.payouts.batches import BatchTotalMismatch
from withdrawals.services import create_batch, mark_batch_paid

pytestmark = pytest.mark.django_db
NET = 300 * YUAN


@pytest.fixture
def batch(lan: Member, mei: Member, qian: User, feng: User, settings: LazySettings) -> PayoutBatch:
    """Two payments of 300 yuan at the bank."""
    settings.PAYOUT_GATEWAY = "manual"
    rows = [factories.approved(who, NET, qian, feng, at=PAID) for who in (lan, mei)]
    return create_batch(withdrawals=rows, total=2 * NET, by=feng, at=PAID)


def pay(batch: PayoutBatch, by: User, *positions: int) -> None:
    keys = [line.attempt_id for line in batch.lines.filter(position__in=positions)]
    mark_batch_paid(
        batch=batch, attempts=keys, voucher=b"%PDF-1.7 " + bytes(positions),
        total=len(keys) * NET, by=by, at=PAID,
    )  # fmt: skip


def rows(*models: type[Model]) -> list[object]:
    return [list(model._default_manager.order_by("pk").values()) for model in models]


def test_one_line_of_the_bank_books_every_payment(
    batch: PayoutBatch, feng: User, fang: User
) -> None:
    pay(batch, feng, 1, 2)
    assert "statement_lines" in failed_controls(PAID + DAY)

    posted = book_batch(document="B-7", batch=batch, total=2 * NET, by=fang, at=PAID)

    assert [row.number for row in posted] == ["B-7/1", "B-7/2"]
    assert balance(platform_account(Kind.PAYOUT_CLEARING)) == 0
    assert balance(platform_account(Kind.BANK)) == 2 * NET
    assert failed_controls(PAID + DAY) == {}
    before = rows(TreasuryDocument, Transfer)
    assert book_batch(document="B-7", batch=batch, total=2 * NET, by=fang, at=PAID) == posted
    assert rows(TreasuryDocument, Transfer) == before


@pytest.mark.parametrize("total", [1, NET, 2 * NET - 1, 2 * NET + 1, 10**18])
def test_a_wrong_sum_books_nothing(batch: PayoutBatch, feng: User, total: int) -> None:
    pay(batch, feng, 1, 2)
    before = rows(TreasuryDocument, Transfer)

    with pytest.raises(BatchTotalMismatch):
        book_batch(document="B-7", batch=batch, total=total, by=feng, at=PAID)
    assert rows(TreasuryDocument, Transfer) == before


def test_payments_that_follow_later_are_booked_by_their_own_line(
    batch: PayoutBatch, feng: User
) -> None:
    with pytest.raises(PaymentNotBookable):
        book_batch(document="B-7", batch=batch, total=NET, by=feng, at=PAID)
    pay(batch, feng, 1)
    book_batch(document="B-7", batch=batch, total=NET, by=feng, at=PAID)
    pay(batch, feng, 2)

    [second] = book_batch(document="B-8", batch=batch, total=NET, by=feng, at=PAID)

    assert second.number == "B-8/2"
    with pytest.raises(PaymentNotBookable):
        book_batch(document="B-9", batch=batch, total=NET, by=feng, at=PAID)


def test_a_payment_that_is_booked_alone_is_left_out(batch: PayoutBatch, feng: User) -> None:
    pay(batch, feng, 1, 2)
    first = batch.lines.get(position=1).attempt
    book_bank_payment(document="S-1", attempt=first, by=feng, at=PAID)

    [posted] = book_batch(document="B-7", batch=batch, total=NET, by=feng, at=PAID)

    assert posted.attempt == batch.lines.get(position=2).attempt
    assert balance(platform_account(Kind.PAYOUT_CLEARING)) == 0


def test_a_reversed_document_is_booked_again(batch: PayoutBatch, feng: User, fang: User) -> None:
    pay(batch, feng, 1, 2)
    first, _second = book_batch(document="B-7", batch=batch, total=2 * NET, by=feng, at=PAID)
    reverse_document(document=first, reason="错行", by=fang, at=PAID)

    [again] = book_batch(document="B-8", batch=batch, total=NET, by=feng, at=PAID)

    assert again.number == "B-8/1"
    assert balance(platform_account(Kind.BANK)) == 2 * NET


def test_only_those_who_post_documents_book_batches(
    batch: PayoutBatch, feng: User, qian: User
) -> None:
    pay(batch, feng, 1, 2)
    before = rows(TreasuryDocument, Transfer)

    with pytest.raises(PermissionMissing):
        book_batch(document="B-7", batch=batch, total=2 * NET, by=qian, at=PAID)
    assert rows(TreasuryDocument, Transfer) == before
