"""Count proofs: only those of members who have sold."""

from __future__ import annotations

from incentives.metrics.audience import included
from incentives.metrics.facts import person
from incentives.metrics.people import own_orders, person_ids
from incentives.metrics.values import Counted
from incentives.models import Proof, Version
from incentives.periods import span_of


def count_proof(version: Version, proof: Proof, member: int) -> Counted | None:
    """Return what an open or approved proof counts; it needs a completed own order before.

    :param member: the person, by primary key
    """
    if proof.status == Proof.Status.REJECTED:
        return None
    as_of = (member, proof.handed_in_at)
    if not included(version, [as_of])[as_of] or not _has_sold(member):
        return None
    approved = proof.status == Proof.Status.APPROVED
    return Counted(
        order=None, proof=proof.pk, member=member, subject=None, value=1, paid=0, counted=approved,
        happened_at=proof.handed_in_at, counted_at=proof.decided_at if approved else None,
        period_start=span_of(version, proof.handed_in_at).start,
    )  # fmt: skip


def _has_sold(member: int) -> bool:
    orders = own_orders(person_ids([member])).annotate(buyer_person=person("order__buyer"))
    return orders.filter(order__completed_at__isnull=False).exclude(buyer_person=member).exists()
