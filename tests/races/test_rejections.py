"""A rejection by operations while finance approves: the approval that commits first counts."""

from __future__ import annotations

from functools import partial

import pytest

from ledger import proof
from members.models import Member, User
from tests.cast import member, staff
from tests.concurrency import run_during_transaction
from tests.withdrawals.factories import NOW, YUAN, asked, cash, finance, operations, ready
from withdrawals.cash_accounts import lock_cash_accounts
from withdrawals.errors import RejectionAfterFinance
from withdrawals.models import RejectionReason, Withdrawal
from withdrawals.requests import review
from withdrawals.services import approve_as_finance, approve_as_operations, reject


@pytest.fixture
def lan(committed: str) -> Member:
    return ready(member("Lan"), 1_000 * YUAN)


@pytest.fixture
def qian(committed: str) -> User:
    return operations(staff("Qian"))


def both(lan: Member, qian: User) -> list[object]:
    """Reject as operations during the transaction in which finance approves."""
    row = asked(lan, 300 * YUAN)
    approve_as_operations(withdrawal=row, by=qian, at=NOW)
    odd = RejectionReason.objects.create(code="odd", label="Odd")
    shown, feng = Withdrawal.objects.get(), finance(staff("Feng"))
    return run_during_transaction(
        partial(approve_as_finance, withdrawal=row, by=feng, at=NOW),
        partial(reject, withdrawal=shown, by=qian, at=NOW, reason=odd),
    )


def test_operations_do_not_reject_what_finance_approves(lan: Member, qian: User) -> None:
    approved, rejected = both(lan, qian)

    assert approved is True
    assert isinstance(rejected, RejectionAfterFinance)
    assert Withdrawal.objects.get().status == "finance_approved"
    assert cash(lan) == (70_000, 30_000, 0)
    assert proof.differences() == []


def test_control_by_the_status_on_the_page_the_rejection_wins(
    lan: Member, qian: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(review, "lock_withdrawal", lambda row: lock_cash_accounts(row.member))

    _approved, rejected = both(lan, qian)

    assert rejected is None
    assert Withdrawal.objects.get().status == "rejected"
