"""Run the controls on request: one run at a time, with its progress in a row."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from closing.events import CLOSING_CONTROLS_REQUESTED
from closing.models import ControlRun
from common.clock import business_day
from common.errors import TwotierError
from common.locks import advisory_lock
from common.requirements import require_permission
from events.services import record
from events.wakeup import ring_on_commit
from members.models import User

RUN_PERMISSION = "closing.change_difference"
TASK = "closing.tasks.run_requested_controls"
LOST_AFTER = timedelta(minutes=10)  # twice the time limit of the task


class RunSuperseded(TwotierError):
    code = "controls_superseded"
    message = _("Another run of the controls has replaced this one. Its results count.")


@transaction.atomic
def request_controls(*, by: User, at: datetime) -> ControlRun:
    """Ask a worker to run all controls on the books up to yesterday.

    While a run is open, it is returned: two people who ask get the same results.

    :raises PermissionMissing: ``by`` may not follow up differences
    """
    require_permission(by, RUN_PERMISSION)
    advisory_lock("closing.control_run")
    run = ControlRun.objects.open().first()
    if run and not _is_lost(run, at):
        return run
    if run:
        _end(run, at=at, fault=ControlRun.LOST)
    run = ControlRun.objects.create(day=_yesterday(at), requested_by=by, requested_at=at)
    record(CLOSING_CONTROLS_REQUESTED, run, at=at, by=by, day=run.day)
    ring_on_commit(TASK)
    return run


@transaction.atomic
def take_requested_run(*, at: datetime) -> ControlRun | None:
    """Return the run that waits for a worker, for this worker alone; ``None`` if none waits."""
    advisory_lock("closing.control_run")
    run = ControlRun.objects.open().filter(started_at=None).first()
    if run is None:
        return None
    run.started_at = at
    run.save(update_fields=["started_at"])
    return run


@transaction.atomic
def replace_open_run(*, day: date, at: datetime) -> ControlRun:
    """Start a run of its own, such as the daily one; an open one ends without a result."""
    advisory_lock("closing.control_run")
    for run in ControlRun.objects.open():
        _end(run, at=at, fault=ControlRun.SUPERSEDED)
    return ControlRun.objects.create(day=day, requested_at=at, started_at=at)


def note_progress(run: ControlRun, control: str, differences: int) -> None:
    """Save the number of differences of one more control."""
    run.differences[control] = differences
    ControlRun.objects.open().filter(pk=run.pk).update(differences=run.differences)


def finish_run(run: ControlRun, *, at: datetime) -> None:
    """End a run whose findings are saved in the same transaction.

    :raises RunSuperseded: another run has replaced it; nothing may be saved
    """
    ended = ControlRun.objects.open().filter(pk=run.pk)
    if ended.update(ended_at=at, differences=run.differences) != 1:
        raise RunSuperseded
    run.ended_at = at


def fail_run(run: ControlRun, *, at: datetime, fault: str) -> None:
    """End a run that could not compare everything."""
    _end(run, at=at, fault=fault)


def _end(run: ControlRun, *, at: datetime, fault: str) -> None:
    ControlRun.objects.open().filter(pk=run.pk).update(ended_at=at, fault=fault[:64])


def _is_lost(run: ControlRun, at: datetime) -> bool:
    return at > (run.started_at or run.requested_at) + LOST_AFTER


def _yesterday(at: datetime) -> date:
    return business_day(at) - timedelta(days=1)
