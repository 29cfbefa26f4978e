"""Sending and asking: never twice, whatever is lost on the way.

The order is always the same: claim the attempt and commit, call without a transaction, record what
was said. A second sending asks first, and repeats the same bill under the same number. Only a
signed answer to a question, which names the frozen merchant, app, account and amount, moves the
ledger.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from queue import Empty, SimpleQueue

import structlog

from common.batches import bisect_failures
from withdrawals.gateways.base import ProviderReply, ReplyKind
from withdrawals.models import Attempt
from withdrawals.payouts.claim import Call, Lease, claim, prepare_sends
from withdrawals.payouts.finish import RESEND_WINDOW
from withdrawals.payouts.record import PolledReply, record_replies

log = structlog.get_logger(__name__)

PREFETCH, CLAIM_SIZE = 4, 3  # calls for each line
BATCH_WINDOW = 0.25  # seconds in which answers wait to be recorded with others
CLAIM_WINDOW = 10  # seconds in which a sweep takes up attempts


def process_due_attempts(*, at: datetime, in_flight: int = 1) -> int:
    """Work on the attempts whose turn has come, for some seconds; call it again until it answers 0.

    Any number of workers may do this: each attempt is in one's hands at a time.

    :param in_flight: how many calls wait for the provider side by side
    :returns: how many it has worked on
    """
    lease, due = Lease(at), Attempt.objects.due(at)
    count, more = 0, True
    replies: list[tuple[Call, ProviderReply]] = []
    with _CallPool(in_flight) as pool:
        while True:
            # First the lines, some calls ahead for each: none is idle while answers are recorded.
            while more and pool.pending <= PREFETCH * in_flight:
                claimed, calls = claim(due, lease, limit=CLAIM_SIZE * in_flight)
                pool.call(calls)
                count += claimed
                more = claimed > 0 and lease.is_younger_than(CLAIM_WINDOW)
            if replies:
                pool.call(_record_or_resend(replies, lease, save=_record_each))
            if not pool.pending:
                return count
            replies = pool.replies()
            more = more and lease.is_younger_than(CLAIM_WINDOW)


class _CallPool:
    """Threads that call the provider side by side, and what they were told."""

    def __init__(self, count: int) -> None:
        self._count, self._pool = count, ThreadPoolExecutor(count)
        self._completed: SimpleQueue[tuple[Call, ProviderReply]] = SimpleQueue()
        self.pending = 0
        """Calls whose answers nobody has taken yet."""

    def __enter__(self) -> _CallPool:
        return self

    def __exit__(self, *raised: object) -> None:
        # After a fault nobody listens any more: what has not been said yet is not said.
        self._pool.shutdown(cancel_futures=True)

    def call(self, calls: Sequence[Call]) -> None:
        self.pending += len(calls)
        for one in calls:
            self._pool.submit(self._run, one)

    def replies(self) -> list[tuple[Call, ProviderReply]]:
        """The first that comes, and those that come soon after it, up to two of each line."""
        found = [self._completed.get()]
        end = time.monotonic() + BATCH_WINDOW
        enough = min(2 * self._count, self.pending)
        while len(found) < enough and (left := end - time.monotonic()) > 0:
            with suppress(Empty):
                found.append(self._completed.get(timeout=left))
        self.pending -= len(found)
        return found

    def _run(self, call: Call) -> None:
        reply = ProviderReply(ReplyKind.UNCLEAR, code="fault")
        try:
            reply = call.execute()
        finally:
            self._completed.put((call, reply))  # whatever ends it: somebody waits for this


def process_attempt(*, attempt: int, at: datetime) -> ProviderReply | None:
    """Send an attempt, or ask how it stands.

    :param attempt: its key
    :returns: what the provider has said last; ``None`` if it is in another worker's hands, has
        ended, or its channel is paused before anything was sent
    """
    reply, lease = None, Lease(at)
    _, calls = claim(Attempt.objects.filter(pk=attempt, ended_at=None).unleased(at), lease, limit=1)
    while calls:
        reply = calls[0].execute()
        calls = _record_or_resend([(calls[0], reply)], lease, save=record_replies)
    return reply


def schedule_poll(*, out_bill_no: str, at: datetime) -> None:
    """Somebody hints that something has happened to it: it is asked for next."""
    Attempt.objects.filter(out_bill_no=out_bill_no, ended_at=None).update(next_run_at=at)


def can_resend(attempt: Attempt, *, at: datetime) -> bool:
    """Whether the same number and content is still the same payment for the provider."""
    return attempt.stopped_at is None and at < attempt.created_at + RESEND_WINDOW


def _record_or_resend(
    said: Sequence[tuple[Call, ProviderReply]],
    lease: Lease,
    *,
    save: Callable[..., None],
) -> list[Call]:
    """Record the answers, but for those that another call has to follow first: these calls."""
    lost = {
        call.attempt.pk: call.attempt
        for call, reply in said
        if call.instruction is None
        and reply.kind is ReplyKind.NOT_FOUND
        and can_resend(call.attempt, at=lease.at)
    }
    told = [
        PolledReply(call.attempt, reply, polled=call.instruction is None) for call, reply in said
    ]
    if found := [one for one in told if one.attempt.pk not in lost]:
        save(found, at=lease.at)
    # It may be on its way still: the same number and content again is the same payment.
    again = prepare_sends(list(lost.values()), lease) if lost else []
    going = {call.attempt.pk for call in again}
    if left := [one for one in told if one.attempt.pk in lost and one.attempt.pk not in going]:
        save(left, at=lease.at)
    return again


def _record_each(said: Sequence[PolledReply], *, at: datetime) -> None:
    """Record the answers but for a faulty one: its lease ends by itself, and it is asked again."""
    bisect_failures(lambda some: record_replies(some, at=at), said, on_failure=_log_record_failure)


def _log_record_failure(said: PolledReply, _fault: Exception) -> None:
    log.exception("payout_not_recorded", number=said.attempt.out_bill_no)
