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

from common.halving import in_halves
from withdrawals.gateways.base import Answer, Kind
from withdrawals.models import Attempt
from withdrawals.services.claiming import Call, Turn, claim, to_send
from withdrawals.services.ending import REPEATABLE
from withdrawals.services.recording import Said, record

log = structlog.get_logger(__name__)

AHEAD, AT_ONCE = 4, 3  # calls for each line
GATHERED = 0.25  # seconds in which answers wait to be recorded with others
BEGINS = 10  # seconds in which a sweep takes up attempts


def sweep(*, at: datetime, in_flight: int = 1) -> int:
    """Work on the attempts whose turn has come, for some seconds; call it again until it answers 0.

    Any number of workers may do this: each attempt is in one's hands at a time.

    :param in_flight: how many calls wait for the provider side by side
    :returns: how many it has worked on
    """
    turn, due = Turn(at), Attempt.objects.to_ask(at)
    count, more = 0, True
    answers: list[tuple[Call, Answer]] = []
    with _Lines(in_flight) as lines:
        while True:
            # First the lines, some calls ahead for each: none is idle while answers are recorded.
            while more and lines.busy <= AHEAD * in_flight:
                claimed, calls = claim(due, turn, most=AT_ONCE * in_flight)
                lines.call(calls)
                count += claimed
                more = claimed > 0 and turn.lasts(BEGINS)
            if answers:
                lines.call(_follow(answers, turn, keep=_keep_what_can_be_kept))
            if not lines.busy:
                return count
            answers = lines.answers()
            more = more and turn.lasts(BEGINS)


class _Lines:
    """Threads that call the provider side by side, and what they were told."""

    def __init__(self, count: int) -> None:
        self._count, self._pool = count, ThreadPoolExecutor(count)
        self._told: SimpleQueue[tuple[Call, Answer]] = SimpleQueue()
        self.busy = 0
        """Calls whose answers nobody has taken yet."""

    def __enter__(self) -> _Lines:
        return self

    def __exit__(self, *raised: object) -> None:
        # After a fault nobody listens any more: what has not been said yet is not said.
        self._pool.shutdown(cancel_futures=True)

    def call(self, calls: Sequence[Call]) -> None:
        self.busy += len(calls)
        for one in calls:
            self._pool.submit(self._make, one)

    def answers(self) -> list[tuple[Call, Answer]]:
        """The first that comes, and those that come soon after it, up to two of each line."""
        found = [self._told.get()]
        end = time.monotonic() + GATHERED
        enough = min(2 * self._count, self.busy)
        while len(found) < enough and (left := end - time.monotonic()) > 0:
            with suppress(Empty):
                found.append(self._told.get(timeout=left))
        self.busy -= len(found)
        return found

    def _make(self, call: Call) -> None:
        answer = Answer(Kind.UNCLEAR, code="fault")
        try:
            answer = call.make()
        finally:
            self._told.put((call, answer))  # whatever ends it: somebody waits for this


def work(*, attempt: int, at: datetime) -> Answer | None:
    """Send an attempt, or ask how it stands.

    :param attempt: its key
    :returns: what the provider has said last; ``None`` if it is in another worker's hands, has
        ended, or its channel is paused before anything was sent
    """
    answer, turn = None, Turn(at)
    _, calls = claim(Attempt.objects.filter(pk=attempt, ended_at=None).free(at), turn, most=1)
    while calls:
        answer = calls[0].make()
        calls = _follow([(calls[0], answer)], turn, keep=record)
    return answer


def ask_soon(*, out_bill_no: str, at: datetime) -> None:
    """Somebody hints that something has happened to it: it is asked for next."""
    Attempt.objects.filter(out_bill_no=out_bill_no, ended_at=None).update(next_at=at)


def may_be_repeated(attempt: Attempt, *, at: datetime) -> bool:
    """Whether the same number and content is still the same payment for the provider."""
    return attempt.stopped_at is None and at < attempt.created_at + REPEATABLE


def _follow(
    said: Sequence[tuple[Call, Answer]],
    turn: Turn,
    *,
    keep: Callable[..., None],
) -> list[Call]:
    """Record the answers, but for those that another call has to follow first: these calls."""
    lost = {
        call.attempt.pk: call.attempt
        for call, answer in said
        if call.bill is None
        and answer.kind is Kind.NOT_FOUND
        and may_be_repeated(call.attempt, at=turn.at)
    }
    told = [Said(call.attempt, answer, asked=call.bill is None) for call, answer in said]
    if found := [one for one in told if one.attempt.pk not in lost]:
        keep(found, at=turn.at)
    # It may be on its way still: the same number and content again is the same payment.
    again = to_send(list(lost.values()), turn) if lost else []
    going = {call.attempt.pk for call in again}
    if left := [one for one in told if one.attempt.pk in lost and one.attempt.pk not in going]:
        keep(left, at=turn.at)
    return again


def _keep_what_can_be_kept(said: Sequence[Said], *, at: datetime) -> None:
    """Record the answers but for a faulty one: its lease ends by itself, and it is asked again."""
    in_halves(lambda some: record(some, at=at), said, alone=_not_recorded)


def _not_recorded(said: Said, _fault: Exception) -> None:
    log.exception("payout_not_recorded", number=said.attempt.out_bill_no)
