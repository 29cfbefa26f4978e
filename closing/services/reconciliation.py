"""Reconciliation: run the daily controls and follow up each difference."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from alarms.kinds import CONTROL_FAILED
from alarms.services import sync_alarms
from closing import controls
from closing.controls import Finding
from closing.events import (
    CLOSING_DIFFERENCE_ASSIGNED,
    CLOSING_DIFFERENCE_CLOSED,
    CLOSING_RECONCILED,
)
from closing.models import Control, ControlRun, Difference
from closing.services.control_runs import fail_run, finish_run, note_progress, replace_open_run
from common.errors import TwotierError
from common.locks import advisory_lock
from common.requirements import require_permission, require_reason
from events.models import Reference
from events.services import record
from members.models import User

RECONCILIATION = Reference("closing", "reconciliation")
MAX_SUBJECT_LENGTH = 200


class DifferenceClosed(TwotierError):
    code = "difference_closed"
    message = _("This difference is already closed. Nothing was changed.")


def reconcile(
    *, day: date, at: datetime, run: ControlRun | None = None
) -> dict[Control, list[Finding]]:
    """Run every control and save the differences; a repeated difference stays one row.

    Each control is one statement with a snapshot of its own, so they need no common transaction,
    and the row of the run shows the progress.

    :param day: the last day whose payments must be on a statement
    :param run: the run that a person requested; without it, a new one replaces an open one
    :returns: the findings of each control; a control without findings passed
    :raises RunSuperseded: a later run has replaced this one; nothing was saved
    """
    run = run or replace_open_run(day=day, at=at)
    try:
        findings = {}
        for control in controls.CONTROLS:
            findings[control] = controls.run_control(control, day)
            note_progress(run, control.value, len(findings[control]))
        _save(run, findings, at=at)
    except BaseException as error:
        fail_run(run, at=at, fault=type(error).__name__)
        raise
    return findings


@transaction.atomic
def _save(run: ControlRun, findings: dict[Control, list[Finding]], *, at: datetime) -> None:
    advisory_lock("closing.reconcile")
    finish_run(run, at=at)
    day = run.day
    fresh = {
        (finding.control.value, finding.subject[:MAX_SUBJECT_LENGTH]): finding
        for rows in findings.values()
        for finding in rows
    }
    open_rows = {
        (row.control, row.subject): row for row in Difference.objects.filter(closed_at=None)
    }
    for key, row in open_rows.items():
        if finding := fresh.pop(key, None):
            row.expected, row.actual = finding.expected, finding.actual
            row.day, row.last_seen, row.disappeared_at = day, at, None
        else:
            row.disappeared_at = row.disappeared_at or at
        row.save(update_fields=["expected", "actual", "day", "last_seen", "disappeared_at"])
    Difference.objects.bulk_create(
        Difference(
            control=control, subject=subject, expected=finding.expected, actual=finding.actual,
            day=day, first_seen=at, last_seen=at,
        )
        for (control, subject), finding in fresh.items()
    )  # fmt: skip
    record(
        CLOSING_RECONCILED, RECONCILIATION, at=at, day=day,
        differences={control.value: len(rows) for control, rows in findings.items()},
    )  # fmt: skip
    causes = {
        Reference(CONTROL_FAILED.subject, control.value): {"differences": len(rows)}
        for control, rows in findings.items()
        if rows
    }
    sync_alarms(CONTROL_FAILED, causes, at=at)


@transaction.atomic
def assign_difference(*, difference: Difference, to: User | None, by: User, at: datetime) -> None:
    """Assign a difference to a person, or to nobody.

    :raises PermissionMissing: ``by`` may not change differences
    :raises DifferenceClosed: it is closed
    """
    row = _lock_open(difference, by)
    if row.assignee_id == (to.pk if to else None):
        return
    row.assignee = difference.assignee = to
    row.save(update_fields=["assignee"])
    record(CLOSING_DIFFERENCE_ASSIGNED, row, at=at, by=by, to=to.username if to else "")


@transaction.atomic
def close_difference(*, difference: Difference, reason: str, by: User, at: datetime) -> None:
    """Close a difference with a reason; if it persists, the next control opens another row.

    :raises ReasonRequired, PermissionMissing, DifferenceClosed: nothing was changed
    """
    row = _lock_open(difference, by)
    row.reason, row.closed_by, row.closed_at = require_reason(reason), by, at
    row.save(update_fields=["reason", "closed_by", "closed_at"])
    record(
        CLOSING_DIFFERENCE_CLOSED, row, at=at, by=by,
        control=row.control, where=row.subject, reason=row.reason,
    )  # fmt: skip


def _lock_open(difference: Difference, by: User) -> Difference:
    require_permission(by, "closing.change_difference")
    row = Difference.objects.select_for_update(no_key=True).get(pk=difference.pk)
    if row.closed_at:
        raise DifferenceClosed
    return row
