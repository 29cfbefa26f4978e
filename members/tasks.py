"""Let WeChat check avatars, and erase uploads that nobody used."""

from __future__ import annotations

from celery import shared_task

from common import clock
from common.batches import run_until_idle
from members.avatars import check_avatars as check
from members.uploads import sweep_uploads as sweep
from wechat.gateway import gateway


@shared_task
def check_avatars() -> None:
    if wechat := gateway():
        check(gateway=wechat, at=clock.now())


@shared_task
def sweep_uploads() -> None:
    run_until_idle(lambda: sweep(at=clock.now()))
