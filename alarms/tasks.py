from __future__ import annotations

from celery import shared_task

from alarms import services
from common import clock


@shared_task
def watch_deliveries() -> None:
    """Alarm about events that cannot be delivered."""
    services.alarm_stuck_deliveries(at=clock.now())


@shared_task
def remind() -> None:
    """Notify people again of alarms that have been open for a day."""
    services.remind(at=clock.now())


@shared_task
def send_digests() -> None:
    """Send people what waits for them, if they chose this hour."""
    services.send_digests(at=clock.now())
