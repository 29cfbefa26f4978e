from __future__ import annotations

from datetime import datetime

from django.db.models import Min

from events.models import Delivery


def oldest_undelivered_age(*, at: datetime) -> int:
    """Whole seconds since the oldest undelivered fact was recorded; 0 when all are delivered.

    It is how long the workers have been behind, or a follower stuck.
    """
    oldest = Delivery.objects.aggregate(oldest=Min("event__recorded_at"))["oldest"]
    return max(0, int((at - oldest).total_seconds())) if oldest else 0
