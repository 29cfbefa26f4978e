"""Follow what people decide about proofs and closes; called by a worker, at least once."""

from __future__ import annotations

from collections.abc import Sequence

from common import clock
from events.models import Event
from incentives.models import PeriodClosing, Proof
from incentives.services.awards import release_waiting
from incentives.services.catching_up import catch_up_proof


def count_proofs(events: Sequence[Event]) -> None:
    """Count the proofs that were handed in, approved or rejected."""
    for proof in Proof.objects.filter(public_id__in=_ids(events)).order_by("pk"):
        catch_up_proof(proof=proof, at=clock.now())


def release_awards(events: Sequence[Event]) -> None:
    """Give the awards of closes that are final."""
    for closing in PeriodClosing.objects.filter(public_id__in=_ids(events)).order_by("pk"):
        release_waiting(closing=closing, at=clock.now())


def _ids(events: Sequence[Event]) -> set[str]:
    return {event.subject_id for event in events}
