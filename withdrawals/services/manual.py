"""What only people can decide: failures that nobody knows, and payments made by hand."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from common import status
from events.models import Event, Reference
from events.services import record
from ledger.chart import Kind, Reason
from ledger.services import platform_account
from members.models import User
from withdrawals.events import (
    WITHDRAWALS_CANCEL_REQUESTED,
    WITHDRAWALS_MARKED_PAID,
    WITHDRAWALS_MARKED_UNPAID,
    WITHDRAWALS_RESENT,
    WITHDRAWALS_RETRIED_WITH_NEW_NUMBER,
    WITHDRAWALS_RETURNED,
)
from withdrawals.gateways import gateway
from withdrawals.gateways.base import ProviderReply, ReplyKind, State
from withdrawals.gateways.manual import MANUAL
from withdrawals.models import Attempt, Evidence, Withdrawal
from withdrawals.services import withholding
from withdrawals.services.cash_accounts import CashAccounts, lock_cash_accounts
from withdrawals.services.debt import cancel_if_in_debt
from withdrawals.services.errors import (
    NoPaymentInProgress,
    NotAllowed,
    PaymentUnresolved,
    SelfApprovalForbidden,
)
from withdrawals.services.evidence import save_evidence, save_voucher
from withdrawals.services.finish import RESEND_WINDOW, cancel_if_unsent, finish_attempt
from withdrawals.services.permissions import FINANCE, require_permission
from withdrawals.services.request import close_unpaid, post_transfer
from withdrawals.services.review import mark_ready_to_collect
from withdrawals.services.send import schedule_poll
from withdrawals.services.start import start_payout

Status = Withdrawal.Status


@transaction.atomic
def retry_with_new_number(*, withdrawal: Withdrawal, by: User, at: datetime) -> None:
    """After a failure that waits for a person: it may be paid again, under a new number.

    :raises MayStillPay: an attempt is not proven unpaid
    :raises WrongStatus: it is not being paid
    """
    cash = _lock_for_decision(withdrawal, by)
    mark_ready_to_collect(withdrawal, at=at)
    cancel_if_in_debt(withdrawal, cash, at=at)
    record(WITHDRAWALS_RETRIED_WITH_NEW_NUMBER, withdrawal, at=at, by=by)


@transaction.atomic
def resend(*, withdrawal: Withdrawal, by: User, at: datetime) -> None:
    """After a refusal whose cause is mended: the same bill under the same number, which is the same
    payment, whatever became of the calls before.

    :raises NotAllowed, NotYours: no role of finance, or it is their own
    :raises NothingToCallOff: nothing has been stopped, or the provider may have forgotten it
    """
    require_permission(by, FINANCE, withdrawal)
    stopped = withdrawal.attempts.live().filter(
        ended_at=None, stopped_at__isnull=False, created_at__gt=at - RESEND_WINDOW
    )
    if not stopped.update(stopped_at=None, next_run_at=at):
        raise NoPaymentInProgress(withdrawal=withdrawal.public_id)
    record(WITHDRAWALS_RESENT, withdrawal, at=at, by=by)


@transaction.atomic
def fail(*, withdrawal: Withdrawal, by: User, at: datetime, note: str = "") -> None:
    """After a failure that waits for a person: it is not paid, the money is the member's again.

    :raises MayStillPay, WrongStatus: as above
    """
    cash = _lock_for_decision(withdrawal, by)
    close_unpaid(
        withdrawal, cash, to=Status.FAILED, end_reason=Withdrawal.EndReason.PAYOUT, by=by, at=at,
        note=note.strip()[:200],
    )  # fmt: skip


def cancel_at_provider(*, withdrawal: Withdrawal, by: User, at: datetime) -> ProviderReply:
    """Ask the provider to cancel a bill that its member has not confirmed yet.

    Nothing is decided by it: the provider may have paid already, and is asked how it ended. Once
    the bill is proven cancelled, the withdrawal can be collected again or rejected.

    :raises NotAllowed: they have not the role of finance
    :raises NothingToCallOff: nothing is under way at a provider that can be asked
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
    """End what nobody has sent; whether nobody has. Nobody sends it from now on."""
    cash = lock_cash_accounts(attempt.withdrawal.member)
    Attempt.objects.filter(pk=attempt.pk, ended_at=None).update(stopped_at=at)
    return cancel_if_unsent(attempt, cash, end_reason=f"called off by {by.username}", at=at)


def claim_manual_payouts(*, withdrawals: list[Withdrawal], by: User, at: datetime) -> list[Attempt]:
    """Take approved withdrawals out of everybody else's hands, to be paid by this person.

    Each by itself: those before one that is refused stay taken.

    :raises NotAllowed: no role of finance, or payouts are not made by hand
    :raises NotYours: one is their own
    """
    if not by.has_perm(FINANCE) or gateway().name != MANUAL:
        raise NotAllowed
    begun = []
    for withdrawal in withdrawals:
        require_permission(by, FINANCE, withdrawal)
        attempt = start_payout(withdrawal=withdrawal, at=at, by=by)
        if attempt:
            Attempt.objects.filter(pk=attempt.pk).update(
                state=Attempt.State.PROCESSING, send_count=1, next_run_at=None
            )
            attempt.refresh_from_db()
            begun.append(attempt)
    return begun


@transaction.atomic
def mark_paid(*, attempt: Attempt, voucher: bytes, by: User, at: datetime) -> None:
    """Say that a payment by hand was made, and show the voucher: JPEG, PNG or PDF.

    :raises NotAVoucher: it is none of these, or larger than 10 MB
    :raises VoucherUsed: another payment was proven by it
    :raises NotAllowed: no right, or the attempt is not by hand
    :raises WrongStatus: it has ended
    """
    attempt, cash = _lock_manual_attempt(attempt, by, to=Status.PAID)
    proof = save_voucher(voucher, at=at)
    finish_attempt(attempt, cash, state=Attempt.State.SUCCESS, evidence=proof, at=at)
    record(WITHDRAWALS_MARKED_PAID, attempt.withdrawal, at=at, by=by)


@transaction.atomic
def mark_returned(*, withdrawal: Withdrawal, voucher: bytes, by: User, at: datetime) -> None:
    """Say that what was paid by hand has come back, and show the proof; the member has it again.

    Its tax and fee are given back too: nothing was paid after all. Debts are paid off first.
    Whoever has approved the payment for finance, made it or marked it as made does not say this.

    :raises NotAVoucher, VoucherUsed, NotAllowed: as for ``mark_paid``
    :raises WrongStatus: it was not paid, or has come back already
    """
    require_permission(by, FINANCE, withdrawal)
    cash = lock_cash_accounts(withdrawal.member)
    withdrawal.refresh_from_db()
    if took_part_in(withdrawal, by):
        raise SelfApprovalForbidden(withdrawal=withdrawal.public_id)
    status.move(withdrawal, to=Status.RETURNED)
    paid = withdrawal.attempts.get(state=Attempt.State.SUCCESS)
    if paid.gateway != MANUAL:
        raise NotAllowed
    proof = save_voucher(voucher, at=at)
    withholding.release(paid, at=at)
    for what, kind, amount in (
        ("net", Kind.PAYOUT_CLEARING, withdrawal.net),
        ("tax", Kind.TAX_PAYABLE, withdrawal.tax),
        ("fee", Kind.FEE_INCOME, withdrawal.fee),
    ):
        post_transfer(
            withdrawal, f"returned:{what}", debit=platform_account(kind), credit=cash.wallet,
            amount=amount, reason=Reason.RELEASE, at=at,
        )  # fmt: skip
    record(WITHDRAWALS_RETURNED, withdrawal, at=at, by=by, proof=proof.pk, gross=withdrawal.gross)


def took_part_in(withdrawal: Withdrawal, by: User) -> bool:
    """Whether somebody has approved a payment by hand for finance, made it, or said that it was."""
    kind, public_id = Reference.to(withdrawal)
    said_so = Event.objects.filter(
        name="withdrawals.marked_paid", subject_kind=kind, subject_id=public_id,
        actor_kind=Reference.to(by).kind, actor_id=Reference.to(by).id,
    )  # fmt: skip
    reviewed = by.pk in {withdrawal.finance_reviewer_id, withdrawal.second_reviewer_id}
    return reviewed or withdrawal.attempts.filter(claimed_by=by).exists() or said_so.exists()


@transaction.atomic
def mark_unpaid(*, attempt: Attempt, by: User, at: datetime, reason: str) -> None:
    """Say that a payment by hand was not made; it can be tried again.

    :raises NotAllowed, WrongStatus: as for ``mark_paid``
    """
    attempt, cash = _lock_manual_attempt(attempt, by, to=Status.READY_TO_COLLECT)
    proof = save_evidence(Evidence.Kind.VOUCHER, f"{by.username}: {reason}", at=at)
    finish_attempt(attempt, cash, state=Attempt.State.CANCELLED, evidence=proof, at=at)
    record(WITHDRAWALS_MARKED_UNPAID, attempt.withdrawal, at=at, by=by, reason=reason[:200])


def _lock_for_decision(withdrawal: Withdrawal, by: User) -> CashAccounts:
    require_permission(by, FINANCE, withdrawal)
    cash = lock_cash_accounts(withdrawal.member)
    withdrawal.refresh_from_db()
    if withdrawal.attempts.live().exists():
        raise PaymentUnresolved(withdrawal=withdrawal.public_id)
    return cash


def _lock_manual_attempt(attempt: Attempt, by: User, *, to: Status) -> tuple[Attempt, CashAccounts]:
    """An attempt by hand that is under way, locked, if this person may end it."""
    require_permission(by, FINANCE, attempt.withdrawal)
    if attempt.gateway != MANUAL:
        raise NotAllowed
    cash = lock_cash_accounts(attempt.withdrawal.member)
    attempt = Attempt.objects.select_for_update(no_key=True, of=("self",)).get(pk=attempt.pk)
    status.expect(attempt.withdrawal, Status.PAYING, to=to)
    if attempt.ended_at:
        raise NoPaymentInProgress(withdrawal=attempt.withdrawal.public_id)
    return attempt, cash
