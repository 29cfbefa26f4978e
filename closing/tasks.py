from __future__ import annotations

from datetime import timedelta

import structlog
from celery import shared_task
from django.db import OperationalError

from closing.services import (
    InvalidStatement,
    fetch_statement,
    hash_closed_periods,
    match_suspended,
    missing_days,
    reconcile,
)
from common import clock
from common.errors import FAULTS, TwotierError

log = structlog.get_logger(__name__)


@shared_task(soft_time_limit=270, time_limit=290)
def reconcile_daily() -> None:
    """Fetch the bills that are still missing, and ask every control about yesterday."""
    now = clock.now()
    yesterday = clock.business_day(now) - timedelta(days=1)
    for gateway, day in missing_days(until=yesterday):
        try:
            fetch_statement(day=day, at=now, gateway=gateway)
        except InvalidStatement as refusal:
            log.error("statement_rejected", day=str(day), faults=refusal.data["faults"])
        except TwotierError as refusal:
            log.warning("statement_unavailable", day=str(day), code=refusal.code, why=str(refusal))
        except OperationalError:
            raise
        except FAULTS:  # such as a gateway whose keys are gone: the controls are asked all the same
            log.exception("statement_unavailable", day=str(day), gateway=gateway)
    match_suspended(at=now)
    hash_closed_periods(at=now)
    found = reconcile(day=yesterday, at=now)
    if red := {control.value: len(some) for control, some in found.items() if some}:
        log.error("reconciliation_failed", **red)
