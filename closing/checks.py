"""System check: the daily reconciliation runs and passes (``check --database default``)."""

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

MAX_AGE = timedelta(hours=26)  # it runs each morning; two hours of slack


@checks.register(checks.Tags.database)
def check_reconciliation(
    databases: Sequence[str] | None = None, **_: Any
) -> list[checks.CheckMessage]:
    """Warn if payments exist but the last reconciliation is old or found differences."""
    tables = connections["default"].introspection.table_names() if databases else []
    if Difference._meta.db_table not in tables or not Attempt.objects.exists():
        return []
    last = Event.objects.filter(name="closing.reconciled").order_by("-id").first()
    if last is None or clock.now() - last.at > MAX_AGE:
        return [
            checks.Warning(
                "The books have not been reconciled for more than a day.",
                hint="Check that worker and beat run, or run manage.py reconcile now.",
                id="closing.W001",
            )
        ]
    if any(last.data["differences"].values()):
        return [
            checks.Warning(
                "The books do not agree.",
                hint="See Closing, Differences in the admin.",
                id="closing.W002",
            )
        ]
    return []
