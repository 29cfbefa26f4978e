"""Check the age and the result of the last ledger proof (``check --database default``)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.core import checks
from django.db import connections

from common import clock
from events.models import Event
from ledger.models import Transfer

MAX_AGE = timedelta(hours=26)  # the proof runs nightly and may take a while


@checks.register(checks.Tags.database)
def check_ledger_proof(
    databases: Sequence[str] | None = None, **_: Any
) -> list[checks.CheckMessage]:
    """Report a last proof that is too old or found differences."""
    tables = connections["default"].introspection.table_names() if databases else []
    if Event._meta.db_table not in tables:  # before the first migration
        return []
    last = Event.objects.filter(name="ledger.proved").order_by("-id").first()
    if last and last.data["differences"]:
        return [
            checks.Error(
                "The ledger does not add up.",
                hint="Run manage.py prove_ledger, and stop payouts until the cause is clear.",
                id="ledger.E001",
            )
        ]
    if Transfer.objects.exists() and (last is None or clock.now() - last.at > MAX_AGE):
        return [
            checks.Warning(
                "The ledger has not been proven for more than a day.",
                hint="Check that worker and beat run, or run manage.py prove_ledger now.",
                id="ledger.W001",
            )
        ]
    return []
