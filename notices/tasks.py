from celery import shared_task

from common import clock
from common.batches import run_until_idle
from notices.services import forget_old_notices


@shared_task
def forget() -> None:
    """Delete notices after 180 days."""
    run_until_idle(lambda: forget_old_notices(at=clock.now()))
