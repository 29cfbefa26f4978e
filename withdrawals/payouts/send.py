"""Send and poll attempts so that nothing is paid twice, whatever is lost on the way.

The order is always the same: lease the attempt and commit, call without a transaction, record the
reply. A resend queries first, and repeats the same instruction under the same number. Only a signed
reply to a query that matches merchant, app, account and amount of the instruction moves the ledger.
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
from withdrawals.payouts.claim import Call, claim, prepare_sends
from withdrawals.payouts.finish import RESEND_WINDOW
from withdrawals.payouts.leases import HEARTBEAT, Lease
from withdrawals.payouts.replies import ReceivedReply, record_replies

log = structlog.get_logger(__name__)

PREFETCH, CLAIM_SIZE = 4, 3  # calls for each thread
BATCH_WINDOW = 0.25  # seconds in which replies wait to be recorded together
CLAIM_WINDOW = 10  # seconds in which a run leases attempts


def process_due_attempts(*, at: datetime, in_flight: int = 1) -> int:
    """Process due attempts for some seconds; call it again until it returns 0.

    Safe in any number of workers: each attempt is leased to one at a time.

    :param in_flight: the number of concurrent calls to the provider
    :returns: the number of processed attempts
    """
    lease, due = Lease(at), Attempt.objects.due(at)
    count, more = 0, True
    replies: list[tuple[Call, ProviderReply]] = []
    with _CallPool(in_flight) as pool:
        while True:
            if count:
                more = lease.renew() and more
            # Calls first, some ahead for each thread: none is idle while replies are recorded.
            while more and pool.pending <= PREFETCH * in_flight:
                claimed, calls = claim(due, lease, limit=CLAIM_SIZE * in_flight)
                pool.call(calls)
                count += claimed
                more = claimed > 0 and lease.is_younger_than(CLAIM_WINDOW)
            if replies:
                pool.call(_record_or_resend(replies, lease, save=_record_each))
            if not pool.pending:
                lease.release()
                return count
            replies = pool.replies(meanwhile=lease.renew)
            more = more and lease.is_younger_than(CLAIM_WINDOW)


class _CallPool:
    """Threads that call the provider concurrently, and the replies."""

    def __init__(self, count: int) -> None:
        self._count, self._pool = count, ThreadPoolExecutor(count)
        self._completed: SimpleQueue[tuple[Call, ProviderReply]] = SimpleQueue()
        self.pending = 0
        """The number of calls whose replies have not been taken yet."""

    def __enter__(self) -> _CallPool:
        return self

    def __exit__(self, *raised: object) -> None:
        # After a fault nobody reads the replies: calls not started yet are cancelled.
        self._pool.shutdown(cancel_futures=True)

    def call(self, calls: Sequence[Call]) -> None:
        self.pending += len(calls)
        for call in calls:
            self._pool.submit(self._run, call)

    def replies(self, *, meanwhile: Callable[[], object]) -> list[tuple[Call, ProviderReply]]:
        """Return the next reply and those that follow soon, up to two for each thread.

        :param meanwhile: called about every two seconds while waiting
        """
        replies = [self._next(meanwhile)]
        end = time.monotonic() + BATCH_WINDOW
        enough = min(2 * self._count, self.pending)
        while len(replies) < enough and (left := end - time.monotonic()) > 0:
            with suppress(Empty):
                replies.append(self._completed.get(timeout=left))
        self.pending -= len(replies)
        return replies

    def _next(self, meanwhile: Callable[[], object]) -> tuple[Call, ProviderReply]:
        while True:
            with suppress(Empty):
                return self._completed.get(timeout=HEARTBEAT)
            meanwhile()

    def _run(self, call: Call) -> None:
        reply = ProviderReply(ReplyKind.UNCLEAR, code="fault")
        try:
            reply = call.execute()
        finally:
            self._completed.put((call, reply))  # in any case: the reader waits for it


def process_attempt(*, attempt: int, at: datetime) -> ProviderReply | None:
    """Send an attempt, or query its status.

    :param attempt: its key
    :returns: the last reply; ``None`` if the attempt is leased, has ended, or is unsent in a paused
        channel
    """
    reply, lease = None, Lease(at)
    _, calls = claim(Attempt.objects.filter(pk=attempt, ended_at=None).unleased(at), lease, limit=1)
    with _CallPool(1) as pool:
        while calls:
            pool.call(calls)
            replies = pool.replies(meanwhile=lease.renew)
            [(_call, reply)] = replies
            calls = _record_or_resend(replies, lease, save=record_replies)
    lease.release()
    return reply


def request_package(*, attempt: int, at: datetime) -> None:
    """Send an attempt again that waits for its member and has no package for the phone.

    Only the answer to a send has a package. The same number and content is the same payment.

    :param attempt: its key
    """
    lease = Lease(at)
    waiting = Attempt.objects.filter(
        pk=attempt, state=Attempt.State.WAIT_USER_CONFIRM, package_info="", stopped_at=None,
        created_at__gt=at - RESEND_WINDOW, ended_at=None,
    )  # fmt: skip
    _, polls = claim(waiting.unleased(at), lease, limit=1)
    with _CallPool(1) as pool:
        calls = prepare_sends([call.attempt for call in polls], lease)
        pool.call(calls)
        for _ in calls:
            for call, reply in pool.replies(meanwhile=lease.renew):
                record_replies([ReceivedReply(call.attempt, reply, answers_poll=False)], at=at)
    lease.release()


def schedule_poll(*, out_bill_no: str, at: datetime) -> None:
    """Poll an attempt as soon as possible."""
    Attempt.objects.filter(out_bill_no=out_bill_no, ended_at=None).update(next_run_at=at)


def can_resend(attempt: Attempt, *, at: datetime) -> bool:
    """Return whether the provider still treats the same number as the same payment."""
    return attempt.stopped_at is None and at < attempt.created_at + RESEND_WINDOW


def _record_or_resend(
    results: Sequence[tuple[Call, ProviderReply]],
    lease: Lease,
    *,
    save: Callable[..., None],
) -> list[Call]:
    """Record replies, and return the resends for payments that the provider does not know."""
    lost = {
        call.attempt.pk: call.attempt
        for call, reply in results
        if call.instruction is None
        and reply.kind is ReplyKind.NOT_FOUND
        and can_resend(call.attempt, at=lease.at)
    }
    replies = [
        ReceivedReply(call.attempt, reply, answers_poll=call.instruction is None)
        for call, reply in results
    ]
    if known := [reply for reply in replies if reply.attempt.pk not in lost]:
        save(known, at=lease.at)
    # The first call may still be on its way: the same number and content is the same payment.
    resends = prepare_sends(list(lost.values()), lease) if lost else []
    sending = {call.attempt.pk for call in resends}
    if unsent := [reply for reply in replies if reply.attempt.pk in lost.keys() - sending]:
        save(unsent, at=lease.at)
    return resends


def _record_each(replies: Sequence[ReceivedReply], *, at: datetime) -> None:
    """Record the replies except faulty ones: their leases expire, and they are polled again."""
    bisect_failures(
        lambda batch: record_replies(batch, at=at), replies, on_failure=_log_record_failure
    )


def _log_record_failure(reply: ReceivedReply, _fault: Exception) -> None:
    log.exception("payout_not_recorded", number=reply.attempt.out_bill_no)
