from __future__ import annotations

from datetime import date, datetime, timedelta

import structlog
from celery import shared_task
from django.db import OperationalError

from alarms.kinds import STATEMENT_REJECTED
from alarms.services import sync_alarms
from closing import day_flows
from closing.controls import Finding
from closing.models import Control
from closing.services import (
    fetch_statement,
    hash_closed_periods,
    match_suspended,
    missing_days,
    reconcile,
    take_requested_run,
)
from closing.services.control_runs import RunSuperseded, fail_run
from closing.services.statement_import import InvalidStatement
from common import clock
from common.batches import run_until_idle
from common.errors import FAULTS, TwotierError
from events.models import Reference

log = structlog.get_logger(__name__)


@shared_task(soft_time_limit=270, time_limit=290)
def reconcile_daily() -> None:
    """Fetch the missing statements and reconcile the books up to yesterday."""
    now = clock.now()
    yesterday = clock.business_day(now) - timedelta(days=1)
    _prepare(yesterday, now)
    _log(reconcile(day=yesterday, at=now))


@shared_task(soft_time_limit=270, time_limit=290)
def run_requested_controls() -> None:
    """Do the same for a person who asked for it, if one did."""
    now = clock.now()
    run = take_requested_run(at=now)
    if run is None:
        return
    try:
        _prepare(run.day, now)
    except BaseException as error:
        fail_run(run, at=now, fault=type(error).__name__)
        raise
    try:
        _log(reconcile(day=run.day, at=now, run=run))
    except RunSuperseded:
        log.info("controls_superseded", run=run.pk)


@shared_task
def fold_flows() -> None:
    """Add the transfers since the last time to the sums of their days."""
    run_until_idle(day_flows.fold)


def _prepare(until: date, now: datetime) -> None:
    """Fetch the missing statements, match what they explain, and hash closed months."""
    rejected: dict[Reference, dict[str, str]] = {}
    for gateway, day in missing_days(until=until):
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


def _log(findings: dict[Control, list[Finding]]) -> None:
    failed = {control.value: len(rows) for control, rows in findings.items() if rows}
    if failed:
        log.error("reconciliation_failed", **failed)
