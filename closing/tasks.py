from __future__ import annotations

from datetime import timedelta

import structlog
from celery import shared_task
from django.db import OperationalError

from closing.services import (
    NotABill,
    fetch_bill,
    match_suspended,
    missing_days,
    reconcile,
    seal_closed,
)
from common import clock
from common.errors import FAULTS, TwotierError

log = structlog.get_logger(__name__)


@shared_task(soft_time_limit=270, time_limit=290)
def every_morning() -> None:
    """Fetch the bills that are still missing, and ask every control about yesterday."""
    now = clock.now()
    yesterday = clock.business_day(now) - timedelta(days=1)
    for gateway, day in missing_days(until=yesterday):
        try:
            fetch_bill(day=day, at=now, gateway=gateway)
        except NotABill as refusal:
            log.error("bill_refused", day=str(day), faults=refusal.data["faults"])
        except TwotierError as refusal:
            log.warning("bill_not_had", day=str(day), code=refusal.code, why=str(refusal))
        except OperationalError:
            raise
        except FAULTS:  # such as a gateway whose keys are gone: the controls are asked all the same
            log.exception("bill_not_had", day=str(day), gateway=gateway)
    match_suspended(at=now)
    seal_closed(at=now)
    found = reconcile(day=yesterday, at=now)
    if red := {control.value: len(some) for control, some in found.items() if some}:
        log.error("books_do_not_agree", **red)
