"""Record provider replies: save them, compare them with the instruction, settle final ones.

Replies that arrive together are recorded together, in a constant number of statements.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import prefetch_related_objects

from common.bulk_insert import update
from common.locks import lock_rows
from events.services import record
from members.models import Member
from withdrawals.cash_accounts import lock_many_cash_accounts
from withdrawals.events import WITHDRAWALS_PAYOUT_REFUSED, WITHDRAWALS_REPLY_MISMATCH
from withdrawals.gateways.base import FINAL, ProviderReply, ReplyKind, State
from withdrawals.gateways.manual import MANUAL
from withdrawals.models import Attempt
from withdrawals.payouts.alarms import REPLY_MISMATCH, alarm_if_overdue, report_outcome_mismatch
from withdrawals.payouts.channels import pause_channel
from withdrawals.payouts.evidence import save_replies
from withdrawals.payouts.finish import apply_outcomes, set_outcome
from withdrawals.payouts.start import load_instruction

POLL_DELAYS = (5, 15, 60, 300, 900, 3600)  # seconds after each poll; the last one repeats
NOT_ENOUGH = "NOT_ENOUGH"
# These refusals prove nothing: a retry may succeed, or the first call had other content.
RETRYABLE_CODES = {NOT_ENOUGH, "INVALID_REQUEST"}


@dataclass(frozen=True, slots=True)
class ReceivedReply:
    """A provider's reply about a leased attempt.

    ``answers_poll``: whether it answers a query; only then can it be final.
    """

    attempt: Attempt
    reply: ProviderReply
    answers_poll: bool

    @property
    def can_finalize(self) -> bool:
        """Whether the reply may prove the outcome: the member's cash is then locked first."""
        return self._is_final or self.is_refusal

    @property
    def _is_final(self) -> bool:
        final = self.reply.kind is ReplyKind.STATUS and self.reply.state in FINAL
        return final and self.answers_poll

    @property
    def is_refusal(self) -> bool:
        """Whether the reply proves that this one call was not executed."""
        refused = self.reply.kind is ReplyKind.REFUSED and not self.answers_poll
        return refused and self.reply.code not in RETRYABLE_CODES


@transaction.atomic
def record_replies(replies: Sequence[ReceivedReply], *, at: datetime) -> None:
    """Record replies about leased attempts and release the leases, all or none.

    A reply to a worker that has lost its lease changes nothing, unless it contradicts the recorded
    outcome of an attempt that has ended.

    :raises WrongStatus: the withdrawal of an ended attempt is not being paid: a bug
    """
    # Money moves only at the end: other replies lock no cash accounts.
    ending = [received.attempt.pk for received in replies if received.can_finalize]
    cash_accounts = lock_many_cash_accounts(
        list(Member.objects.filter(withdrawals__attempts__in=ending))
    )
    attempts = _locked(replies)
    ended: list[tuple[Attempt, ProviderReply]] = []
    for received in replies:
        attempt = attempts[received.attempt.pk]
        if attempt.ended_at:
            _report_mismatch(attempt, received, at=at)
            del attempts[attempt.pk]
            continue
        if attempt.lease != received.attempt.lease:  # another worker has it, and polls by itself
            del attempts[attempt.pk]
            continue
        attempt.lease = None
        attempt.poll_count += received.answers_poll
        if _proves_outcome(attempt, received):
            ended.append((attempt, received.reply))
        else:
            _update_open(attempt, received, at=at)
    for (attempt, reply), evidence in zip(
        ended, save_replies([reply for _, reply in ended], at=at), strict=True
    ):
        state = Attempt.State.FAIL if reply.state is None else Attempt.State(reply.state)
        attempt.provider_no = reply.provider_no or attempt.provider_no
        end_reason = reply.fail_reason or reply.code
        set_outcome(attempt, state=state, evidence=evidence, at=at, end_reason=end_reason)
    update(list(attempts.values()), Attempt.MUTABLE_FIELDS)
    apply_outcomes([attempt for attempt, _ in ended], cash_accounts, at=at)
    for attempt in attempts.values():
        alarm_if_overdue(attempt, at=at)


def _locked(replies: Sequence[ReceivedReply]) -> dict[int, Attempt]:
    """Return the attempts by key: locked first, then read."""
    keys = [received.attempt.pk for received in replies]
    rows = Attempt.objects.filter(pk__in=keys).order_by("pk")
    lock_rows(rows)
    attempts = {row.pk: row for row in rows}
    prefetch_related_objects(
        [attempts[received.attempt.pk] for received in replies if received.can_finalize],
        "withdrawal",
    )
    return attempts


def _report_mismatch(attempt: Attempt, received: ReceivedReply, *, at: datetime) -> None:
    state = received.reply.state
    if received.reply.kind is ReplyKind.STATUS and state in FINAL and state.value != attempt.state:
        report_outcome_mismatch(attempt, state, at=at)


def _proves_outcome(attempt: Attempt, received: ReceivedReply) -> bool:
    """Return whether the reply proves the outcome of the attempt."""
    if received.is_refusal:
        # A signed refusal of the only call under this number: it was never paid.
        return attempt.send_count == 1
    return received.can_finalize and matches_instruction(attempt, received.reply)


def _update_open(attempt: Attempt, received: ReceivedReply, *, at: datetime) -> None:
    """Update an attempt that has not ended, and schedule its next poll."""
    reply = received.reply
    attempt.next_run_at = _next_run(attempt, received, at=at)
    if reply.kind is ReplyKind.STATUS and reply.state:
        if matches_instruction(attempt, reply, answers_poll=received.answers_poll):
            attempt.last_error = ""
            # The answer to a poll has no package: the one before still opens the page.
            kept = attempt.package_info if reply.state is State.WAIT_USER_CONFIRM else ""
            attempt.package_info = reply.package_info or kept
            attempt.provider_no = reply.provider_no or attempt.provider_no
            if reply.state in FINAL:
                attempt.next_run_at = at  # only the answer to a poll is final
            else:
                attempt.state = Attempt.State(reply.state.value)
            return
        reply = replace(reply, code=REPLY_MISMATCH)
    last_error = reply.code[:64] or reply.kind.value
    if last_error == REPLY_MISMATCH and attempt.last_error != REPLY_MISMATCH:
        [evidence] = save_replies([reply], at=at)
        record(
            WITHDRAWALS_REPLY_MISMATCH, attempt.withdrawal, at=at,
            number=attempt.out_bill_no, evidence=evidence.pk,
        )  # fmt: skip
    attempt.last_error = last_error
    if reply.kind is ReplyKind.REFUSED and reply.code == NOT_ENOUGH:
        pause_channel(channel=attempt.gateway, at=at, pause_reason=NOT_ENOUGH)
    elif reply.kind is ReplyKind.REFUSED and not received.answers_poll:
        # Another payment has this number, or the reply to an earlier call was lost: another call
        # does not help, but the provider may still find the payment.
        attempt.stopped_at = attempt.stopped_at or at
        [evidence] = save_replies([reply], at=at)
        record(
            WITHDRAWALS_PAYOUT_REFUSED, attempt.withdrawal, at=at,
            number=attempt.out_bill_no, code=reply.code, evidence=evidence.pk,
        )  # fmt: skip


def matches_instruction(
    attempt: Attempt, reply: ProviderReply, *, answers_poll: bool = True
) -> bool:
    """Return whether a reply is about this instruction; otherwise it is never final."""
    if not answers_poll or attempt.gateway == MANUAL:
        return reply.out_bill_no in {"", attempt.out_bill_no}
    instruction = load_instruction(attempt)
    return (reply.out_bill_no, reply.merchant, reply.app, reply.account, reply.amount) == (
        instruction.out_bill_no, instruction.merchant, instruction.app, instruction.account,
        instruction.amount,
    )  # fmt: skip


def _next_run(attempt: Attempt, received: ReceivedReply, *, at: datetime) -> datetime | None:
    if attempt.gateway == MANUAL:
        return None
    if attempt.next_run_at != received.attempt.next_run_at:  # a poll was scheduled meanwhile
        return attempt.next_run_at
    step = max(attempt.poll_count + attempt.send_count - 1, 0)
    return at + timedelta(seconds=POLL_DELAYS[min(step, len(POLL_DELAYS) - 1)])
