from __future__ import annotations

import structlog
from celery import shared_task

from common import clock
from ledger.services import maintenance

log = structlog.get_logger(__name__)


@shared_task(soft_time_limit=270, time_limit=290)
def prove() -> None:
    """Prove the ledger, record the result as an event and log differences as an error."""
    if differences := maintenance.prove(at=clock.now()):
        log.error("ledger_inconsistent", differences=[str(row) for row in differences])


@shared_task
def roll_up() -> None:
    maintenance.roll_up()
