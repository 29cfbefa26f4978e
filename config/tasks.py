"""The control of the periodic jobs, which are known here only."""

from __future__ import annotations

from celery import shared_task

from alarms.kinds import JOB_LATE
from alarms.services import expect_jobs, sync_alarms
from common import clock
from config import jobs
from events.models import Reference


@shared_task
def watch_jobs() -> None:
    """Alarm about periodic jobs that do not finish. If no worker runs at all, see ``/statusz``."""
    now = clock.now()
    expect_jobs(jobs.schedule(), at=now)
    late = {state.name: state for state in jobs.states(at=now) if state.is_late}
    if watch_jobs.name in late:
        return  # nothing has run, such as during an upgrade: give the others a minute
    causes = {
        Reference(JOB_LATE.subject, name): {"last_finished": state.finished_at}
        for name, state in late.items()
    }
    sync_alarms(JOB_LATE, causes, at=now)
