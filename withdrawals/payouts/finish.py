"""Every end of an attempt: its outcome, then ledger, tax and withdrawal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from events.services import record
from withdrawals import eligibility, lifecycle
from withdrawals.cash_accounts import CashAccounts, lock_many_cash_accounts
from withdrawals.events import WITHDRAWALS_PAYOUT_FAILED
from withdrawals.gateways.fail_reasons import FailureClass, classify
from withdrawals.models import Attempt, Evidence, PayoutAuthorization, Withdrawal
from withdrawals.payouts.evidence import save_evidence
from withdrawals.payouts.start import load_instruction
from withdrawals.tax import withholding

# Providers forget a payment after 30 days: the same number would then be a new payment.
RESEND_WINDOW = timedelta(days=20)
NO_AUTH = "NO_AUTH"
Status, EndReason = Withdrawal.Status, Withdrawal.EndReason


def finish_attempt(
    attempt: Attempt, cash: CashAccounts, *, state: Attempt.State, evidence: Evidence, at: datetime
) -> None:
    """End one attempt; the member's cash accounts and the attempt are locked."""
    set_outcome(attempt, state=state, evidence=evidence, at=at)
    attempt.save(update_fields=Attempt.MUTABLE_FIELDS)
    apply_outcomes([attempt], {attempt.withdrawal.member_id: cash}, at=at)


def cancel_unsent(attempts: Sequence[Attempt], *, at: datetime) -> None:
    """Cancel unsent attempts that are blocked by now, or too old.

    Every call under a number happens while the provider remembers the number.
    """
    cash_accounts = lock_many_cash_accounts([attempt.withdrawal.member for attempt in attempts])
    blockers = eligibility.blockers([attempt.withdrawal for attempt in attempts])
    for attempt in attempts:
        end_reason = ", ".join(blocker.code for blocker in blockers[attempt.withdrawal_id])
        if at >= attempt.created_at + RESEND_WINDOW:
            end_reason = end_reason or "too old"
        if end_reason:
            cancel_if_unsent(
                attempt, cash_accounts[attempt.withdrawal.member_id], end_reason=end_reason, at=at
            )


def cancel_if_unsent(
    attempt: Attempt, cash: CashAccounts, *, end_reason: str, at: datetime
) -> bool:
    """Cancel an attempt and return True if it was never sent; the member's cash is locked."""
    locked = Attempt.objects.lock(attempt.pk)
    if locked.send_count or locked.ended_at:
        return False
    proof = save_evidence(Evidence.Kind.VOUCHER, f"never sent: {end_reason}", at=at)
    finish_attempt(locked, cash, state=Attempt.State.CANCELLED, evidence=proof, at=at)
    return True


def set_outcome(
    attempt: Attempt,
    *,
    state: Attempt.State,
    evidence: Evidence,
    at: datetime,
    end_reason: str = "",
) -> None:
    """Set the final state of an attempt without saving it."""
    attempt.state, attempt.evidence, attempt.fail_reason = state, evidence, end_reason[:64]
    attempt.ended_at, attempt.next_run_at, attempt.package_info = at, None, ""


def apply_outcomes(
    attempts: Iterable[Attempt], cash_accounts: Mapping[int, CashAccounts], *, at: datetime
) -> None:
    """Settle ended, saved attempts; they and the members' cash accounts are locked."""
    ended = list(attempts)
    paid = [attempt.withdrawal for attempt in ended if attempt.state == Attempt.State.SUCCESS]
    lifecycle.mark_paid(paid, cash_accounts, at=at)
    for attempt in ended:
        if attempt.state != Attempt.State.SUCCESS:
            _handle_unpaid(attempt, cash_accounts[attempt.withdrawal.member_id], at=at)


def _handle_unpaid(attempt: Attempt, cash: CashAccounts, *, at: datetime) -> None:
    withdrawal, reason = attempt.withdrawal, attempt.fail_reason
    withholding.release(attempt, at=at)
    kind = classify(reason) if attempt.state == Attempt.State.FAIL else FailureClass.NEUTRAL
    record(
        WITHDRAWALS_PAYOUT_FAILED, withdrawal, at=at,
        number=attempt.out_bill_no, reason=reason, failure_class=kind.value,
    )  # fmt: skip
    can_retry = kind in {FailureClass.NEUTRAL, FailureClass.WAIT, FailureClass.WE_MUST_ACT}
    if can_retry or _authorization_ended(attempt):
        lifecycle.mark_ready_to_collect(withdrawal, at=at)
        lifecycle.cancel_if_in_debt(withdrawal, cash, at=at)
    elif kind is FailureClass.MEMBER_MUST_ACT:
        lifecycle.close_unpaid(
            withdrawal, cash, to=Status.FAILED, end_reason=EndReason.PAYOUT, at=at
        )
    elif reason == NO_AUTH:
        # If the member has ended the authorization, the answer lets them collect it.
        PayoutAuthorization.objects.live().filter(
            account_fingerprint=withdrawal.payee.account_fingerprint
        ).update(next_poll_at=at)
    # A risk or an unknown reason waits for a person: see ``retry``.


def _authorization_ended(attempt: Attempt) -> bool:
    """Return whether it relied on an authorization that has ended: then the member collects it."""
    if attempt.fail_reason != NO_AUTH or not load_instruction(attempt).authorization:
        return False
    return not attempt.withdrawal.payee.authorization_encrypted
