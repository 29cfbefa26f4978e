"""Members ask for their money, and may think again."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from common import status
from events.models import Reference
from events.services import record
from ledger.chart import Reason
from ledger.models import Account
from ledger.services import Source, transfer
from members.models import Member, User
from risk import services as risk
from withdrawals.events import (
    WITHDRAWALS_CANCELLED,
    WITHDRAWALS_FAILED,
    WITHDRAWALS_REJECTED,
    WITHDRAWALS_REQUESTED,
)
from withdrawals.models import Withdrawal
from withdrawals.models.withdrawal import MAX_KEY_LENGTH
from withdrawals.services.cash_accounts import CashAccounts, lock_cash_accounts
from withdrawals.services.errors import Blocked, Blocker, NotAnAccount, WithdrawalKeyReused
from withdrawals.services.quote import quote, requires_second_finance, risk_evidence

Status = Withdrawal.Status

ENDED_UNPAID = {
    Withdrawal.Status.CANCELLED: WITHDRAWALS_CANCELLED,
    Withdrawal.Status.FAILED: WITHDRAWALS_FAILED,
    Withdrawal.Status.REJECTED: WITHDRAWALS_REJECTED,
}


@transaction.atomic
def request(*, member: Member, amount: int, key: str, at: datetime) -> Withdrawal:
    """Ask for ``amount`` fen of cash, once for each ``key``; the money is held from now on.

    :returns: the withdrawal; the first one, when the key comes again with the same amount
    :raises Blocked: it cannot be paid now; all that stands in the way is named
    :raises KeyReused: the key has asked for another amount
    :raises NotAnAccount: the key is empty or too long
    """
    if not 0 < len(key) <= MAX_KEY_LENGTH:
        raise NotAnAccount(what="key")
    cash = lock_cash_accounts(member)
    known = Withdrawal.objects.filter(member=member, key=key).first()
    if known:
        if known.gross != amount:
            raise WithdrawalKeyReused(key=key)
        return known
    quoted = quote(member=member, amount=amount, at=at)
    if quoted.blockers:
        raise Blocked(quoted.blockers)
    price = quoted.price
    assert price.payee is not None, "a blocker otherwise"
    withdrawal = Withdrawal.objects.create(
        key=key,
        member=member,
        payee=price.payee,
        gross=amount,
        fee=price.fee,
        tax=price.tax,
        net=price.net,
        content_hash=price.content_hash,
        needs_second_finance=requires_second_finance(amount),
        requested_at=at,
    )
    post_transfer(
        withdrawal, "hold", debit=cash.wallet, credit=cash.held, amount=amount, reason=Reason.HOLD,
        at=at,
    )  # fmt: skip
    risk.assess_withdrawal(
        subject=Reference.to(withdrawal), amount=amount, at=at, **risk_evidence(member, price.payee)
    )
    record(
        WITHDRAWALS_REQUESTED, withdrawal, at=at, by=member,
        after={"status": Status.REQUESTED}, gross=amount, tax=price.tax, fee=price.fee,
    )  # fmt: skip
    return withdrawal


@transaction.atomic
def cancel(*, withdrawal: Withdrawal, by: Member, at: datetime) -> None:
    """Take a request back before anything is being paid; the money is the member's again.

    :raises Blocked: it is another member's
    :raises WrongStatus: it is being paid, or has ended
    """
    if withdrawal.member_id != by.pk:
        raise Blocked([Blocker("not_found", "")])
    cash = lock_cash_accounts(withdrawal.member)
    close_unpaid(
        withdrawal, cash, to=Status.CANCELLED, end_reason=Withdrawal.EndReason.MEMBER, by=by, at=at
    )


def close_unpaid(
    withdrawal: Withdrawal,
    cash: CashAccounts,
    *,
    to: Status,
    at: datetime,
    end_reason: str = "",
    by: Member | User | None = None,
    **changes: object,
) -> None:
    """End a withdrawal of which nothing was or will be paid, and give the money back.

    What is owed is paid off by it at once: the ledger sees to that.
    """
    before = status.move(withdrawal, to=to, ended_at=at, end_reason=end_reason, **changes)
    post_transfer(
        withdrawal, "release", debit=cash.held, credit=cash.wallet, amount=withdrawal.gross,
        reason=Reason.RELEASE, at=at,
    )  # fmt: skip
    record(
        ENDED_UNPAID[to], withdrawal, at=at, by=by,
        before={"status": before}, after={"status": to.value}, end_reason=end_reason,
    )  # fmt: skip


def post_transfer(
    withdrawal: Withdrawal,
    what: str,
    *,
    debit: Account,
    credit: Account,
    amount: int,
    reason: Reason,
    at: datetime,
) -> None:
    """Move money of a withdrawal, once for each ``what``."""
    if amount:
        transfer(
            key=f"withdrawal:{withdrawal.public_id}:{what}",
            debit=debit,
            credit=credit,
            amount=amount,
            reason=reason,
            source=Source("withdrawals.withdrawal", withdrawal.public_id),
            effective_at=at,
        )
