"""Pay by hand: claim withdrawals, then mark them paid, unpaid or returned."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from common import status
from common.errors import PermissionMissing
from common.requirements import require_reason
from events.services import record
from members.models import User
from withdrawals import lifecycle
from withdrawals.cash_accounts import CashAccounts, lock_cash_accounts, lock_withdrawal
from withdrawals.errors import NoPaymentInProgress, SelfApprovalForbidden
from withdrawals.events import WITHDRAWALS_MARKED_PAID, WITHDRAWALS_MARKED_UNPAID
from withdrawals.gateways import STORE_CREDIT, gateway
from withdrawals.gateways.manual import MANUAL
from withdrawals.models import Attempt, Evidence, Withdrawal
from withdrawals.payouts.evidence import save_evidence, save_voucher
from withdrawals.payouts.finish import finish_attempt
from withdrawals.payouts.start import start_payout
from withdrawals.permissions import FINANCE, require_permission, require_reviewer
from withdrawals.tax import withholding

Status = Withdrawal.Status


def claim_manual_payouts(*, withdrawals: list[Withdrawal], by: User, at: datetime) -> list[Attempt]:
    """Claim approved withdrawals, to be paid by this person.

    Each claim commits by itself: an error leaves earlier ones in place.

    :raises PermissionMissing: no finance role, or these payouts are not made by hand
    :raises SelfApprovalForbidden: a withdrawal is their own
    """
    if not by.has_perm(FINANCE) or gateway().name != MANUAL:
        raise PermissionMissing
    attempts = []
    for withdrawal in withdrawals:
        require_permission(by, FINANCE, withdrawal)
        if withdrawal.payee.channel == STORE_CREDIT:
            raise PermissionMissing
        attempt = start_payout(withdrawal=withdrawal, at=at, by=by)
        if attempt:
            Attempt.objects.filter(pk=attempt.pk).update(
                state=Attempt.State.PROCESSING, send_count=1, next_run_at=None
            )
            attempt.refresh_from_db()
            attempts.append(attempt)
    return attempts


@transaction.atomic
def mark_paid(*, attempt: Attempt, voucher: bytes, by: User, at: datetime) -> None:
    """Mark a manual payment as paid, with a voucher as its evidence.

    :raises InvalidVoucher: the file is no JPEG, PNG or PDF, or larger than 10 MB
    :raises VoucherAlreadyUsed: the voucher proves another payment
    :raises PermissionMissing: no finance role, or the attempt is not manual
    :raises WrongStatus, NoPaymentInProgress: the attempt has ended
    """
    attempt, cash = _lock_manual_attempt(attempt, by, to=Status.PAID)
    proof = save_voucher(voucher, at=at)
    Attempt.objects.filter(pk=attempt.pk).update(marked_paid_by=by)
    finish_attempt(attempt, cash, state=Attempt.State.SUCCESS, evidence=proof, at=at)
    record(WITHDRAWALS_MARKED_PAID, attempt.withdrawal, at=at, by=by)


@transaction.atomic
def mark_returned(*, withdrawal: Withdrawal, voucher: bytes, by: User, at: datetime) -> None:
    """Mark a manual payment as returned, and post net, tax and fee to the member's wallet.

    The ledger repays debt first. The person must not have taken part in the payment.

    :raises SelfApprovalForbidden: they approved it for finance, made it, or marked it paid
    :raises InvalidVoucher, VoucherAlreadyUsed, PermissionMissing: as for ``mark_paid``
    :raises WrongStatus: it was not paid, or was returned already
    """
    require_reviewer(by, FINANCE, withdrawal)
    cash = lock_withdrawal(withdrawal)
    if took_part_in(withdrawal, by):
        raise SelfApprovalForbidden(withdrawal=withdrawal.public_id)
    status.expect(withdrawal, Status.PAID, to=Status.RETURNED)
    paid = withdrawal.attempts.get(state=Attempt.State.SUCCESS)
    if paid.gateway != MANUAL:
        raise PermissionMissing
    proof = save_voucher(voucher, at=at)
    withholding.release(paid, at=at)
    lifecycle.mark_returned(withdrawal, cash, proof=proof, by=by, at=at)


def took_part_in(withdrawal: Withdrawal, by: User) -> bool:
    """Return whether a person approved a payment for finance, made it, or marked it paid."""
    if by.pk in {withdrawal.finance_reviewer_id, withdrawal.second_reviewer_id}:
        return True
    return withdrawal.attempts.filter(Q(claimed_by=by) | Q(marked_paid_by=by)).exists()


@transaction.atomic
def mark_unpaid(*, attempt: Attempt, by: User, at: datetime, reason: str) -> None:
    """Mark a manual payment as not made; the withdrawal can be paid again.

    :raises ReasonRequired: the reason is empty or too long
    :raises PermissionMissing, WrongStatus: as for ``mark_paid``
    """
    reason = require_reason(reason)
    attempt, cash = _lock_manual_attempt(attempt, by, to=Status.READY_TO_COLLECT)
    proof = save_evidence(Evidence.Kind.VOUCHER, f"{by.username}: {reason}", at=at)
    finish_attempt(attempt, cash, state=Attempt.State.CANCELLED, evidence=proof, at=at)
    record(WITHDRAWALS_MARKED_UNPAID, attempt.withdrawal, at=at, by=by, reason=reason)


def _lock_manual_attempt(attempt: Attempt, by: User, *, to: Status) -> tuple[Attempt, CashAccounts]:
    """Lock a manual attempt in progress, and check that this person may end it."""
    require_permission(by, FINANCE, attempt.withdrawal)
    if attempt.gateway != MANUAL:
        raise PermissionMissing
    cash = lock_cash_accounts(attempt.withdrawal.member)
    attempt = Attempt.objects.lock(attempt.pk)
    status.expect(attempt.withdrawal, Status.PAYING, to=to)
    if attempt.ended_at:
        raise NoPaymentInProgress(withdrawal=attempt.withdrawal.public_id)
    return attempt, cash
