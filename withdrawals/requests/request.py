"""Request a withdrawal, and cancel the request."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from events.models import Reference
from members.models import Member
from risk import services as risk
from withdrawals import lifecycle
from withdrawals.cash_accounts import lock_cash_accounts
from withdrawals.errors import Blocked, Blocker, InvalidIdempotencyKey, WithdrawalKeyReused
from withdrawals.models import Withdrawal
from withdrawals.models.withdrawal import MAX_KEY_LENGTH
from withdrawals.requests.quote import quote, requires_second_finance, risk_evidence


@transaction.atomic
def request(*, member: Member, amount: int, key: str, at: datetime) -> Withdrawal:
    """Request ``amount`` fen of cash, idempotent by ``key``, and hold the money.

    :returns: the withdrawal; the existing one if the key is repeated with the same amount
    :raises Blocked: the request is refused; the error lists every blocker
    :raises WithdrawalKeyReused: the key was used for another amount
    :raises InvalidIdempotencyKey: the key is empty or too long
    """
    if not 0 < len(key) <= MAX_KEY_LENGTH:
        raise InvalidIdempotencyKey
    cash = lock_cash_accounts(member)
    existing = Withdrawal.objects.filter(member=member, key=key).first()
    if existing:
        if existing.gross != amount:
            raise WithdrawalKeyReused(key=key)
        return existing
    quoted = quote(member=member, amount=amount, at=at)
    if quoted.blockers:
        raise Blocked(quoted.blockers)
    price = quoted.price
    assert price.payee is not None, "a missing payee is a blocker"
    withdrawal = Withdrawal(
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
    lifecycle.open_request(withdrawal, cash, at=at)
    risk.assess_withdrawal(
        subject=Reference.to(withdrawal), amount=amount, at=at, **risk_evidence(member, price.payee)
    )
    return withdrawal


@transaction.atomic
def cancel(*, withdrawal: Withdrawal, by: Member, at: datetime) -> None:
    """Cancel a withdrawal before its payment starts, and release the money.

    :raises Blocked: the withdrawal belongs to another member
    :raises WrongStatus: the payment has started, or the withdrawal has ended
    """
    if withdrawal.member_id != by.pk:
        raise Blocked([Blocker("not_found", "")])
    cash = lock_cash_accounts(withdrawal.member)
    lifecycle.close_unpaid(
        withdrawal, cash, to=Withdrawal.Status.CANCELLED,
        end_reason=Withdrawal.EndReason.MEMBER, by=by, at=at,
    )  # fmt: skip
