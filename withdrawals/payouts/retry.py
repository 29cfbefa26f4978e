"""Retry, fail or cancel payments that wait for a person."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from events.services import record
from members.models import User
from withdrawals import lifecycle
from withdrawals.cash_accounts import CashAccounts, lock_cash_accounts, lock_withdrawal
from withdrawals.errors import NoPaymentInProgress, PaymentUnresolved
from withdrawals.events import (
    WITHDRAWALS_CANCEL_REQUESTED,
    WITHDRAWALS_RESENT,
    WITHDRAWALS_RETRIED_WITH_NEW_NUMBER,
)
from withdrawals.gateways import gateway
from withdrawals.gateways.base import ProviderReply, ReplyKind, State
from withdrawals.gateways.manual import MANUAL
from withdrawals.models import Attempt, Withdrawal
from withdrawals.payouts.finish import RESEND_WINDOW, cancel_if_unsent
from withdrawals.payouts.send import schedule_poll
from withdrawals.permissions import FINANCE, require_permission


@transaction.atomic
def retry_with_new_number(*, withdrawal: Withdrawal, by: User, at: datetime) -> None:
    """Allow another attempt under a new number, after a failure that waits for a person.

    :raises PaymentUnresolved: an attempt is not proven unpaid
    :raises WrongStatus: no payment has started
    """
    cash = _lock_for_decision(withdrawal, by)
    lifecycle.mark_ready_to_collect(withdrawal, at=at)
    lifecycle.cancel_if_in_debt(withdrawal, cash, at=at)
    record(WITHDRAWALS_RETRIED_WITH_NEW_NUMBER, withdrawal, at=at, by=by)


@transaction.atomic
def resend(*, withdrawal: Withdrawal, by: User, at: datetime) -> None:
    """Send the same instruction under the same number again, after the cause of a refusal is fixed.

    The provider treats it as the same payment, whatever the result of earlier calls.

    :raises PermissionMissing, SelfApprovalForbidden: no finance role, or their own withdrawal
    :raises NoPaymentInProgress: no attempt is stopped, or the provider may have forgotten it
    """
    require_permission(by, FINANCE, withdrawal)
    stopped = withdrawal.attempts.live().filter(
        ended_at=None, stopped_at__isnull=False, created_at__gt=at - RESEND_WINDOW
    )
    if not stopped.update(stopped_at=None, next_run_at=at):
        raise NoPaymentInProgress(withdrawal=withdrawal.public_id)
    record(WITHDRAWALS_RESENT, withdrawal, at=at, by=by)


@transaction.atomic
def fail_withdrawal(*, withdrawal: Withdrawal, by: User, at: datetime, note: str = "") -> None:
    """Fail a withdrawal after a failed payment, and release the money.

    :raises PaymentUnresolved, WrongStatus: as for ``retry_with_new_number``
    """
    cash = _lock_for_decision(withdrawal, by)
    lifecycle.close_unpaid(
        withdrawal, cash, to=Withdrawal.Status.FAILED, end_reason=Withdrawal.EndReason.PAYOUT,
        by=by, at=at, note=note,
    )  # fmt: skip


def cancel_at_provider(*, withdrawal: Withdrawal, by: User, at: datetime) -> ProviderReply:
    """Ask the provider to cancel a payment that the member has not confirmed yet.

    The reply decides nothing: the provider may have paid already, so its final status is polled.
    Once the payment is proven cancelled, the withdrawal can be collected again or rejected.

    :raises PermissionMissing: no finance role
    :raises NoPaymentInProgress: no payment is in progress at a provider with an API
    """
    require_permission(by, FINANCE, withdrawal)
    attempt = withdrawal.attempts.live().exclude(gateway=MANUAL).first()
    if attempt is None or attempt.ended_at:
        raise NoPaymentInProgress(withdrawal=withdrawal.public_id)
    if _cancel_if_unsent(attempt, by, at=at):
        return ProviderReply(
            ReplyKind.STATUS, state=State.CANCELLED, out_bill_no=attempt.out_bill_no
        )
    reply = gateway(attempt.gateway).cancel(attempt.out_bill_no)
    with transaction.atomic():
        schedule_poll(out_bill_no=attempt.out_bill_no, at=at)
        record(
            WITHDRAWALS_CANCEL_REQUESTED, withdrawal, at=at, by=by,
            number=attempt.out_bill_no, reply=reply.kind.value,
        )  # fmt: skip
    return reply


@transaction.atomic
def _cancel_if_unsent(attempt: Attempt, by: User, *, at: datetime) -> bool:
    """Stop sending; cancel the attempt and return True if it was never sent."""
    cash = lock_cash_accounts(attempt.withdrawal.member)
    Attempt.objects.filter(pk=attempt.pk, ended_at=None).update(stopped_at=at)
    return cancel_if_unsent(attempt, cash, end_reason=f"cancelled by {by.username}", at=at)


def _lock_for_decision(withdrawal: Withdrawal, by: User) -> CashAccounts:
    require_permission(by, FINANCE, withdrawal)
    cash = lock_withdrawal(withdrawal)
    if withdrawal.attempts.live().exists():
        raise PaymentUnresolved(withdrawal=withdrawal.public_id)
    return cash
