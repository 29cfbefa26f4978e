from celery import shared_task

from common import clock
from common.batches import run_until_idle
from notices.messages import send_due
from notices.services import forget_old_notices
from wechat.gateway import gateway


@shared_task
def forget() -> None:
    """Delete notices after 180 days."""
    run_until_idle(lambda: forget_old_notices(at=clock.now()))


@shared_task
def send_messages() -> None:
    """Send due subscribe messages."""
    if wechat := gateway():
        run_until_idle(lambda: send_due(gateway=wechat, at=clock.now()))
