"""Sending and asking: never twice, whatever is lost on the way.

The order is always the same: claim the attempt and commit, call without a transaction, record what
was said. A second sending asks first, and repeats the same bill under the same number. Only a
signed answer to a question, which names the frozen merchant, app, account and amount, moves the
ledger.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from django.db import OperationalError, transaction
from django.db.models import Case, F, Q, Value, When

from common.errors import FAULTS
from common.sealing import CannotOpen
from withdrawals.gateways import gateway
from withdrawals.gateways.base import Answer, Bill, Kind
from withdrawals.models import Attempt
from withdrawals.services import channels
from withdrawals.services.ending import REPEATABLE, end_unsent
from withdrawals.services.freezing import bill_of
from withdrawals.services.recording import Said, record

log = structlog.get_logger(__name__)

LEASE = timedelta(minutes=5)
LATEST = 240  # seconds after it was noted; within the lease
EACH = 8  # calls, one after the other, take less than a lease
PAUSED = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Call:
    """What is about to be said to a provider; ``bill`` ``None``: how does it stand?"""

    attempt: Attempt
    bill: Bill | None
    noted: float = field(default_factory=time.monotonic)

    def make(self) -> Answer:
        """In no transaction, and with no database: it may take seconds."""
        # Whoever has slept over the end of the lease sends nothing: somebody else may have by now.
        if self.bill and time.monotonic() - self.noted > LATEST:
            return Answer(Kind.UNCLEAR, code="too_late")
        try:
            way = gateway(self.attempt.gateway)
            return way.send(self.bill) if self.bill else way.ask(self.attempt.out_bill_no)
        except Exception:
            log.exception("payout_call_failed", number=self.attempt.out_bill_no)
            return Answer(Kind.UNCLEAR, code="fault")


def sweep(*, at: datetime, in_flight: int = 1) -> int:
    """Work on some of the attempts whose turn has come; call it again until it answers 0.

    Any number of workers may do this: each attempt is in one's hands at a time.

    :param in_flight: how many calls wait for the provider side by side
    """
    due = Attempt.objects.to_ask(at).order_by("next_at", "pk")
    calls = _first_calls(list(due.values_list("pk", flat=True)[: EACH * in_flight]), at)
    with ThreadPoolExecutor(in_flight) as pool:
        running = {pool.submit(call.make): call for call in calls}
        while running:
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            said = [(running.pop(one), one.result()) for one in done]
            for call in _follow(said, at, keep=_keep_what_can_be_kept):
                running[pool.submit(call.make)] = call
    return len(calls)


def work(*, attempt: int, at: datetime) -> Answer | None:
    """Send an attempt, or ask how it stands.

    :param attempt: its key
    :returns: what the provider has said last; ``None`` if it is in another worker's hands, has
        ended, or its channel is paused before anything was sent
    """
    answer = None
    calls = _first_calls([attempt], at)
    while calls:
        answer = calls[0].make()
        calls = _follow([(calls[0], answer)], at, keep=record)
    return answer


def ask_soon(*, out_bill_no: str, at: datetime) -> None:
    """Somebody hints that something has happened to it: it is asked for next."""
    Attempt.objects.filter(out_bill_no=out_bill_no, ended_at=None).update(next_at=at)


def may_be_repeated(attempt: Attempt, *, at: datetime) -> bool:
    """Whether the same number and content is still the same payment for the provider."""
    return attempt.stopped_at is None and at < attempt.created_at + REPEATABLE


def _first_calls(keys: Sequence[int], at: datetime) -> list[Call]:
    """Claim those of the attempts that nobody else works on; what is to be said of each."""
    free = Attempt.objects.filter(pk__in=keys, ended_at=None).filter(
        Q(lease_until=None) | Q(lease_until__lte=at)
    )
    with transaction.atomic():
        mine = list(
            free.select_for_update(skip_locked=True, no_key=True, of=("self",))
            .select_related("withdrawal__member")
            .order_by("next_at", "pk")
        )
        Attempt.objects.filter(pk__in=[one.pk for one in mine]).update(lease_until=at + LEASE)
    for one in mine:
        one.lease_until = at + LEASE
    asking = [Call(one, None) for one in mine if one.sends]
    return [*asking, *_sending([one for one in mine if not one.sends], at)]


def _follow(
    said: Sequence[tuple[Call, Answer]],
    at: datetime,
    *,
    keep: Callable[..., None],
) -> list[Call]:
    """Record the answers, but for those that another call has to follow first: these calls."""
    lost = [
        call.attempt
        for call, answer in said
        if call.bill is None
        and answer.kind is Kind.NOT_FOUND
        and may_be_repeated(call.attempt, at=at)
    ]
    # It may be on its way still: the same number and content again is the same payment.
    again = _sending(lost, at) if lost else []
    going = {call.attempt.pk for call in again}
    told = [
        Said(call.attempt, answer, asked=call.bill is None)
        for call, answer in said
        if call.attempt.pk not in going
    ]
    if told:
        keep(told, at=at)
    return again


def _keep_what_can_be_kept(said: Sequence[Said], *, at: datetime) -> None:
    """Where some cannot be recorded, halve them until the faulty one stands alone.

    Its lease ends by itself; the other answers must not be lost with it.
    """
    try:
        record(said, at=at)
    except OperationalError:
        raise
    except FAULTS:
        if len(said) == 1:
            log.exception("payout_not_recorded", number=said[0].attempt.out_bill_no)
            return
        middle = len(said) // 2
        _keep_what_can_be_kept(said[:middle], at=at)
        _keep_what_can_be_kept(said[middle:], at=at)


def _sending(attempts: Sequence[Attempt], at: datetime) -> list[Call]:
    """Note that these are going to be sent, unless their channel is paused.

    What was never sent is not under way: it is not sent any more if its member owes by now, is
    frozen, or is looked into.
    """
    paused = {name for name in {one.gateway for one in attempts} if channels.is_paused(name)}
    waiting = [one.pk for one in attempts if one.gateway in paused]
    if waiting:
        Attempt.objects.filter(pk__in=waiting).update(lease_until=None, next_at=at + PAUSED)
    bills = {
        one.pk: (one, bill)
        for one in attempts
        if one.gateway not in paused and (bill := _opened(one, at))
    }
    return [Call(*bills[key]) for key in _noted([one for one, _ in bills.values()], at)]


def _noted(attempts: Sequence[Attempt], at: datetime) -> list[int]:
    """Note that these are being sent; the keys of those that are. A faulty one is left out, and its
    lease ends by itself."""
    if not attempts:
        return []
    try:
        return _counted(attempts, at)
    except OperationalError:
        raise
    except FAULTS:
        if len(attempts) == 1:
            log.exception("payout_not_sent", number=attempts[0].out_bill_no)
            return []
        middle = len(attempts) // 2
        return [*_noted(attempts[:middle], at), *_noted(attempts[middle:], at)]


@transaction.atomic
def _counted(attempts: Sequence[Attempt], at: datetime) -> list[int]:
    end_unsent([one for one in attempts if one.sends == 0], at=at)
    # Locked before they are counted: what somebody has called off meanwhile is not sent.
    keys = [one.pk for one in attempts]
    open_ones = Attempt.objects.filter(pk__in=keys, ended_at=None, stopped_at=None)
    locked = open_ones.order_by("pk").select_for_update(no_key=True)
    going = list(locked.values_list("pk", flat=True))
    # Before the call: whoever finds it after a crash knows that it may have arrived.
    Attempt.objects.filter(pk__in=going).update(
        sends=F("sends") + 1,
        state=Case(When(sends=0, then=Value(Attempt.State.UNKNOWN)), default=F("state")),
    )
    return going


def _opened(attempt: Attempt, at: datetime) -> Bill | None:
    """The bill; ``None`` if it cannot be opened, which a person has to mend."""
    try:
        return bill_of(attempt)
    except (CannotOpen, RuntimeError):
        log.exception("bill_not_opened", number=attempt.out_bill_no)
        Attempt.objects.filter(pk=attempt.pk, ended_at=None).update(
            lease_until=None, next_at=at + PAUSED, trouble="bill_not_opened"
        )
        return None
