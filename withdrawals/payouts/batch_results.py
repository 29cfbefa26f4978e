"""End the payments of a batch: by the bank's result file, or by one voucher for many.

A file is believed only as a whole. A line that is not of the batch, or has another account or
amount, refuses it, and nothing moves.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from common.bulk_insert import update
from common.locks import lock_rows
from common.money import format_yuan
from events.services import record
from members.models import User
from withdrawals.cash_accounts import CashAccounts, lock_many_cash_accounts
from withdrawals.errors import NoPaymentInProgress, VoucherAlreadyUsed
from withdrawals.events import (
    WITHDRAWALS_BATCH_RESULT,
    WITHDRAWALS_MARKED_PAID,
    WITHDRAWALS_MARKED_UNPAID,
)
from withdrawals.gateways.base import State
from withdrawals.models import Attempt, Evidence, PayoutBatch, PayoutBatchLine
from withdrawals.payouts.alarms import report_outcome_mismatch
from withdrawals.payouts.bank_results import (
    InvalidBankResult,
    Outcome,
    ResultLine,
    parse_result,
    refusal,
)
from withdrawals.payouts.batches import BatchTotalMismatch, lines_of
from withdrawals.payouts.evidence import save_evidence_once, save_voucher
from withdrawals.payouts.finish import apply_outcomes, set_outcome
from withdrawals.payouts.start import load_instruction
from withdrawals.permissions import FINANCE, require_permission

NO_REASON = _("The bank gives no reason.")


@dataclass(frozen=True, slots=True)
class ResultPlan:
    """What a result file changes. Lines that are recorded as it says are only counted."""

    paid: list[PayoutBatchLine]
    unpaid: list[tuple[PayoutBatchLine, str]]
    """With the bank's reason."""
    known: int
    waiting: list[PayoutBatchLine]
    """Without an outcome in the file, or missing from it."""

    @property
    def total(self) -> int:
        """The sum of the new payments in fen: the control total that a person enters."""
        return sum(line.attempt.amount for line in self.paid)

    @property
    def is_empty(self) -> bool:
        return not (self.paid or self.unpaid)


class _PaidTwice(Exception):
    """The bank has paid what was recorded as not paid, and may have been paid again since."""

    def __init__(self, attempts: Sequence[Attempt], error: InvalidBankResult) -> None:
        super().__init__()
        self.attempts, self.error = attempts, error


def preview_result(*, batch: PayoutBatch, content: bytes, by: User) -> ResultPlan:
    """Return what a result file would change. Nothing is locked: ``apply_result`` checks again.

    :raises UnreadableTable, InvalidBankResult: the file is refused
    :raises PermissionMissing, SelfApprovalForbidden: no finance role, or their own withdrawal
    """
    lines = parse_result(content)
    batch_lines = list(lines_of(batch))
    _require_finance(batch_lines, by)
    try:
        return _compare(batch_lines, lines)
    except _PaidTwice as found:
        raise found.error from None


def apply_result(
    *, batch: PayoutBatch, content: bytes, total: int, by: User, at: datetime
) -> ResultPlan:
    """Mark payments as paid or not paid as a result file says, all in one transaction. Idempotent.

    A payment that the bank made although it is recorded as not made is reported, and blocks its
    withdrawal, even though the file is refused.

    :param total: the sum of the new payments in fen, as the person entered it
    :raises BatchTotalMismatch: ``total`` is not that sum
    :raises UnreadableTable, InvalidBankResult: the file is refused; no money has moved
    :raises PermissionMissing, SelfApprovalForbidden: no finance role, or their own withdrawal
    :raises VoucherAlreadyUsed: the file is the proof of other payments
    """
    lines = parse_result(content)
    try:
        return _apply(batch, lines, content, total, by=by, at=at)
    except _PaidTwice as found:
        with transaction.atomic():
            for attempt in found.attempts:
                report_outcome_mismatch(attempt, State.SUCCESS, at=at)
        raise found.error from None


@transaction.atomic
def _apply(
    batch: PayoutBatch, lines: Sequence[ResultLine], content: bytes, total: int, *, by: User,
    at: datetime,
) -> ResultPlan:  # fmt: skip
    cash_accounts = _lock_cash(batch)
    batch_lines = _lock(batch)
    _require_finance(batch_lines, by)
    plan = _compare(batch_lines, lines)
    _require_total(plan.total, total)
    if plan.is_empty:
        return plan
    proof = _save_file(content, at=at)
    _finish(batch, plan, proof, cash_accounts, by=by, at=at)
    return plan


@transaction.atomic
def mark_batch_paid(
    *, batch: PayoutBatch, attempts: Collection[int], voucher: bytes, total: int, by: User,
    at: datetime,
) -> ResultPlan:  # fmt: skip
    """Mark payments of a batch as paid, with one voucher as the evidence of all of them.

    :param attempts: the keys of the payments that the voucher proves
    :param total: their sum in fen, as the person entered it
    :raises BatchTotalMismatch: ``total`` is not their sum
    :raises NoPaymentInProgress: one of them has ended, or is of another batch
    :raises InvalidVoucher, VoucherAlreadyUsed: as for ``mark_paid``
    :raises PermissionMissing, SelfApprovalForbidden: no finance role, or their own withdrawal
    """
    chosen = set(attempts)
    cash_accounts = _lock_cash(batch)
    batch_lines = _lock(batch)
    _require_finance(batch_lines, by)
    paid = [line for line in batch_lines if line.attempt_id in chosen and not line.attempt.ended_at]
    if not paid or len(paid) != len(chosen):
        raise NoPaymentInProgress(batch=batch.number)
    waiting = [
        line for line in batch_lines if not line.attempt.ended_at and line.attempt_id not in chosen
    ]
    plan = ResultPlan(paid, [], 0, waiting)
    _require_total(plan.total, total)
    _finish(batch, plan, save_voucher(voucher, at=at), cash_accounts, by=by, at=at)
    return plan


def _lock_cash(batch: PayoutBatch) -> dict[int, CashAccounts]:
    return lock_many_cash_accounts([line.attempt.withdrawal.member for line in lines_of(batch)])


def _lock(batch: PayoutBatch) -> list[PayoutBatchLine]:
    """Lock the attempts of a batch, then read its lines; the members' cash accounts are locked."""
    lock_rows(Attempt.objects.filter(batch_line__batch=batch))
    return list(lines_of(batch))


def _require_finance(lines: Sequence[PayoutBatchLine], by: User) -> None:
    for line in lines:
        require_permission(by, FINANCE, line.attempt.withdrawal)


def _require_total(actual: int, entered: int) -> None:
    if actual != entered:
        raise BatchTotalMismatch(actual=format_yuan(actual), entered=format_yuan(entered))


def _compare(batch_lines: Sequence[PayoutBatchLine], lines: Sequence[ResultLine]) -> ResultPlan:
    """Compare a file with the batch.

    :raises InvalidBankResult: a line contradicts the batch
    """
    by_number = {line.attempt.out_bill_no: line for line in batch_lines}
    pairs = [(line, by_number.get(line.number)) for line in lines]
    faults = [fault for line, batch_line in pairs if (fault := _fault(batch_line, line))]
    if faults:
        error = refusal(faults)
        paid_twice = [row.attempt for line, row in pairs if row and _is_paid_twice(row, line)]
        raise _PaidTwice(paid_twice, error) if paid_twice else error
    known = [(line, row) for line, row in pairs if row]
    fresh = [(line, row) for line, row in known if not row.attempt.ended_at]
    paid = [row for line, row in fresh if line.outcome is Outcome.PAID]
    unpaid = [(row, line.reason) for line, row in fresh if line.outcome is Outcome.UNPAID]
    ending = {row.pk for row in paid} | {row.pk for row, _reason in unpaid}
    return ResultPlan(
        paid=paid,
        unpaid=unpaid,
        known=sum(line.outcome is not Outcome.OPEN for line, row in known if row.attempt.ended_at),
        waiting=[row for row in batch_lines if not row.attempt.ended_at and row.pk not in ending],
    )


def _fault(batch_line: PayoutBatchLine | None, line: ResultLine) -> object:
    """Return why a line refuses the file, or nothing."""
    if batch_line is None:
        return _("Row %(line)s: the payment %(number)s is not in this batch.") % {
            "line": line.line, "number": line.number[:40],
        }  # fmt: skip
    return _contradiction(batch_line.attempt, line) or _other_outcome(batch_line.attempt, line)


def _is_paid_twice(batch_line: PayoutBatchLine, line: ResultLine) -> bool:
    """Return whether the bank has made exactly this payment, which is recorded as not made."""
    attempt = batch_line.attempt
    is_unpaid = attempt.state in Attempt.PROVEN_UNPAID
    return line.outcome is Outcome.PAID and is_unpaid and not _contradiction(attempt, line)


def _contradiction(attempt: Attempt, line: ResultLine) -> object:
    """Return what a line says differently from the payment's immutable instruction, or nothing."""
    instruction = load_instruction(attempt)
    given = {"line": line.line, "number": line.number}
    if line.amount != instruction.amount:
        return _(
            "Row %(line)s: the payment %(number)s is %(expected)s yuan, but the file says"
            " %(stated)s."
        ) % {
            **given, "expected": format_yuan(instruction.amount),
            "stated": format_yuan(line.amount),
        }  # fmt: skip
    if line.account != instruction.account.replace(" ", ""):
        return _("Row %(line)s: the payment %(number)s went to another account.") % given
    if line.name and line.name != instruction.name:
        return _("Row %(line)s: the payment %(number)s went to another name.") % given
    return None


def _other_outcome(attempt: Attempt, line: ResultLine) -> object:
    """Return how a line contradicts the recorded end of its payment, or nothing."""
    given = {"line": line.line, "number": line.number}
    if line.outcome is Outcome.PAID and attempt.state in Attempt.PROVEN_UNPAID:
        return _(
            "Row %(line)s: the bank has paid %(number)s, which is recorded as not paid. Its"
            " withdrawal is blocked now, so that it is not paid again: ask the bank."
        ) % given  # fmt: skip
    if line.outcome is Outcome.UNPAID and attempt.state == Attempt.State.SUCCESS:
        return _(
            "Row %(line)s: %(number)s is recorded as paid, but the bank says that it failed. If"
            " the money came back, mark the withdrawal as returned."
        ) % given  # fmt: skip
    return None


def _save_file(content: bytes, *, at: datetime) -> Evidence:
    """Save a result file as the evidence of the payments that it ends."""
    name = f"voucher:{hashlib.sha256(content).hexdigest()}"
    text = base64.b64encode(content).decode()
    proof = save_evidence_once(Evidence.Kind.VOUCHER, text, at=at, external_id=name)
    if proof is None:
        raise VoucherAlreadyUsed
    return proof


def _finish(
    batch: PayoutBatch, plan: ResultPlan, proof: Evidence,
    cash_accounts: Mapping[int, CashAccounts], *, by: User, at: datetime,
) -> None:  # fmt: skip
    """End attempts and withdrawals, move their money and record who did it."""
    paid = [line.attempt for line in plan.paid]
    unpaid = [(line.attempt, reason or str(NO_REASON)) for line, reason in plan.unpaid]
    Attempt.objects.filter(pk__in=[attempt.pk for attempt in paid]).update(marked_paid_by=by)
    for attempt in paid:
        set_outcome(attempt, state=Attempt.State.SUCCESS, evidence=proof, at=at)
    for attempt, reason in unpaid:
        set_outcome(
            attempt, state=Attempt.State.CANCELLED, evidence=proof, at=at, end_reason=reason
        )
    ended = [*paid, *(attempt for attempt, _reason in unpaid)]
    update(ended, Attempt.MUTABLE_FIELDS)
    apply_outcomes(ended, cash_accounts, at=at)
    for attempt in paid:
        record(WITHDRAWALS_MARKED_PAID, attempt.withdrawal, at=at, by=by)
    for attempt, reason in unpaid:
        record(WITHDRAWALS_MARKED_UNPAID, attempt.withdrawal, at=at, by=by, reason=reason)
    record(
        WITHDRAWALS_BATCH_RESULT, batch, at=at, by=by,
        number=batch.number, paid=len(paid), total=plan.total, unpaid=len(unpaid),
        evidence=proof.pk,
    )  # fmt: skip
