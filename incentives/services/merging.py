"""Let what a merged member has in incentives go on under the survivor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from django.db import transaction

from incentives.models import Proof
from incentives.runs import Run, all_runs
from incentives.services.catching_up import catch_up_moved
from incentives.services.gathering import contributions_of, gather
from incentives.services.locks import lock_found
from incentives.services.scopes import Scope, scope_of
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
    scope = lock_found(partial(_scope_of, merged, all_runs()))
    places = gather(merged=merged)
    proofs = Proof.objects.filter(member=merged, status=Proof.Status.APPROVED)
    catch_up_moved(
        scope=scope, proofs=set(proofs.values_list("pk", flat=True)), places=places, at=at
    )


def _scope_of(merged: Member, runs: Sequence[Run]) -> Scope:
    scope = scope_of(runs, _orders_of(merged))
    assert merged.merged_into_id, "the caller knows that the member was merged"
    # Also the merged member's own lock: a count that began before the merge may still hold it.
    people = {*scope.people, *_counted_with(merged), merged.pk, merged.merged_into_id}
    return replace(scope, people=people)


def _orders_of(merged: Member) -> set[int]:
    """Return the orders of open periods that count for the member, or are about the member."""
    rows = contributions_of(merged).filter(order__isnull=False)
    return {order for order in rows.values_list("order", flat=True) if order}


def _counted_with(merged: Member) -> set[int]:
    """Return whom the contributions count for and whom they are about: awards of these change."""
    rows = contributions_of(merged).order_by().values_list("member", "subject").distinct()
    return {who for row in rows for who in row if who}
