"""How attempts have ended is proven: ledger, tax and withdrawals follow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from common import status
from events.services import record
from ledger.chart import Kind, Reason
from ledger.services import Posting, Source, platform_account_ids, transfer_many
from withdrawals.events import WITHDRAWALS_PAID, WITHDRAWALS_PAYOUT_FAILED
from withdrawals.gateways.fail_reasons import FailureClass, classify
from withdrawals.models import Attempt, Evidence, Withdrawal
from withdrawals.services import withholding
from withdrawals.services.cash_accounts import CashAccounts, lock_many_cash_accounts
from withdrawals.services.debt import cancel_if_in_debt
from withdrawals.services.eligibility import blockers_by_withdrawal
from withdrawals.services.evidence import save_evidence
from withdrawals.services.request import close_unpaid
from withdrawals.services.review import mark_ready_to_collect

# Providers forget a bill after 30 days, paid or not: then its number would be a new payment.
RESEND_WINDOW = timedelta(days=20)
CLEARING, TAX, FEE = Kind.PAYOUT_CLEARING, Kind.TAX_PAYABLE, Kind.FEE_INCOME


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
    blockers = blockers_by_withdrawal([one.withdrawal for one in attempts])
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
    _post_paid([one.withdrawal for one in paid], cash_accounts, at=at)
    for attempt in ended:
        if attempt.state != Attempt.State.SUCCESS:
            _handle_unpaid(attempt, cash_accounts[attempt.withdrawal.member_id], at=at)


def _post_paid(
    paid: Sequence[Withdrawal], cash_accounts: Mapping[int, CashAccounts], *, at: datetime
) -> None:
    if not paid:
        return
    status.move_all(paid, to=Withdrawal.Status.PAID, ended_at=at)
    into = platform_account_ids(CLEARING, TAX, FEE)
    transfer_many([
        Posting(
            f"withdrawal:{one.public_id}:paid:{what}", cash_accounts[one.member_id].held.pk, into[kind],
            amount, reason, *Source("withdrawals.withdrawal", one.public_id), at,
        )
        for one in paid
        for what, kind, amount, reason in (
            ("net", CLEARING, one.net, Reason.PAYOUT),
            ("tax", TAX, one.tax, Reason.TAX),
            ("fee", FEE, one.fee, Reason.FEE),
        )
        if amount
    ])  # fmt: skip
    for one in paid:
        record(
            WITHDRAWALS_PAID, one, at=at, net=one.net,
            before={"status": Withdrawal.Status.PAYING}, after={"status": one.status},
        )  # fmt: skip


def _handle_unpaid(attempt: Attempt, cash: CashAccounts, *, at: datetime) -> None:
    withdrawal, reason = attempt.withdrawal, attempt.fail_reason
    withholding.release(attempt, at=at)
    kind = classify(reason) if attempt.state == Attempt.State.FAIL else FailureClass.NEUTRAL
    record(
        WITHDRAWALS_PAYOUT_FAILED, withdrawal, at=at,
        number=attempt.out_bill_no, reason=reason, failure_class=kind.value,
    )  # fmt: skip
    if kind in {FailureClass.NEUTRAL, FailureClass.WAIT, FailureClass.WE_MUST_ACT}:
        mark_ready_to_collect(withdrawal, at=at)
        cancel_if_in_debt(withdrawal, cash, at=at)
    elif kind is FailureClass.MEMBER_MUST_ACT:
        close_unpaid(
            withdrawal,
            cash,
            to=Withdrawal.Status.FAILED,
            end_reason=Withdrawal.EndReason.PAYOUT,
            at=at,
        )
    # A risk, or a reason that nobody knows, is for a person: see ``deciding``.
