"""Were the books compared? ``manage.py check --database default`` asks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.core import checks
from django.db import connections

from closing.models import Difference
from common import clock
from events.models import Event
from withdrawals.models import Attempt

MAX_AGE = timedelta(hours=26)  # each morning, with time for a slow one


@checks.register(checks.Tags.database)
def check_reconciliation(
    databases: Sequence[str] | None = None, **_: Any
) -> list[checks.CheckMessage]:
    """Where anything was paid, the daily controls are recent, and no difference is old."""
    tables = connections["default"].introspection.table_names() if databases else []
    if Difference._meta.db_table not in tables or not Attempt.objects.exists():
        return []
    last = Event.objects.filter(name="closing.reconciled").order_by("-id").first()
    if last is None or clock.now() - last.at > MAX_AGE:
        return [
            checks.Warning(
                "The books have not been compared for more than a day.",
                hint="Do worker and beat run? manage.py reconcile does it now.",
                id="closing.W001",
            )
        ]
    if any(last.data["differences"].values()):
        return [
            checks.Warning(
                "The books do not agree.",
                hint="Closing, Differences in the admin says where.",
                id="closing.W002",
            )
        ]
    return []
