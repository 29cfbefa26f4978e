"""Fetch avatars, let WeChat check them, and erase uploads that nobody used."""

from __future__ import annotations

from celery import shared_task

from common import clock
from common.batches import run_until_idle
from members.avatars import check_avatars as check
from members.uploads import sweep_uploads as sweep
from members.wechat_avatars import fetch_wechat_avatars
from wechat.gateway import gateway


@shared_task
def check_avatars() -> None:
    if wechat := gateway():
        check(gateway=wechat, at=clock.now())


@shared_task
def fetch_avatars() -> None:
    run_until_idle(lambda: fetch_wechat_avatars(at=clock.now()), seconds=30)


@shared_task
def sweep_uploads() -> None:
    run_until_idle(lambda: sweep(at=clock.now()))
