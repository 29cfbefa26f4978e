"""What a worker takes into its hands, and notes before it says anything to a provider."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import Case, F, Value, When, prefetch_related_objects

from common.batches import bisect_failures
from common.errors import FAULTS
from withdrawals.gateways import gateway
from withdrawals.gateways.base import PayoutInstruction, ProviderReply, ReplyKind
from withdrawals.models import Attempt
from withdrawals.models.attempt import AttemptQuerySet
from withdrawals.payouts import channels
from withdrawals.payouts.finish import cancel_unsent
from withdrawals.payouts.start import load_instruction

log = structlog.get_logger(__name__)

LEASE_DURATION = timedelta(minutes=5)
CALL_CUTOFF = 40  # seconds of a turn in which anything is still said: far less than a lease
PAUSED_RETRY_DELAY = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Lease:
    """A worker's turn: whatever it takes is in its hands until one and the same moment."""

    at: datetime
    started: float = field(default_factory=time.monotonic)

    @property
    def lease_until(self) -> datetime:
        return self.at + LEASE_DURATION

    def is_younger_than(self, seconds: float) -> bool:
        """Whether it began less than so many seconds ago."""
        return time.monotonic() - self.started < seconds


@dataclass(frozen=True, slots=True)
class Call:
    """What is about to be said to a provider; ``instruction`` ``None``: how does it stand?"""

    attempt: Attempt
    instruction: PayoutInstruction | None
    lease: Lease

    def execute(self) -> ProviderReply:
        """In no transaction, and with no database: it may take seconds."""
        # Whoever has slept over the end of the lease says nothing: somebody else may have by now.
        # And where a provider is slow, a task has to end all the same.
        if not self.lease.is_younger_than(CALL_CUTOFF):
            return ProviderReply(ReplyKind.UNCLEAR, code="too_late")
        try:
            way = gateway(self.attempt.gateway)
            return (
                way.send(self.instruction)
                if self.instruction
                else way.query(self.attempt.out_bill_no)
            )
        except Exception:
            log.exception("payout_call_failed", number=self.attempt.out_bill_no)
            return ProviderReply(ReplyKind.UNCLEAR, code="fault")


def claim(due: AttemptQuerySet, lease: Lease, *, limit: int) -> tuple[int, list[Call]]:
    """Take up to ``limit`` of these attempts, those that nobody else is just taking.

    :param due: those that are in nobody's hands
    :returns: how many were taken, and what is to be said of them: not of each, for some end here
    """
    with transaction.atomic():
        mine = list(
            due.select_for_update(skip_locked=True, no_key=True).order_by("next_run_at", "pk")[
                :limit
            ]
        )
        Attempt.objects.filter(pk__in=[one.pk for one in mine]).update(
            lease_until=lease.lease_until
        )
    for one in mine:
        one.lease_until = lease.lease_until
    asking = [Call(one, None, lease) for one in mine if one.send_count]
    return len(mine), [*asking, *prepare_sends([one for one in mine if not one.send_count], lease)]


def prepare_sends(attempts: Sequence[Attempt], lease: Lease) -> list[Call]:
    """Note that these are going to be sent, unless their channel is paused.

    What was never sent is not under way: it is not sent any more if its member owes by now, is
    frozen, or is looked into.
    """
    paused = {name for name in {one.gateway for one in attempts} if channels.is_paused(name)}
    waiting = [one.pk for one in attempts if one.gateway in paused]
    if waiting:
        Attempt.objects.filter(pk__in=waiting, ended_at=None).update(
            lease_until=None, next_run_at=lease.at + PAUSED_RETRY_DELAY
        )
    bills = {
        one.pk: (one, instruction)
        for one in attempts
        if one.gateway not in paused and (instruction := _load_or_postpone(one, lease.at))
    }
    going: list[int] = []
    bisect_failures(
        lambda some: going.extend(_mark_sending(some, lease)), [one for one, _ in bills.values()],
        on_failure=_log_mark_failure,
    )  # fmt: skip
    return [Call(*bills[key], lease) for key in going]


@transaction.atomic
def _mark_sending(attempts: Sequence[Attempt], lease: Lease) -> list[int]:
    """Note that these are being sent; the keys of those that are."""
    unsent = [one for one in attempts if one.send_count == 0]
    prefetch_related_objects(unsent, "withdrawal__member", "withdrawal__payee")
    cancel_unsent(unsent, at=lease.at)
    # Locked before they are counted: what somebody has called off or taken over meanwhile is not
    # sent.
    open_ones = Attempt.objects.filter(
        pk__in=[one.pk for one in attempts], lease_until=lease.lease_until,
        ended_at=None, stopped_at=None,
    )  # fmt: skip
    locked = open_ones.order_by("pk").select_for_update(no_key=True)
    going = list(locked.values_list("pk", flat=True))
    # Before the call: whoever finds it after a crash knows that it may have arrived.
    Attempt.objects.filter(pk__in=going).update(
        send_count=F("send_count") + 1,
        state=Case(When(send_count=0, then=Value(Attempt.State.UNKNOWN)), default=F("state")),
    )
    return going


def _log_mark_failure(attempt: Attempt, _fault: Exception) -> None:
    """Its lease ends by itself."""
    log.exception("payout_send_failed", number=attempt.out_bill_no)


def _load_or_postpone(attempt: Attempt, at: datetime) -> PayoutInstruction | None:
    """The bill; ``None`` if it cannot be opened, which a person has to mend."""
    try:
        return load_instruction(attempt)
    except FAULTS:
        log.exception("instruction_unreadable", number=attempt.out_bill_no)
        Attempt.objects.filter(pk=attempt.pk, ended_at=None).update(
            lease_until=None,
            next_run_at=at + PAUSED_RETRY_DELAY,
            last_error="instruction_unreadable",
        )
        return None
