"""What a worker takes into its hands, and notes before it says anything to a provider."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import Case, F, Value, When, prefetch_related_objects

from common.halving import in_halves
from common.sealing import CannotOpen
from withdrawals.gateways import gateway
from withdrawals.gateways.base import Answer, Bill, Kind
from withdrawals.models import Attempt
from withdrawals.models.attempt import AttemptQuerySet
from withdrawals.services import channels
from withdrawals.services.ending import end_unsent
from withdrawals.services.freezing import bill_of

log = structlog.get_logger(__name__)

LEASE = timedelta(minutes=5)
LATEST = 240  # seconds after it was noted; within the lease
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


def claim(due: AttemptQuerySet, *, at: datetime, most: int) -> tuple[int, list[Call]]:
    """Take up to ``most`` of these attempts, those that nobody else is just taking.

    :param due: those that are in nobody's hands
    :returns: how many were taken, and what is to be said of them: not of each, for some end here
    """
    with transaction.atomic():
        mine = list(
            due.select_for_update(skip_locked=True, no_key=True).order_by("next_at", "pk")[:most]
        )
        Attempt.objects.filter(pk__in=[one.pk for one in mine]).update(lease_until=at + LEASE)
    for one in mine:
        one.lease_until = at + LEASE
    asking = [Call(one, None) for one in mine if one.sends]
    return len(mine), [*asking, *to_send([one for one in mine if not one.sends], at=at)]


def to_send(attempts: Sequence[Attempt], *, at: datetime) -> list[Call]:
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
    going: list[int] = []
    in_halves(
        lambda some: going.extend(_noted(some, at)), [one for one, _ in bills.values()],
        alone=_not_noted,
    )  # fmt: skip
    return [Call(*bills[key]) for key in going]


@transaction.atomic
def _noted(attempts: Sequence[Attempt], at: datetime) -> list[int]:
    """Note that these are being sent; the keys of those that are."""
    unsent = [one for one in attempts if one.sends == 0]
    prefetch_related_objects(unsent, "withdrawal__member", "withdrawal__payee")
    end_unsent(unsent, at=at)
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


def _not_noted(attempt: Attempt, _fault: Exception) -> None:
    """Its lease ends by itself."""
    log.exception("payout_not_sent", number=attempt.out_bill_no)


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
