from __future__ import annotations

from datetime import timedelta

import structlog
from celery import shared_task
from django.db import OperationalError

from alarms.kinds import STATEMENT_REJECTED
from alarms.services import sync_alarms
from closing.services import (
    fetch_statement,
    hash_closed_periods,
    match_suspended,
    missing_days,
    reconcile,
)
from closing.services.statement_import import InvalidStatement
from common import clock
from common.errors import FAULTS, TwotierError
from events.models import Reference

log = structlog.get_logger(__name__)


@shared_task(soft_time_limit=270, time_limit=290)
def reconcile_daily() -> None:
    """Fetch the missing statements and reconcile the books up to yesterday."""
    now = clock.now()
    yesterday = clock.business_day(now) - timedelta(days=1)
    rejected: dict[Reference, dict[str, str]] = {}
    for gateway, day in missing_days(until=yesterday):
        try:
            fetch_statement(day=day, at=now, gateway=gateway)
        except InvalidStatement as error:
            log.error("statement_rejected", day=str(day), faults=error.data["faults"])
            rejected[Reference(STATEMENT_REJECTED.subject, gateway)] = {"day": str(day)}
        except TwotierError as error:
            log.warning("statement_unavailable", day=str(day), code=error.code, reason=str(error))
        except OperationalError:
            raise
        except FAULTS:  # such as a gateway without keys: the controls run all the same
            log.exception("statement_unavailable", day=str(day), gateway=gateway)
    sync_alarms(STATEMENT_REJECTED, rejected, at=now)
    match_suspended(at=now)
    hash_closed_periods(at=now)
    findings = reconcile(day=yesterday, at=now)
    failed = {control.value: len(rows) for control, rows in findings.items() if rows}
    if failed:
        log.error("reconciliation_failed", **failed)
