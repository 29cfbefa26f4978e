"""What a worker takes into its hands, and notes before it says anything to a provider."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import Case, F, Value, When, prefetch_related_objects

from common.errors import FAULTS
from common.halving import in_halves
from withdrawals.gateways import gateway
from withdrawals.gateways.base import Answer, Bill, Kind
from withdrawals.models import Attempt
from withdrawals.models.attempt import AttemptQuerySet
from withdrawals.services import channels
from withdrawals.services.ending import end_unsent
from withdrawals.services.freezing import bill_of

log = structlog.get_logger(__name__)

LEASE = timedelta(minutes=5)
LATEST = 40  # seconds of a turn in which anything is still said: far less than a lease
PAUSED = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Turn:
    """A worker's turn: whatever it takes is in its hands until one and the same moment."""

    at: datetime
    begun: float = field(default_factory=time.monotonic)

    @property
    def lease_until(self) -> datetime:
        return self.at + LEASE

    def lasts(self, seconds: float) -> bool:
        """Whether it began less than so many seconds ago."""
        return time.monotonic() - self.begun < seconds


@dataclass(frozen=True, slots=True)
class Call:
    """What is about to be said to a provider; ``bill`` ``None``: how does it stand?"""

    attempt: Attempt
    bill: Bill | None
    turn: Turn

    def make(self) -> Answer:
        """In no transaction, and with no database: it may take seconds."""
        # Whoever has slept over the end of the lease says nothing: somebody else may have by now.
        # And where a provider is slow, a task has to end all the same.
        if not self.turn.lasts(LATEST):
            return Answer(Kind.UNCLEAR, code="too_late")
        try:
            way = gateway(self.attempt.gateway)
            return way.send(self.bill) if self.bill else way.ask(self.attempt.out_bill_no)
        except Exception:
            log.exception("payout_call_failed", number=self.attempt.out_bill_no)
            return Answer(Kind.UNCLEAR, code="fault")


def claim(due: AttemptQuerySet, turn: Turn, *, most: int) -> tuple[int, list[Call]]:
    """Take up to ``most`` of these attempts, those that nobody else is just taking.

    :param due: those that are in nobody's hands
    :returns: how many were taken, and what is to be said of them: not of each, for some end here
    """
    with transaction.atomic():
        mine = list(
            due.select_for_update(skip_locked=True, no_key=True).order_by("next_at", "pk")[:most]
        )
        Attempt.objects.filter(pk__in=[one.pk for one in mine]).update(lease_until=turn.lease_until)
    for one in mine:
        one.lease_until = turn.lease_until
    asking = [Call(one, None, turn) for one in mine if one.sends]
    return len(mine), [*asking, *to_send([one for one in mine if not one.sends], turn)]


def to_send(attempts: Sequence[Attempt], turn: Turn) -> list[Call]:
    """Note that these are going to be sent, unless their channel is paused.

    What was never sent is not under way: it is not sent any more if its member owes by now, is
    frozen, or is looked into.
    """
    paused = {name for name in {one.gateway for one in attempts} if channels.is_paused(name)}
    waiting = [one.pk for one in attempts if one.gateway in paused]
    if waiting:
        Attempt.objects.filter(pk__in=waiting, ended_at=None).update(
            lease_until=None, next_at=turn.at + PAUSED
        )
    bills = {
        one.pk: (one, bill)
        for one in attempts
        if one.gateway not in paused and (bill := _opened(one, turn.at))
    }
    going: list[int] = []
    in_halves(
        lambda some: going.extend(_noted(some, turn)), [one for one, _ in bills.values()],
        alone=_not_noted,
    )  # fmt: skip
    return [Call(*bills[key], turn) for key in going]


@transaction.atomic
def _noted(attempts: Sequence[Attempt], turn: Turn) -> list[int]:
    """Note that these are being sent; the keys of those that are."""
    unsent = [one for one in attempts if one.sends == 0]
    prefetch_related_objects(unsent, "withdrawal__member", "withdrawal__payee")
    end_unsent(unsent, at=turn.at)
    # Locked before they are counted: what somebody has called off or taken over meanwhile is not
    # sent.
    open_ones = Attempt.objects.filter(
        pk__in=[one.pk for one in attempts], lease_until=turn.lease_until,
        ended_at=None, stopped_at=None,
    )  # fmt: skip
    locked = open_ones.order_by("pk").select_for_update(no_key=True)
    going = list(locked.values_list("pk", flat=True))
    # Before the call: whoever finds it after a crash knows that it may have arrived.
    Attempt.objects.filter(pk__in=going).update(
        sends=F("sends") + 1,
        state=Case(When(sends=0, then=Value(Attempt.State.UNKNOWN)), default=F("state")),
    )
    return going


def _not_noted(attempt: Attempt, _fault: Exception) -> None:
    """Its lease ends by itself."""
    log.exception("payout_not_sent", number=attempt.out_bill_no)


def _opened(attempt: Attempt, at: datetime) -> Bill | None:
    """The bill; ``None`` if it cannot be opened, which a person has to mend."""
    try:
        return bill_of(attempt)
    except FAULTS:
        log.exception("bill_not_opened", number=attempt.out_bill_no)
        Attempt.objects.filter(pk=attempt.pk, ended_at=None).update(
            lease_until=None, next_at=at + PAUSED, trouble="bill_not_opened"
        )
        return None
