"""Let what a merged member has in incentives go on under the survivor."""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from common.locks import advisory_lock
from incentives.models import Award, Contribution, PeriodClosing, PointsFactor, Proof
from incentives.services.awards import apply_targets
from incentives.services.catching_up import catch_up_proof, recount
from incentives.services.locks import people_lock, people_of
from incentives.services.targets import targets_at
from incentives.services.totals import Place, sum_up
from members.models import Member

Row = TypeVar("Row", Award, Contribution)


@transaction.atomic
def move_incentives(*, merged: Member, at: datetime) -> None:
    """Move contributions and awards to the survivor, and count again what both have together.

    What belongs to a closed period stays where it is, and counts for the person. A step that both
    reached is given once: the merged member's is taken back. Idempotent.

    :param merged: a member who was merged into another one
    """
    survivor = merged.merged_into_id
    assert survivor, "the caller knows that the member was merged"
    # Also the merged member's own lock: a count that began before the merge may still hold it.
    people = people_of(_orders_of(merged)) | {survivor}
    advisory_lock(people_lock(merged.pk), *map(people_lock, people))
    orders = _orders_of(merged)
    places = _move_contributions(merged)
    _open(_awards_to_move(merged)).update(member=survivor)
    PointsFactor.objects.filter(member=merged).update(member=survivor)
    sum_up(places | {place._replace(member=survivor) for place in places})
    recount(orders=orders, at=at)
    apply_targets(targets_at(places), at=at)
    for proof in Proof.objects.filter(member=merged, status=Proof.Status.APPROVED):
        catch_up_proof(proof=proof, at=at)


def _orders_of(merged: Member) -> set[int]:
    """Return the orders of open periods that count for the member, or are about the member."""
    rows = Contribution.objects.filter(Q(member=merged) | Q(subject=merged), order__isnull=False)
    return {order for order in _open(rows).values_list("order", flat=True) if order}


def _move_contributions(merged: Member) -> set[Place]:
    """Move contributions to the survivor; return where they were."""
    counted = _open(Contribution.objects.filter(member=merged))
    keys = counted.order_by().values_list("incentive", "period_start").distinct()
    places = {Place(incentive, merged.pk, period) for incentive, period in keys}
    counted.update(member=merged.merged_into)
    _open(Contribution.objects.filter(subject=merged)).update(subject=merged.merged_into)
    return places


def _awards_to_move(merged: Member) -> QuerySet[Award]:
    """Return the awards of steps that the survivor has not reached."""
    own = Award.objects.filter(
        incentive=OuterRef("incentive"), member=merged.merged_into_id,
        period_start=OuterRef("period_start"), step=OuterRef("step"),
    )  # fmt: skip
    return Award.objects.filter(~Exists(own), member=merged)


def _open(rows: QuerySet[Row]) -> QuerySet[Row]:
    """Limit to rows of periods that are not closed."""
    closed = PeriodClosing.objects.filter(
        incentive=OuterRef("incentive"), period_start=OuterRef("period_start")
    )
    return rows.filter(~Exists(closed))
