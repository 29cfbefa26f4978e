"""Periodic jobs: record their runs, and compare them with the schedule of beat."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from celery import Task, signals
from celery.schedules import BaseSchedule, crontab, maybe_schedule
from django.db import DatabaseError, InterfaceError

from alarms import services
from alarms.models import Job
from common import clock
from config.celery import app

log = structlog.get_logger(__name__)

GRACE = timedelta(minutes=15)  # a job may wait for a busy worker, and run for some minutes
STOPS_MONEY = {
    "events.tasks.deliver",
    "orders.tasks.complete",
    "commissions.tasks.settle",
    "withdrawals.tasks.pay",
}
"""Jobs without which nothing is credited or paid."""


@dataclass(frozen=True, slots=True)
class JobState:
    """A scheduled job and its last runs; all times are ``None`` if it has never run."""

    name: str
    started_at: datetime | None
    finished_at: datetime | None
    failed_at: datetime | None
    is_late: bool

    @property
    def stops_money(self) -> bool:
        return self.is_late and self.name in STOPS_MONEY


def schedule() -> dict[str, BaseSchedule]:
    """Return the schedule of each periodic job, by the name of its task."""
    return {
        entry["task"]: maybe_schedule(entry["schedule"])
        for entry in app.conf.beat_schedule.values()
    }


def states(*, at: datetime) -> Iterator[JobState]:
    """Return the state of every scheduled job.

    A job that moves money and has never run is late; another one only after its first turn.
    """
    rows = {row.name: row for row in Job.objects.all()}
    for name, timetable in sorted(schedule().items()):
        row = rows.get(name)
        if row is None:
            yield JobState(name, None, None, None, is_late=name in STOPS_MONEY)
            continue
        due = next_run(timetable, row.finished_at or row.since)
        yield JobState(
            name, row.started_at, row.finished_at, row.failed_at, is_late=at > due + GRACE
        )


def next_run(timetable: BaseSchedule, after: datetime) -> datetime:
    """Return when a job is due that last finished at ``after``."""
    if isinstance(timetable, crontab):
        last, delta, _now = timetable.remaining_delta(after)
        due: datetime = last + delta
        return due
    return after + timetable.run_every  # type: ignore[no-any-return]


def _is_scheduled(task: Task) -> bool:
    return task.name in {entry["task"] for entry in app.conf.beat_schedule.values()}


@signals.task_prerun.connect
def on_start(task: Task, **_: Any) -> None:
    if _is_scheduled(task):
        _record(services.record_job_started, task.name)


@signals.task_success.connect
def on_success(sender: Task, **_: Any) -> None:
    if _is_scheduled(sender):
        _record(services.record_job_finished, sender.name)


@signals.task_failure.connect
def on_failure(sender: Task, exception: BaseException, **_: Any) -> None:
    if _is_scheduled(sender):
        _record(services.record_job_failed, sender.name, error=type(exception).__name__)


def _record(call: Any, name: str, **values: Any) -> None:
    try:
        call(name, at=clock.now(), **values)
    except (DatabaseError, InterfaceError) as failure:  # the job itself reports an outage
        log.warning("job_not_recorded", job=name, error=str(failure))
