from __future__ import annotations

from django.db.models import Count

from alarms.kinds import REGISTRY
from alarms.models import Alarm

MAX_COUNT = 100


def unclosed_by_kind() -> dict[str, int]:
    """Return the number of alarms that are not closed, by kind; 0 for a kind without one."""
    rows = Alarm.objects.unclosed().order_by().values_list("kind").annotate(Count("pk"))
    return {**dict.fromkeys(REGISTRY, 0), **dict(rows)}


def count_unclosed() -> int:
    """Return the number of alarms that are not closed, at most 100: it is read on every page."""
    return len(Alarm.objects.unclosed().order_by().values_list("pk")[:MAX_COUNT])
