"""Let what a merged member has in incentives go on under the survivor."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from django.db import transaction

from incentives.models import Proof
from incentives.runs import Run, all_runs
from incentives.services.catching_up import catch_up_moved
from incentives.services.gathering import gather, orders_of_merged, with_people_of
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
    scope = lock_found(partial(_scope_of, merged, all_runs()))
    places = gather(merged=merged)
    proofs = Proof.objects.filter(member=merged, status=Proof.Status.APPROVED)
    catch_up_moved(
        scope=scope, proofs=set(proofs.values_list("pk", flat=True)), places=places, at=at
    )


def _scope_of(merged: Member, runs: Sequence[Run]) -> Scope:
    return with_people_of(scope_of(runs, orders_of_merged(merged)), [merged])
