"""Alarm about followers whose events cannot be delivered."""

from __future__ import annotations

from datetime import datetime

from alarms.kinds import DELIVERY_STUCK
from alarms.services.alarms import sync_alarms
from events.models import Reference
from events.queries import stuck_deliveries


def alarm_stuck_deliveries(*, at: datetime) -> None:
    """Raise an alarm for each follower with stuck deliveries, and close the others."""
    causes = {
        Reference(DELIVERY_STUCK.subject, follower): {"deliveries": count}
        for follower, count in stuck_deliveries().items()
    }
    sync_alarms(DELIVERY_STUCK, causes, at=at)
