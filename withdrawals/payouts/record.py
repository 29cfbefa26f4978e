"""What a provider has said is kept, compared with the bill, and, once proven, posted.

Set-based: the answers that came in together are recorded together, by a few statements.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import prefetch_related_objects

from common.bulk_insert import deferred_inserts, update
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

POLL_DELAYS = (5, 15, 60, 300, 900)  # seconds after the first question and those that follow
MAX_POLL_DELAY = timedelta(hours=1)
NOT_ENOUGH = "NOT_ENOUGH"
# The same number may be accepted later, or has been with another content: not proof of anything.
RETRYABLE_CODES = {NOT_ENOUGH, "INVALID_REQUEST"}
REPLY_MISMATCH = "reply_mismatch"


@dataclass(frozen=True, slots=True)
class PolledReply:
    """What a provider has said of an attempt that is in our hands.

    ``polled``: whether it answers a question; only then can it be the end.
    """

    attempt: Attempt
    reply: ProviderReply
    polled: bool

    @property
    def can_finalize(self) -> bool:
        """Whether it may prove how the attempt ended: then the member's purse is locked first."""
        return self._is_final or self.is_refusal

    @property
    def _is_final(self) -> bool:
        return self.reply.kind is ReplyKind.STATUS and self.reply.state in FINAL and self.polled

    @property
    def is_refusal(self) -> bool:
        """Whether it proves that this call, and nothing else, was not carried out."""
        refused = self.reply.kind is ReplyKind.REFUSED and not self.polled
        return refused and self.reply.code not in RETRYABLE_CODES


@transaction.atomic
def record_replies(said: Sequence[PolledReply], *, at: datetime) -> None:
    """Keep what was said of attempts in our hands, and let them go: all, or none.

    :raises WrongStatus: an ended attempt's withdrawal is not being paid; a fault of ours
    """
    with deferred_inserts():
        # Money moves only at the end; what is on the way locks nobody's purse.
        ending = [one.attempt.pk for one in said if one.can_finalize]
        cash_accounts = lock_many_cash_accounts(
            list(Member.objects.filter(withdrawals__attempts__in=ending))
        )
        now = _locked(said)
        ended: list[tuple[Attempt, ProviderReply]] = []
        for one in said:
            attempt = now[one.attempt.pk]
            if attempt.ended_at:
                _report_mismatch(attempt, one, at=at)
                del now[attempt.pk]
                continue
            if attempt.lease_until == one.attempt.lease_until:  # else another worker has it by now
                attempt.lease_until = None
            attempt.poll_count += one.polled
            if _proves_outcome(attempt, one):
                ended.append((attempt, one.reply))
            else:
                _update_open(attempt, one, at=at)
        for (attempt, reply), kept in zip(
            ended, save_replies([reply for _, reply in ended], at=at), strict=True
        ):
            state = Attempt.State.FAIL if reply.state is None else Attempt.State(reply.state)
            attempt.provider_no = reply.provider_no or attempt.provider_no
            set_outcome(
                attempt,
                state=state,
                evidence=kept,
                at=at,
                end_reason=reply.fail_reason or reply.code,
            )
        update(list(now.values()), Attempt.MUTABLE_FIELDS)
        apply_outcomes([attempt for attempt, _ in ended], cash_accounts, at=at)
        for attempt in now.values():
            alarm_if_overdue(attempt, at=at)


def _locked(said: Sequence[PolledReply]) -> dict[int, Attempt]:
    """The attempts as they stand now: locked first, then read."""
    rows = Attempt.objects.filter(pk__in=[one.attempt.pk for one in said]).order_by("pk")
    list(rows.select_for_update(no_key=True).values_list("pk"))
    now = {row.pk: row for row in rows}
    prefetch_related_objects(
        [now[one.attempt.pk] for one in said if one.can_finalize], "withdrawal"
    )
    return now


def _report_mismatch(attempt: Attempt, said: PolledReply, *, at: datetime) -> None:
    state = said.reply.state
    if said.reply.kind is ReplyKind.STATUS and state in FINAL and state.value != attempt.state:
        report_outcome_mismatch(attempt, state, at=at)


def _proves_outcome(attempt: Attempt, said: PolledReply) -> bool:
    """Whether this proves how the attempt has ended."""
    if said.is_refusal:
        # Signed, and to the only call that was ever made under this number: it was never paid.
        return attempt.send_count == 1
    return said.can_finalize and matches_instruction(attempt, said.reply)


def _update_open(attempt: Attempt, said: PolledReply, *, at: datetime) -> None:
    """Write down what it is worth, and when to ask next."""
    reply = said.reply
    attempt.next_run_at = _next_run(attempt, said, at=at)
    if reply.kind is ReplyKind.STATUS and reply.state:
        if matches_instruction(attempt, reply, polled=said.polled):
            attempt.last_error, attempt.package_info = "", reply.package_info
            attempt.provider_no = reply.provider_no or attempt.provider_no
            if reply.state in FINAL:
                attempt.next_run_at = at  # the end is believed only of a question
            else:
                attempt.state = Attempt.State(reply.state.value)
            return
        reply = replace(reply, code=REPLY_MISMATCH)
    last_error = reply.code[:64] or reply.kind.value
    if last_error == REPLY_MISMATCH != attempt.last_error:
        [kept] = save_replies([reply], at=at)
        record(
            WITHDRAWALS_REPLY_MISMATCH, attempt.withdrawal, at=at,
            number=attempt.out_bill_no, evidence=kept.pk,
        )  # fmt: skip
    attempt.last_error = last_error
    if reply.kind is ReplyKind.REFUSED and reply.code == NOT_ENOUGH:
        channels.pause(channel=attempt.gateway, at=at, pause_reason=NOT_ENOUGH)
    elif reply.kind is ReplyKind.REFUSED and not said.polled:
        # Under this number stands something else, or it was refused after a call whose answer is
        # not known: another call makes it no better, but the provider may find it yet.
        attempt.stopped_at = attempt.stopped_at or at
        [kept] = save_replies([reply], at=at)
        record(
            WITHDRAWALS_PAYOUT_REFUSED, attempt.withdrawal, at=at,
            number=attempt.out_bill_no, code=reply.code, evidence=kept.pk,
        )  # fmt: skip


def matches_instruction(attempt: Attempt, reply: ProviderReply, *, polled: bool = True) -> bool:
    """Whether the answer is of this bill; one that is not is never the end."""
    if not polled or attempt.gateway == MANUAL:
        return reply.out_bill_no in {"", attempt.out_bill_no}
    instruction = load_instruction(attempt)
    return (reply.out_bill_no, reply.merchant, reply.app, reply.account, reply.amount) == (
        instruction.out_bill_no, instruction.merchant, instruction.app, instruction.account, instruction.amount,
    )  # fmt: skip


def _next_run(attempt: Attempt, said: PolledReply, *, at: datetime) -> datetime | None:
    if attempt.gateway == MANUAL:
        return None
    if attempt.next_run_at != said.attempt.next_run_at:  # somebody has hinted at it meanwhile
        return attempt.next_run_at
    return at + _poll_delay(attempt)


def _poll_delay(attempt: Attempt) -> timedelta:
    step = attempt.poll_count + attempt.send_count - 1
    return (
        timedelta(seconds=POLL_DELAYS[max(step, 0)]) if step < len(POLL_DELAYS) else MAX_POLL_DELAY
    )
