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
from events.services import record
from members.models import Member
from withdrawals.cash_accounts import lock_many_cash_accounts
from withdrawals.events import WITHDRAWALS_PAYOUT_REFUSED, WITHDRAWALS_REPLY_MISMATCH
from withdrawals.gateways.base import FINAL, ProviderReply, ReplyKind
from withdrawals.gateways.manual import MANUAL
from withdrawals.models import Attempt
from withdrawals.payouts import channels
from withdrawals.payouts.alarms import alarm_if_overdue, report_outcome_mismatch
from withdrawals.payouts.evidence import save_replies
from withdrawals.payouts.finish import apply_outcomes, set_outcome
from withdrawals.payouts.start import load_instruction

POLL_DELAYS = (5, 15, 60, 300, 900, 3600)  # seconds after each poll; the last one repeats
NOT_ENOUGH = "NOT_ENOUGH"
# The same number may be accepted later, or was with other content: proof of nothing.
RETRYABLE_CODES = {NOT_ENOUGH, "INVALID_REQUEST"}
REPLY_MISMATCH = "reply_mismatch"


@dataclass(frozen=True, slots=True)
class PolledReply:
    """A provider's reply about a leased attempt.

    ``polled``: whether it answers a query; only then can it be final.
    """

    attempt: Attempt
    reply: ProviderReply
    polled: bool

    @property
    def can_finalize(self) -> bool:
        """Whether the reply may prove the outcome: the member's cash is then locked first."""
        return self._is_final or self.is_refusal

    @property
    def _is_final(self) -> bool:
        return self.reply.kind is ReplyKind.STATUS and self.reply.state in FINAL and self.polled

    @property
    def is_refusal(self) -> bool:
        """Whether the reply proves that this one call was not executed."""
        refused = self.reply.kind is ReplyKind.REFUSED and not self.polled
        return refused and self.reply.code not in RETRYABLE_CODES


@transaction.atomic
def record_replies(replies: Sequence[PolledReply], *, at: datetime) -> None:
    """Record replies about leased attempts and release the leases, all or none.

    :raises WrongStatus: the withdrawal of an ended attempt is not being paid: a bug
    """
    # Money moves only at the end: other replies lock no cash accounts.
    ending = [polled.attempt.pk for polled in replies if polled.can_finalize]
    cash_accounts = lock_many_cash_accounts(
        list(Member.objects.filter(withdrawals__attempts__in=ending))
    )
    attempts = _locked(replies)
    ended: list[tuple[Attempt, ProviderReply]] = []
    for polled in replies:
        attempt = attempts[polled.attempt.pk]
        if attempt.ended_at:
            _report_mismatch(attempt, polled, at=at)
            del attempts[attempt.pk]
            continue
        if attempt.lease_until == polled.attempt.lease_until:  # else another worker has the lease
            attempt.lease_until = None
        attempt.poll_count += polled.polled
        if _proves_outcome(attempt, polled):
            ended.append((attempt, polled.reply))
        else:
            _update_open(attempt, polled, at=at)
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


def _locked(replies: Sequence[PolledReply]) -> dict[int, Attempt]:
    """Return the attempts by key: locked first, then read."""
    rows = Attempt.objects.filter(pk__in=[polled.attempt.pk for polled in replies]).order_by("pk")
    list(rows.select_for_update(no_key=True).values_list("pk"))
    attempts = {row.pk: row for row in rows}
    prefetch_related_objects(
        [attempts[polled.attempt.pk] for polled in replies if polled.can_finalize], "withdrawal"
    )
    return attempts


def _report_mismatch(attempt: Attempt, polled: PolledReply, *, at: datetime) -> None:
    state = polled.reply.state
    if polled.reply.kind is ReplyKind.STATUS and state in FINAL and state.value != attempt.state:
        report_outcome_mismatch(attempt, state, at=at)


def _proves_outcome(attempt: Attempt, polled: PolledReply) -> bool:
    """Return whether the reply proves the outcome of the attempt."""
    if polled.is_refusal:
        # A signed refusal of the only call under this number: it was never paid.
        return attempt.send_count == 1
    return polled.can_finalize and matches_instruction(attempt, polled.reply)


def _update_open(attempt: Attempt, polled: PolledReply, *, at: datetime) -> None:
    """Update an attempt that has not ended, and schedule its next poll."""
    reply = polled.reply
    attempt.next_run_at = _next_run(attempt, polled, at=at)
    if reply.kind is ReplyKind.STATUS and reply.state:
        if matches_instruction(attempt, reply, polled=polled.polled):
            attempt.last_error, attempt.package_info = "", reply.package_info
            attempt.provider_no = reply.provider_no or attempt.provider_no
            if reply.state in FINAL:
                attempt.next_run_at = at  # only a polled reply is final
            else:
                attempt.state = Attempt.State(reply.state.value)
            return
        reply = replace(reply, code=REPLY_MISMATCH)
    last_error = reply.code[:64] or reply.kind.value
    if last_error == REPLY_MISMATCH != attempt.last_error:
        [evidence] = save_replies([reply], at=at)
        record(
            WITHDRAWALS_REPLY_MISMATCH, attempt.withdrawal, at=at,
            number=attempt.out_bill_no, evidence=evidence.pk,
        )  # fmt: skip
    attempt.last_error = last_error
    if reply.kind is ReplyKind.REFUSED and reply.code == NOT_ENOUGH:
        channels.pause(channel=attempt.gateway, at=at, pause_reason=NOT_ENOUGH)
    elif reply.kind is ReplyKind.REFUSED and not polled.polled:
        # Another payment has this number, or the reply to an earlier call was lost: another call
        # does not help, but the provider may still find the payment.
        attempt.stopped_at = attempt.stopped_at or at
        [evidence] = save_replies([reply], at=at)
        record(
            WITHDRAWALS_PAYOUT_REFUSED, attempt.withdrawal, at=at,
            number=attempt.out_bill_no, code=reply.code, evidence=evidence.pk,
        )  # fmt: skip


def matches_instruction(attempt: Attempt, reply: ProviderReply, *, polled: bool = True) -> bool:
    """Return whether a reply is about this instruction; otherwise it is never final."""
    if not polled or attempt.gateway == MANUAL:
        return reply.out_bill_no in {"", attempt.out_bill_no}
    instruction = load_instruction(attempt)
    return (reply.out_bill_no, reply.merchant, reply.app, reply.account, reply.amount) == (
        instruction.out_bill_no, instruction.merchant, instruction.app, instruction.account,
        instruction.amount,
    )  # fmt: skip


def _next_run(attempt: Attempt, polled: PolledReply, *, at: datetime) -> datetime | None:
    if attempt.gateway == MANUAL:
        return None
    if attempt.next_run_at != polled.attempt.next_run_at:  # a poll was scheduled meanwhile
        return attempt.next_run_at
    step = max(attempt.poll_count + attempt.send_count - 1, 0)
    return at + timedelta(seconds=POLL_DELAYS[min(step, len(POLL_DELAYS) - 1)])
