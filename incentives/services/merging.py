"""Let what a merged member has in incentives go on under the survivor."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from common.locks import advisory_lock
from incentives.models import Proof
from incentives.services.awards import apply_targets
from incentives.services.catching_up import catch_up_proof, recount
from incentives.services.gathering import contributions_of, gather
from incentives.services.locks import people_lock, people_of
from incentives.services.targets import targets_at
from members.models import Member


@transaction.atomic
def move_incentives(*, merged: Member, at: datetime) -> None:
    """Move contributions and awards to the survivor, and count again what both have together.

    What belongs to a closed period stays where it is, and counts for the person. A step that both
    reached is given once: what was given stays, and the other award ends. Idempotent.

    :param merged: a member who was merged into another one
    """
    survivor = merged.merged_into_id
    assert survivor, "the caller knows that the member was merged"
    # Also the merged member's own lock: a count that began before the merge may still hold it.
    people = people_of(_orders_of(merged)) | _counted_with(merged) | {merged.pk, survivor}
    advisory_lock(*map(people_lock, people))
    orders = _orders_of(merged)
    places = gather(merged=merged)
    recount(orders=orders, at=at)
    apply_targets(targets_at(places), at=at)
    for proof in Proof.objects.filter(member=merged, status=Proof.Status.APPROVED):
        catch_up_proof(proof=proof, at=at)


def _orders_of(merged: Member) -> set[int]:
    """Return the orders of open periods that count for the member, or are about the member."""
    rows = contributions_of(merged).filter(order__isnull=False)
    return {order for order in rows.values_list("order", flat=True) if order}


def _counted_with(merged: Member) -> set[int]:
    """Return whom the contributions count for and whom they are about: awards of these change."""
    rows = contributions_of(merged).order_by().values_list("member", "subject").distinct()
    return {who for row in rows for who in row if who}
