from celery import shared_task

from common.batches import run_until_idle
from reports.services import fold


@shared_task
def fold_changes() -> None:
    run_until_idle(fold)
