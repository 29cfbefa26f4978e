"""Sending and asking: never twice, whatever is lost on the way.

The order is always the same: claim the attempt and commit, call without a transaction, record what
was said. A second sending asks first, and repeats the same bill under the same number. Only a
signed answer to a question, which names the frozen merchant, app, account and amount, moves the
ledger.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from queue import SimpleQueue

import structlog
from django.db import connections, transaction
from django.db.models import F, Q

from withdrawals.gateways import gateway
from withdrawals.gateways.base import Answer, Kind
from withdrawals.models import Attempt
from withdrawals.services import channels
from withdrawals.services.freezing import bill_of
from withdrawals.services.recording import record
from withdrawals.services.refusals import ChannelPaused

log = structlog.get_logger(__name__)

# Providers forget a bill after 30 days, paid or not: then its number would be a new payment.
REPEATABLE = timedelta(days=20)
LEASE = timedelta(minutes=2)  # longer than any call takes
AT_ONCE = 200


def sweep(*, at: datetime, most: int = AT_ONCE, in_flight: int = 1) -> int:
    """Work on the attempts whose turn has come; call it again until it answers 0.

    Any number of workers may do this: each attempt is in one's hands at a time.

    :param in_flight: how many calls wait for the provider at a time, each in a thread with a
        connection of its own; 1: here, one after the other
    """
    due = Attempt.objects.to_ask(at).order_by("next_at", "pk")
    keys = list(due.values_list("pk", flat=True)[:most])
    if in_flight == 1 or len(keys) < 2:  # noqa: PLR2004 - nothing to do side by side
        return _work_on(iter(keys), at)
    left: SimpleQueue[int | None] = SimpleQueue()
    for key in [*keys, *[None] * in_flight]:
        left.put(key)
    with ThreadPoolExecutor(in_flight) as pool:
        return sum(pool.map(lambda _: _in_a_thread(left, at), range(in_flight)))


def work(*, attempt: int, at: datetime) -> Answer | None:
    """Send an attempt, or ask how it stands.

    :param attempt: its key
    :returns: what the provider has said; ``None`` if it is in another worker's hands, has ended, or
        its channel is paused before anything was sent
    """
    claimed = _claim(attempt, at)
    if claimed is None:
        return None
    way = gateway(claimed.gateway)
    if claimed.sends == 0:
        answer, asked = _send(claimed, at), False
    else:
        answer, asked = way.ask(claimed.out_bill_no), True
        if answer.kind is Kind.NOT_FOUND and at < claimed.created_at + REPEATABLE:
            # It may be on its way still: the same number and content again is the same payment.
            answer, asked = _send(claimed, at), False
    if answer is None:
        return None
    record(attempt=claimed, answer=answer, asked=asked, at=at)
    return answer


def ask_soon(*, out_bill_no: str, at: datetime) -> None:
    """Somebody hints that something has happened to it: it is asked for next."""
    Attempt.objects.filter(out_bill_no=out_bill_no, ended_at=None).update(next_at=at)


def _work_on(keys: Iterator[int | None], at: datetime) -> int:
    return sum(work(attempt=key, at=at) is not None for key in keys if key)


def _in_a_thread(left: SimpleQueue[int | None], at: datetime) -> int:
    try:
        return _work_on(iter(left.get, None), at)
    finally:
        connections.close_all()


def _claim(key: int, at: datetime) -> Attempt | None:
    free = Attempt.objects.filter(pk=key, ended_at=None).filter(
        Q(lease_until=None) | Q(lease_until__lte=at)
    )
    if not free.update(lease_until=at + LEASE):
        return None
    return Attempt.objects.select_related("withdrawal__member").get(pk=key)


def _send(attempt: Attempt, at: datetime) -> Answer | None:
    try:
        channels.check_open(attempt.gateway)
    except ChannelPaused:
        Attempt.objects.filter(pk=attempt.pk, ended_at=None).update(
            lease_until=None, next_at=at + timedelta(minutes=5)
        )
        return None
    bill = bill_of(attempt)
    with transaction.atomic():
        # Before the call: whoever finds it after a crash knows that it may have arrived.
        Attempt.objects.filter(pk=attempt.pk).update(
            sends=F("sends") + 1, state=Attempt.State.UNKNOWN if attempt.sends == 0 else F("state")
        )
    return gateway(attempt.gateway).send(bill)
