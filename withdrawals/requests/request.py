"""Request a withdrawal, and cancel it before its payment starts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models.functions import Coalesce

from distribution.models import Distributor
from events.models import Reference
from ledger.chart import Asset, Kind
from ledger.models import Account
from members.models import Member
from members.persons import survivor_of
from withdrawals import lifecycle
from withdrawals.cash_accounts import lock_cash_accounts, lock_withdrawal
from withdrawals.errors import InvalidIdempotencyKey, WithdrawalKeyReused, refusal_by
from withdrawals.gateways import STORE_CREDIT
from withdrawals.models import Withdrawal
from withdrawals.models.withdrawal import MAX_KEY_LENGTH
from withdrawals.permissions import require_owner
from withdrawals.requests.quote import assess_risk, quote, requires_second_finance


@transaction.atomic
def request_withdrawal(
    *, member: Member, amount: int, key: str, at: datetime, channel: str = ""
) -> Withdrawal:
    """Request ``amount`` fen of cash, idempotent by ``key``, and hold the money.

    :param channel: of the account to be paid to, or store_credit; any outside account if empty
    :returns: the withdrawal; the existing one if the key is repeated with the same amount
    :raises AccountFrozen: the member is frozen as a distributor
    :raises Blocked: the request is refused; the error lists every blocker
    :raises WithdrawalKeyReused: the key was used for another amount
    :raises InvalidIdempotencyKey: the key is empty or too long
    """
    if not 0 < len(key) <= MAX_KEY_LENGTH:
        raise InvalidIdempotencyKey
    cash = lock_cash_accounts(member)
    member = survivor_of(member)
    existing = Withdrawal.objects.filter(member=member, key=key).first()
    if existing:
        same = (existing.payee.channel == STORE_CREDIT) == (channel == STORE_CREDIT)
        if existing.gross != amount or not same:
            raise WithdrawalKeyReused(key=key)
        return existing
    quoted = quote(member=member, amount=amount, channel=channel, at=at)
    if quoted.blockers:
        raise refusal_by(quoted.blockers)
    payee = quoted.price.payee
    if payee and payee._state.adding:
        payee.save(force_insert=True)
    withdrawal = Withdrawal(
        key=key,
        member=member,
        gross=amount,
        needs_second_finance=requires_second_finance(amount),
        requested_at=at,
        **quoted.price.content(),
    )
    lifecycle.open_request(withdrawal, cash, at=at)
    assess_risk(withdrawal, at=at)
    return withdrawal


@transaction.atomic
def cancel(*, withdrawal: Withdrawal, by: Member, at: datetime) -> None:
    """Cancel a withdrawal before its payment starts, and release the money.

    :raises WithdrawalNotFound: the withdrawal belongs to another member
    :raises WrongStatus: the payment has started, or the withdrawal has ended
    """
    require_owner(by, withdrawal)
    cash = lock_cash_accounts(withdrawal.member)
    lifecycle.close_unpaid(
        withdrawal, cash, to=Withdrawal.Status.CANCELLED,
        end_reason=Withdrawal.EndReason.MEMBER, by=by, at=at,
    )  # fmt: skip


@transaction.atomic
def cancel_again(*, withdrawal: Withdrawal, by: Member, at: datetime) -> Withdrawal:
    """Cancel like ``cancel``, and accept that the member has cancelled before: phones repeat.

    :returns: the cancelled withdrawal
    :raises WithdrawalNotFound, WrongStatus: as for ``cancel``
    """
    require_owner(by, withdrawal)
    lock_withdrawal(withdrawal)
    if withdrawal.end_reason != Withdrawal.EndReason.MEMBER:
        cancel(withdrawal=withdrawal, by=by, at=at)
        withdrawal.refresh_from_db()
    return withdrawal


@transaction.atomic(savepoint=False)
def cancel_for_debt(commissions: Iterable[Reference], *, at: datetime) -> None:
    """Cancel withdrawals of members who owe money after a refund, unless the payment has started.

    The held money returns to the wallet and repays the debt first. The caller runs this in the
    transaction of the clawback, with the members' accounts locked.

    :param commissions: the commissions that were clawed back
    """
    keys = [int(commission.id) for commission in commissions]
    earners = Distributor.objects.filter(commissions__in=keys).annotate(
        owner=Coalesce("member__merged_into", "member")
    )
    cancel_if_owing(earners.values_list("owner", flat=True), at=at)


@transaction.atomic(savepoint=False)
def cancel_if_owing(owners: Iterable[int], *, at: datetime) -> None:
    """Cancel withdrawals of those members who owe money, unless the payment has started."""
    owing = Account.objects.filter(
        kind=Kind.OWED, asset=Asset.CASH, balance__gt=0, member__in=owners
    )
    members = set(owing.values_list("member", flat=True))
    if not members:
        return
    withdrawals = Withdrawal.objects.filter(
        member__in=members, status__in=Withdrawal.BEFORE_PAYING
    ).select_related("member")
    for withdrawal in withdrawals.order_by("member_id"):
        cash = lock_withdrawal(withdrawal)
        if withdrawal.status in Withdrawal.BEFORE_PAYING:
            lifecycle.cancel_if_in_debt(withdrawal, cash, at=at)
