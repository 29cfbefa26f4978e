"""Write exports and work through imports that were left to a worker; remove what is old."""

from __future__ import annotations

from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded

from backoffice import exports, import_work
from backoffice.import_verbs import forget_old_imports
from common import clock
from common.batches import run_until_idle

SOFT_LIMIT, HARD_LIMIT = 240, 270
"""Seconds; shorter than the broker's visibility timeout."""


@shared_task(soft_time_limit=SOFT_LIMIT, time_limit=HARD_LIMIT)
def write_exports() -> None:
    """Write one export; the next turn takes the next one, so that other work is not behind it."""
    export = exports.claim_export(at=clock.now())
    if export is None:
        return
    try:
        exports.write_export(export=export, now=clock.now)
    except SoftTimeLimitExceeded:
        exports.fail_export(export=export, failure=str(exports.TOOK_TOO_LONG), at=clock.now())


@shared_task
def remove_old_exports() -> None:
    run_until_idle(lambda: exports.remove_old_files(at=clock.now()))


@shared_task(soft_time_limit=SOFT_LIMIT, time_limit=HARD_LIMIT)
def run_imports() -> None:
    """Check or apply one import; the next turn takes the next one."""
    row = import_work.claim_import(at=clock.now())
    if row is None:
        return
    try:
        import_work.run_import(row=row, now=clock.now)
    except SoftTimeLimitExceeded:
        import_work.give_up(row=row, at=clock.now())


@shared_task
def forget_imports() -> None:
    run_until_idle(lambda: forget_old_imports(at=clock.now()))
