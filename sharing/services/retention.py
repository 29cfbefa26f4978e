"""Delete the parts of visits that may be stored only for a time."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from sharing.models import Visit


@transaction.atomic
def forget_traces(*, at: datetime, limit: int = 1_000) -> int:
    """Empty IP address and user agent of visits older than 180 days; return how many had some.

    Call it until it returns 0.
    """
    old = Visit.objects.with_old_traces(at).order_by("at", "pk")
    keys = list(
        old.select_for_update(skip_locked=True, no_key=True).values_list("pk", flat=True)[:limit]
    )
    return Visit.objects.filter(pk__in=keys).update(ip=None, user_agent="")
