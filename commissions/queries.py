"""Figures about commissions, for monitoring."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count

from commissions.models import CommissionHold, DueCredit
from commissions.services.queue import bucket


def oldest_due_age(*, at: datetime) -> int:
    """Return the seconds since the oldest uncredited commission was due; 0 if none is due.

    Commissions on hold are not in the queue.
    """
    # The index has the day first: only the rows of the oldest day are read.
    due = DueCredit.objects.filter(bucket__lte=bucket(at), release_at__lte=at)
    day = due.order_by("bucket").values_list("bucket", flat=True).first()
    if day is None:
        return 0
    oldest = due.filter(bucket=day).order_by("release_at").values_list("release_at", flat=True)
    return int((at - oldest[0]).total_seconds())


def holds_by_reason() -> dict[str, int]:
    """Return the number of holds on commissions, by reason."""
    rows = CommissionHold.objects.order_by().values_list("reason").annotate(Count("pk"))
    return {**dict.fromkeys(CommissionHold.Reason.values, 0), **dict(rows)}
