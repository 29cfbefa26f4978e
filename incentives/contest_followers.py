"""Follow what people decide about proofs and closes; called by a worker, at least once."""

from __future__ import annotations

from collections.abc import Sequence

from common import clock
from events.models import Event
from events.wakeup import ring_on_commit
from incentives.models import PeriodClosing, Proof
from incentives.services.awards import release_batch
from incentives.services.catching_up import catch_up_proof

RELEASE_AWARDS = "incentives.tasks.release_awards"


def count_proofs(events: Sequence[Event]) -> None:
    """Count a proof that was handed in, approved or rejected; the events are of one proof."""
    if proof := Proof.objects.filter(public_id__in=_ids(events)).first():
        catch_up_proof(proof=proof, at=clock.now())


def release_awards(events: Sequence[Event]) -> None:
    """Give the awards of a close that is final, as far as one transaction goes.

    The task gives the rest in transactions of its own: one that held the budget and went on to
    other members could wait for somebody who waits for the budget.
    """
    closing = PeriodClosing.objects.filter(public_id__in=_ids(events)).first()
    if closing and release_batch(closing=closing, at=clock.now()):
        ring_on_commit(RELEASE_AWARDS)


def _ids(events: Sequence[Event]) -> set[str]:
    return {event.subject_id for event in events}
