"""Lease due attempts to a worker, and commit each call before it is made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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
from withdrawals.payouts.channels import pauses
from withdrawals.payouts.finish import cancel_unsent
from withdrawals.payouts.leases import Lease
from withdrawals.payouts.start import load_instruction

log = structlog.get_logger(__name__)

CALL_CUTOFF = 40  # seconds after which a run makes no more calls: its task has to end
RETRY_DELAY = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Call:
    """A call to a provider: a payment, or a status query if ``instruction`` is ``None``."""

    attempt: Attempt
    instruction: PayoutInstruction | None
    lease: Lease

    def execute(self) -> ProviderReply:
        """Make the call outside of any transaction, without the database: it may take seconds."""
        # After the lease has expired, another worker may have called already. And a task has to
        # end even if the provider is slow.
        if not (self.lease.is_held and self.lease.is_younger_than(CALL_CUTOFF)):
            return ProviderReply(ReplyKind.UNCLEAR, code="too_late")
        try:
            channel = gateway(self.attempt.gateway)
            if self.instruction:
                return channel.send(self.instruction)
            return channel.query(self.attempt.out_bill_no)
        except Exception:
            log.exception("payout_call_failed", number=self.attempt.out_bill_no)
            return ProviderReply(ReplyKind.UNCLEAR, code="fault")


def claim(due: AttemptQuerySet, lease: Lease, *, limit: int) -> tuple[int, list[Call]]:
    """Lease up to ``limit`` of these attempts, skipping rows locked by other workers.

    :param due: unleased attempts
    :returns: the number of leased attempts, and their calls; an attempt that ends here has none
    """
    with transaction.atomic():
        unlocked = due.select_for_update(skip_locked=True, no_key=True).order_by(
            "next_run_at", "pk"
        )
        keys = list(unlocked.values_list("pk", flat=True)[:limit])
        if not keys or not lease.renew():
            return 0, []
        # Read again under the locks: a worker that had them a moment ago may have leased some, and
        # the first statement does not see the lease that it wrote.
        attempts = list(due.filter(pk__in=keys).order_by("next_run_at", "pk"))
        Attempt.objects.filter(pk__in=[attempt.pk for attempt in attempts]).update(
            lease=lease.token
        )
    for attempt in attempts:
        attempt.lease = lease.token
    queries = [Call(attempt, None, lease) for attempt in attempts if attempt.send_count]
    unsent = [attempt for attempt in attempts if not attempt.send_count]
    return len(attempts), [*queries, *prepare_sends(unsent, lease)]


def prepare_sends(attempts: Sequence[Attempt], lease: Lease) -> list[Call]:
    """Commit that these attempts are being sent, unless their channel is paused.

    An unsent attempt is cancelled if its withdrawal is blocked by now.
    """
    paused = {name for name in {attempt.gateway for attempt in attempts} if pauses(name).exists()}
    if waiting := [attempt.pk for attempt in attempts if attempt.gateway in paused]:
        _postpone(waiting, lease.at)
    instructions = {
        attempt.pk: (attempt, instruction)
        for attempt in attempts
        if attempt.gateway not in paused and (instruction := _load_or_postpone(attempt, lease.at))
    }
    sending: list[int] = []
    bisect_failures(
        lambda batch: sending.extend(_mark_sending(batch, lease)),
        [attempt for attempt, _ in instructions.values()],
        on_failure=_log_mark_failure,
    )
    return [Call(*instructions[key], lease) for key in sending]


@transaction.atomic
def _mark_sending(attempts: Sequence[Attempt], lease: Lease) -> list[int]:
    """Count the calls, and return the keys of the attempts to send."""
    unsent = [attempt for attempt in attempts if attempt.send_count == 0]
    prefetch_related_objects(unsent, "withdrawal__member", "withdrawal__payee")
    cancel_unsent(unsent, at=lease.at)
    # Locked before the update: an attempt stopped or leased by another meanwhile is not sent.
    sendable = Attempt.objects.filter(
        pk__in=[attempt.pk for attempt in attempts], lease=lease.token,
        ended_at=None, stopped_at=None,
    )  # fmt: skip
    locked = sendable.order_by("pk").select_for_update(no_key=True)
    keys = list(locked.values_list("pk", flat=True))
    # Before the call: after a crash, the count shows that it may have arrived.
    Attempt.objects.filter(pk__in=keys).update(
        send_count=F("send_count") + 1,
        state=Case(When(send_count=0, then=Value(Attempt.State.UNKNOWN)), default=F("state")),
    )
    return keys


def _log_mark_failure(attempt: Attempt, _fault: Exception) -> None:
    """Log a fault; the lease expires by itself."""
    log.exception("payout_send_failed", number=attempt.out_bill_no)


def _load_or_postpone(attempt: Attempt, at: datetime) -> PayoutInstruction | None:
    """Return the instruction; ``None`` if it cannot be decrypted, which a person must fix."""
    try:
        return load_instruction(attempt)
    except FAULTS:
        log.exception("instruction_unreadable", number=attempt.out_bill_no)
        _postpone([attempt.pk], at, last_error="instruction_unreadable")
        return None


def _postpone(keys: Sequence[int], at: datetime, **changes: str) -> None:
    Attempt.objects.filter(pk__in=keys, ended_at=None).update(
        lease=None, next_run_at=at + RETRY_DELAY, **changes
    )
