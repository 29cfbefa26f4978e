"""Record the end of the bindings to distributors who have exited, after the exit itself."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.db.models.functions import Greatest

from distribution.models import Binding, Distributor, DistributorPeriod

BATCH_SIZE = 1_000


def end_bindings_to_exited(*, limit: int = BATCH_SIZE) -> int:
    """End up to ``limit`` bindings to a distributor who has exited; repeat until it returns 0.

    Rows that another transaction has locked are left for the next run.
    """
    for distributor in Distributor.objects.filter(has_bindings_to_end=True).order_by("pk"):
        with transaction.atomic():
            bindings = Binding.objects.filter(distributor=distributor, ended_at=None)
            # The order of the index of bindings without an end: by "pk" alone each batch would read
            # again all rows that the batches before it have ended.
            ordered = bindings.order_by("started_at", "pk")
            locked = ordered.select_for_update(skip_locked=True, no_key=True)
            keys = list(locked.values_list("pk", flat=True)[:limit])
            end_by_exit(distributor, keys)
        if keys:
            return len(keys)
        _finish(distributor)
    return 0


def end_by_exit(distributor: Distributor, keys: Sequence[int]) -> None:
    """End bindings to a distributor at their exit, or at their earlier expiry; they are locked."""
    if not keys:
        return
    period = DistributorPeriod.objects.get(
        distributor=distributor, status=Distributor.Status.EXITED
    )
    rows = Binding.objects.filter(pk__in=keys, ended_at=None)
    rows.filter(expires_at__lte=period.started_at).update(
        ended_at=F("expires_at"), end_reason=Binding.EndReason.EXPIRED
    )
    rows.update(
        ended_at=Greatest(F("started_at"), period.started_at),
        end_reason=Binding.EndReason.UPLINE_EXIT,
    )


def _finish(distributor: Distributor) -> None:
    # No new binding can appear: its guard refuses an upline who has exited.
    left = Binding.objects.filter(distributor=OuterRef("pk"), ended_at=None)
    Distributor.objects.filter(~Exists(left), pk=distributor.pk).update(has_bindings_to_end=False)
