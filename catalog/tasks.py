"""Fetch the pictures of products, and erase those that are no longer shown."""

from __future__ import annotations

from celery import shared_task

from catalog.picture_lists import list_forgotten, retry_listed_hosts
from catalog.pictures import fetch_due_pictures
from catalog.pictures import sweep_pictures as sweep
from common import clock
from common.batches import run_until_idle

FETCHING = 40.0  # seconds, after which the last batch may take as long again


@shared_task
def fetch_pictures() -> None:
    run_until_idle(lambda: fetch_due_pictures(at=clock.now()), seconds=FETCHING)


@shared_task
def sweep_pictures() -> None:
    run_until_idle(lambda: list_forgotten(at=clock.now()))
    run_until_idle(lambda: retry_listed_hosts(at=clock.now()))
    run_until_idle(lambda: sweep(at=clock.now()))
