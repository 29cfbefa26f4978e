"""How attempts have ended is proven: ledger, tax and withdrawals follow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from events.services import record
from withdrawals import eligibility, lifecycle
from withdrawals.cash_accounts import CashAccounts, lock_many_cash_accounts
from withdrawals.events import WITHDRAWALS_PAYOUT_FAILED
from withdrawals.gateways.fail_reasons import FailureClass, classify
from withdrawals.models import Attempt, Evidence, Withdrawal
from withdrawals.payouts.evidence import save_evidence
from withdrawals.tax import withholding

# Providers forget a bill after 30 days, paid or not: then its number would be a new payment.
RESEND_WINDOW = timedelta(days=20)


def finish_attempt(
    attempt: Attempt, cash: CashAccounts, *, state: Attempt.State, evidence: Evidence, at: datetime
) -> None:
    """One attempt's end is proven. The member's cash and the attempt are locked."""
    set_outcome(attempt, state=state, evidence=evidence, at=at)
    attempt.save(update_fields=Attempt.MUTABLE_FIELDS)
    apply_outcomes([attempt], {attempt.withdrawal.member_id: cash}, at=at)


def cancel_unsent(attempts: Sequence[Attempt], *, at: datetime) -> None:
    """Of attempts that nobody has sent, end those whose members may not be paid any more, and those
    that are too old: all that is said of a number is said while the provider remembers it."""
    cash_accounts = lock_many_cash_accounts([one.withdrawal.member for one in attempts])
    blockers = eligibility.blockers([one.withdrawal for one in attempts])
    for attempt in attempts:
        end_reason = ", ".join(one.code for one in blockers[attempt.withdrawal_id])
        if at >= attempt.created_at + RESEND_WINDOW:
            end_reason = end_reason or "too old"
        if end_reason:
            cancel_if_unsent(
                attempt, cash_accounts[attempt.withdrawal.member_id], end_reason=end_reason, at=at
            )


def cancel_if_unsent(
    attempt: Attempt, cash: CashAccounts, *, end_reason: str, at: datetime
) -> bool:
    """End what nobody has sent; whether nobody has. The member's cash is locked."""
    now = Attempt.objects.select_for_update(no_key=True, of=("self",)).get(pk=attempt.pk)
    if now.send_count or now.ended_at:
        return False
    proof = save_evidence(Evidence.Kind.VOUCHER, f"never sent: {end_reason}", at=at)
    finish_attempt(now, cash, state=Attempt.State.CANCELLED, evidence=proof, at=at)
    return True


def set_outcome(
    attempt: Attempt,
    *,
    state: Attempt.State,
    evidence: Evidence,
    at: datetime,
    end_reason: str = "",
) -> None:
    """Write down on the attempt how it has ended; not saved."""
    attempt.state, attempt.evidence, attempt.fail_reason = state, evidence, end_reason[:64]
    attempt.ended_at, attempt.next_run_at, attempt.package_info = at, None, ""


def apply_outcomes(
    attempts: Iterable[Attempt], cash_accounts: Mapping[int, CashAccounts], *, at: datetime
) -> None:
    """Attempts have just ended and are saved; they and the members' purses are locked."""
    ended = list(attempts)
    paid = [one for one in ended if one.state == Attempt.State.SUCCESS]
    lifecycle.mark_paid([one.withdrawal for one in paid], cash_accounts, at=at)
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
    if kind in {FailureClass.NEUTRAL, FailureClass.WAIT, FailureClass.WE_MUST_ACT}:
        lifecycle.mark_ready_to_collect(withdrawal, at=at)
        lifecycle.cancel_if_in_debt(withdrawal, cash, at=at)
    elif kind is FailureClass.MEMBER_MUST_ACT:
        lifecycle.close_unpaid(
            withdrawal,
            cash,
            to=Withdrawal.Status.FAILED,
            end_reason=Withdrawal.EndReason.PAYOUT,
            at=at,
        )
    # A risk, or a reason that nobody knows, is for a person: see ``deciding``.
