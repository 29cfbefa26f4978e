"""Let what a merged member has in incentives go on under the survivor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TypeVar

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from incentives.models import Award, Contribution, PeriodClosing, PointsFactor, Proof
from incentives.runs import Run, all_runs
from incentives.services.catching_up import catch_up_moved
from incentives.services.contributions import Place, sum_up
from incentives.services.locks import lock_found
from incentives.services.scopes import Scope, scope_of
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
    scope = lock_found(partial(_scope_of, merged, all_runs()))
    places = _move_contributions(merged)
    _open(_awards_to_move(merged)).update(member=survivor)
    PointsFactor.objects.filter(member=merged).update(member=survivor)
    sum_up(places | {place._replace(member=survivor) for place in places})
    proofs = Proof.objects.filter(member=merged, status=Proof.Status.APPROVED)
    catch_up_moved(
        scope=scope, proofs=set(proofs.values_list("pk", flat=True)), places=places, at=at
    )


def _scope_of(merged: Member, runs: Sequence[Run]) -> Scope:
    scope = scope_of(runs, _orders_of(merged))
    assert merged.merged_into_id, "see above"
    # Also the merged member's own lock: a count that began before the merge may still hold it.
    return replace(scope, people={*scope.people, merged.pk, merged.merged_into_id})


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
