from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Count, Min, QuerySet

from events.models import Delivery


def oldest_undelivered_age(*, at: datetime) -> int:
    """Return the seconds since the oldest undelivered event was recorded; 0 if all are delivered.

    It shows how long the workers have been behind or a follower has been stuck.
    """
    oldest = Delivery.objects.aggregate(oldest=Min("event__recorded_at"))["oldest"]
    return max(0, int((at - oldest).total_seconds())) if oldest else 0


def stuck_deliveries() -> dict[str, int]:
    """Return the number of stuck deliveries by follower, without those that wait behind them."""
    stuck = Delivery.objects.filter(attempts__gte=Delivery.STUCK_AFTER)
    return dict(stuck.order_by().values_list("follower").annotate(Count("pk")))


def has_undelivered(follower: str, *, before: datetime) -> bool:
    """Return whether a follower has yet to get an event of before a moment."""
    return _undelivered(follower, before).exists()


def undelivered_subjects(follower: str, *, before: datetime) -> QuerySet[Delivery, Any]:
    """Return the public ids that the events of before a moment are about, yet to be handled.

    To filter by: they stay in the database.
    """
    return _undelivered(follower, before).values("event__subject_id")


def _undelivered(follower: str, before: datetime) -> QuerySet[Delivery]:
    return Delivery.objects.filter(follower=follower, event__at__lt=before)
