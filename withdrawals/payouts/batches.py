"""Pay many withdrawals by hand: claim them as one batch, and give out its file.

All or nothing: a batch is what a person saw with its control total, or there is no batch.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from common.clock import business_day
from common.errors import PermissionMissing, TwotierError
from common.locks import advisory_lock
from common.money import format_yuan
from common.requirements import require_reason
from events.services import record
from members.models import User
from withdrawals.cash_accounts import lock_many_cash_accounts
from withdrawals.events import (
    WITHDRAWALS_BATCH_CREATED,
    WITHDRAWALS_BATCH_EXPORTED,
    WITHDRAWALS_UNMASKED,
)
from withdrawals.gateways import gateway, gateway_for
from withdrawals.gateways.base import PayoutInstruction
from withdrawals.gateways.manual import MANUAL
from withdrawals.models import Attempt, PayoutBatch, PayoutBatchLine, Withdrawal
from withdrawals.payouts.bank_results import first_of
from withdrawals.payouts.start import load_instruction, restart_if_changed, start_payout
from withdrawals.permissions import FINANCE, require_permission

MAX_LINES = 500
UNMASK = "withdrawals.unmask_person"
REVIEW_RESTARTED = _("its tax has changed since the approval, so it goes back to review")


class InvalidBatch(TwotierError):
    code = "invalid_batch"
    message = _("A batch has 1 to 500 payouts of one channel. Nothing was changed.")
    status = 400


class BatchTotalMismatch(TwotierError):
    code = "batch_total_mismatch"
    message = _(
        "The control total is %(actual)s yuan, not %(entered)s. Check the list and enter it again."
        " Nothing was changed."
    )


class BatchRefused(TwotierError):
    code = "batch_refused"
    message = _("There is no batch, and nothing was paid. %(details)s")


class BatchAlreadyExported(TwotierError):
    code = "batch_already_exported"
    message = _(
        "The file of this batch was already downloaded. If the bank has it, another upload pays"
        " everyone twice. Confirm that the bank has not received it."
    )


class BatchOfAnother(TwotierError):
    code = "batch_of_another"
    message = _("%(who)s has claimed this batch. Only they download its file.")
    status = 403


class BatchFinished(TwotierError):
    code = "batch_finished"
    message = _("Every payment of this batch has its outcome. There is nothing left to pay.")


class _ReviewsRestarted(Exception):
    def __init__(self, withdrawals: Sequence[Withdrawal]) -> None:
        super().__init__()
        self.withdrawals = withdrawals


def create_batch(
    *, withdrawals: Sequence[Withdrawal], total: int, by: User, at: datetime
) -> PayoutBatch:
    """Claim approved withdrawals as one batch, to be paid by this person.

    :param total: the sum of the net amounts in fen, as the person entered it
    :raises PermissionMissing: no finance role, or these payouts are not made by hand
    :raises SelfApprovalForbidden: a withdrawal is their own
    :raises InvalidBatch: no withdrawal, too many, or of several channels
    :raises BatchTotalMismatch: ``total`` is not the sum
    :raises BatchRefused: a withdrawal cannot be paid now; nothing was claimed
    """
    if not by.has_perm(FINANCE) or gateway().name != MANUAL:
        raise PermissionMissing
    rows = sorted({row.pk: row for row in withdrawals}.values(), key=lambda row: row.pk)
    channels = {row.payee.channel for row in rows}
    if not 0 < len(rows) <= MAX_LINES or len(channels) != 1:
        raise InvalidBatch
    if gateway_for(rows[0].payee.channel).name != MANUAL:  # the ledger pays store credit
        raise InvalidBatch
    for row in rows:
        require_permission(by, FINANCE, row)
    try:
        return _create(rows, channels.pop(), total, by=by, at=at)
    except _ReviewsRestarted as changed:
        # Outside of the batch's transaction, which is rolled back: the new reviews must stay.
        for row in changed.withdrawals:
            restart_if_changed(withdrawal=row, at=at)
        refusals = [_refusal(row, REVIEW_RESTARTED) for row in changed.withdrawals]
        raise BatchRefused(details=first_of(refusals)) from None


@transaction.atomic
def _create(
    rows: Sequence[Withdrawal], channel: str, total: int, *, by: User, at: datetime
) -> PayoutBatch:
    number = _next_number(at)
    # In one order for all members, so that two batches never wait for each other in a circle.
    lock_many_cash_accounts([row.member for row in rows])
    attempts = _start(rows, by=by, at=at)
    actual = sum(attempt.amount for attempt in attempts)
    if actual != total:
        raise BatchTotalMismatch(actual=format_yuan(actual), entered=format_yuan(total))
    Attempt.objects.filter(pk__in=[attempt.pk for attempt in attempts]).update(
        state=Attempt.State.PROCESSING, send_count=1, next_run_at=None
    )
    batch = PayoutBatch.objects.create(
        number=number, channel=channel, count=len(attempts), total=actual, by=by, at=at
    )
    PayoutBatchLine.objects.bulk_create(
        PayoutBatchLine(batch=batch, position=position, attempt=attempt)
        for position, attempt in enumerate(attempts, start=1)
    )
    record(
        WITHDRAWALS_BATCH_CREATED, batch, at=at, by=by,
        number=batch.number, count=batch.count, total=batch.total,
    )  # fmt: skip
    return batch


def _start(rows: Sequence[Withdrawal], *, by: User, at: datetime) -> list[Attempt]:
    """Start every payout, or none."""
    attempts: list[Attempt] = []
    refusals: list[str] = []
    changed: list[Withdrawal] = []
    for row in rows:
        try:
            attempt = start_payout(withdrawal=row, at=at, by=by)
        except TwotierError as error:
            refusals.append(_refusal(row, str(error)))
            continue
        if attempt:
            attempts.append(attempt)
        else:
            changed.append(row)
    if refusals:
        raise BatchRefused(details=first_of(refusals))
    if changed:
        raise _ReviewsRestarted(changed)
    return attempts


def _refusal(row: Withdrawal, why: object) -> str:
    return str(_("%(member)s, %(number)s: %(why)s.")) % {
        "member": row.member, "number": row.public_id, "why": str(why).rstrip("。."),
    }  # fmt: skip


def _next_number(at: datetime) -> str:
    """Return the next number of the day, such as ``P20261127-003``; one batch starts at a time."""
    advisory_lock("withdrawals.payoutbatch")
    prefix = f"P{business_day(at):%Y%m%d}-"
    count = PayoutBatch.objects.filter(number__startswith=prefix).count()
    return f"{prefix}{count + 1:03}"


@transaction.atomic
def export_batch(
    *, batch: PayoutBatch, reason: str, by: User, at: datetime, again: bool = False
) -> list[tuple[PayoutBatchLine, PayoutInstruction]]:
    """Return the lines to pay with full names and accounts, and record who got them and why.

    Lines whose outcome is known are left out: the bank must not pay them again.

    :param again: the person confirms that the bank has not received an earlier file
    :raises PermissionMissing: no finance role, or no right to see full names
    :raises BatchOfAnother: another person has claimed the batch
    :raises BatchAlreadyExported: the file was downloaded before, and ``again`` is not confirmed
    :raises BatchFinished: no line is open
    :raises ReasonRequired: the reason is empty or too long
    """
    if not by.has_perms([FINANCE, UNMASK]):
        raise PermissionMissing
    reason = require_reason(reason)
    batch = PayoutBatch.objects.select_for_update(no_key=True, of=("self",)).get(pk=batch.pk)
    if batch.by_id != by.pk:
        raise BatchOfAnother(who=batch.by)
    if batch.export_count and not again:
        raise BatchAlreadyExported
    lines = list(open_lines(batch))
    if not lines:
        raise BatchFinished
    batch.exported_at, batch.export_count = at, batch.export_count + 1
    batch.save(update_fields=["exported_at", "export_count"])
    record(
        WITHDRAWALS_BATCH_EXPORTED, batch, at=at, by=by,
        number=batch.number, count=len(lines), reason=reason,
    )  # fmt: skip
    members = {line.attempt.withdrawal.member for line in lines}
    record(WITHDRAWALS_UNMASKED, members, at=at, by=by, reason=reason)
    # The immutable instruction is paid, not the payee as of now.
    return [(line, load_instruction(line.attempt)) for line in lines]


def open_lines(batch: PayoutBatch) -> QuerySet[PayoutBatchLine]:
    """Return the lines without an outcome, in their order, with all that pages show of them."""
    return lines_of(batch).filter(attempt__ended_at=None)


def lines_of(batch: PayoutBatch) -> QuerySet[PayoutBatchLine]:
    """Return the lines in their order, with all that pages show of them."""
    return batch.lines.select_related(
        "attempt__withdrawal__member", "attempt__withdrawal__payee", "attempt__evidence"
    ).order_by("position")


def batch_numbers(attempts: Iterable[Attempt]) -> dict[int, str]:
    """Return the numbers of the batches that attempts are in, by the key of the attempt."""
    lines = PayoutBatchLine.objects.filter(attempt__in=[attempt.pk for attempt in attempts])
    return dict(lines.values_list("attempt", "batch__number"))
