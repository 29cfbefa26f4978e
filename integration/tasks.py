"""Check and run imports of malls, and remove the files of those that are over."""

from __future__ import annotations

import structlog
from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded

from common import clock
from common.batches import run_until_idle
from common.errors import FAULTS
from integration.mall_imports import claims
from integration.mall_imports.checking import run_check
from integration.mall_imports.preparing import remove_old_files
from integration.mall_imports.running import run_turn
from integration.models import MallImport

log = structlog.get_logger(__name__)

SOFT_LIMIT, HARD_LIMIT = 240, 270
"""Seconds; shorter than the broker's visibility timeout, and than a worker's hold."""


@shared_task(soft_time_limit=SOFT_LIMIT, time_limit=HARD_LIMIT)
def work_on_mall_imports() -> None:
    """Check one import, or run it for a turn; the next task goes on."""
    mall_import = claims.claim(at=clock.now())
    if mall_import is None:
        return
    if mall_import.attempts > claims.MAX_ATTEMPTS:
        claims.fail(mall_import, claims.UNEXPECTED_FAILURE, at=clock.now())
        return
    try:
        work_on(mall_import)
    except SoftTimeLimitExceeded:
        claims.fail(mall_import, claims.TOOK_TOO_LONG, at=clock.now())


def work_on(mall_import: MallImport) -> None:
    """Do a worker's part of a claimed import; after a fault, the next task tries again."""
    step = run_check if mall_import.status == MallImport.Status.CHECKING else run_turn
    try:
        step(mall_import, now=clock.now)
    except FAULTS as fault:
        log.exception(
            "mall_import_failed", mall_import=mall_import.public_id, error=type(fault).__name__
        )
        claims.give_back(mall_import)


@shared_task
def remove_old_mall_files() -> None:
    run_until_idle(lambda: remove_old_files(at=clock.now()))
