"""Follow events of orders after their commit."""

from __future__ import annotations

from events.models import Event
from orders.services import sync_conflict_alarms


def alarm_conflicts(events: list[Event]) -> None:
    """Raise or close the alarms of conflicts.

    After the commit, because an alarm stays locked until its transaction ends, and many intakes
    would wait for it.
    """
    sync_conflict_alarms(at=max(event.at for event in events))
