from __future__ import annotations

from time import monotonic

from celery import shared_task

from common import clock
from webhooks import queueing, retention, sending

MAX_SECONDS = 50  # well below the time limits of the tasks
LOOK_EVERY = 0.2  # seconds; while a slow endpoint is waited for, others are served


@shared_task
def send() -> None:
    """Queue new events and send what is due; one process at a time.

    After MAX_SECONDS the next task continues.
    """
    if not sending.take_turn(at=clock.now()):
        return
    started = monotonic()
    try:
        with sending.Courier() as courier:
            while monotonic() - started < MAX_SECONDS:
                sending.keep_turn(at=clock.now())
                passed = queueing.queue_events(at=clock.now())
                courier.send_due(at=clock.now())
                if courier.is_idle and not passed:
                    break
                courier.record_answers(at=clock.now(), wait_for=LOOK_EVERY)
            while not courier.is_idle:
                courier.record_answers(at=clock.now())
    finally:
        sending.end_turn()


@shared_task
def forget() -> None:
    """Delete the log of deliveries after 30 days."""
    while retention.forget_old_deliveries(at=clock.now()):
        pass
    while retention.forget_old_messages(at=clock.now()):
        pass
