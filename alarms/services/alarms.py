"""Raise, repeat, acknowledge and close alarms."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from alarms.events import ALARMS_CLOSED, ALARMS_RAISED, ALARMS_REMINDED, ALARMS_SEEN
from alarms.kinds import AlarmKind
from alarms.models import Alarm
from common.errors import TwotierError
from common.locks import advisory_lock
from common.requirements import require_permission, require_reason
from events.models import Reference
from events.services import record

RESOLVED = "resolved"
REMIND_AFTER = timedelta(days=1)


class AlarmClosed(TwotierError):
    code = "alarm_closed"
    message = _("This alarm is already closed. Nothing was changed.")


@transaction.atomic
def raise_alarm(
    kind: AlarmKind, subject: models.Model | Reference, *, at: datetime, **detail: Any
) -> Alarm:
    """Open an alarm; if it is not closed, count it once more and store the latest detail.

    Only the first call notifies people. Call it last in a transaction: the alarm stays locked until
    the transaction ends.

    :param detail: what a reader needs beside the subject; no personal data
    :raises RuntimeError: the subject is not of the kind that is declared
    """
    about = Reference.to(subject)
    if about.kind != kind.subject:
        raise RuntimeError(f"{kind} is about {kind.subject}, not {about.kind}")
    # Two first calls would both insert.
    advisory_lock(f"alarm:{kind}:{about}")
    alarm = _lock(kind, about)
    if alarm:
        alarm.count += 1
        if at >= alarm.last_seen:
            alarm.last_seen, alarm.detail = at, detail
        alarm.save(update_fields=["count", "last_seen", "detail"])
        return alarm
    alarm = Alarm.objects.create(
        kind=kind.code, subject_kind=about.kind, subject_id=about.id, detail=detail,
        first_seen=at, last_seen=at, notified_at=at,
    )  # fmt: skip
    record(ALARMS_RAISED, alarm, at=at, kind=kind.code, about=str(about))
    return alarm


@transaction.atomic
def close_alarm(
    kind: AlarmKind, subject: models.Model | Reference, *, at: datetime, reason: str = RESOLVED
) -> bool:
    """Close the alarm about a subject because its cause is gone.

    :returns: whether there was one
    """
    alarm = _lock(kind, Reference.to(subject))
    if alarm is None:
        return False
    _close(alarm, reason=reason, at=at)
    return True


@transaction.atomic
def sync_alarms(
    kind: AlarmKind, causes: Mapping[Reference, Mapping[str, Any]], *, at: datetime
) -> None:
    """Raise the alarms of a kind for these subjects, and close those for all others.

    :param causes: the detail of each subject
    """
    unclosed = Alarm.objects.unclosed().filter(kind=kind.code)
    for subject in sorted({alarm.subject for alarm in unclosed} - causes.keys()):
        close_alarm(kind, subject, at=at)
    for subject in sorted(causes):
        raise_alarm(kind, subject, at=at, **causes[subject])


@transaction.atomic
def mark_seen(*, alarm: Alarm, by: AbstractUser, at: datetime) -> None:
    """Take note of an alarm: it is no longer sent every day, and stays on every page.

    :raises PermissionMissing: ``by`` may not change alarms
    :raises AlarmClosed: it is closed
    """
    row = _lock_unclosed(alarm, by)
    if row.status == Alarm.Status.SEEN:
        return
    row.status, row.seen_by, row.seen_at = Alarm.Status.SEEN, by.get_username(), at
    row.save(update_fields=["status", "seen_by", "seen_at"])
    record(ALARMS_SEEN, row, at=at, by=by, kind=row.kind)


@transaction.atomic
def dismiss(*, alarm: Alarm, reason: str, by: AbstractUser, at: datetime) -> None:
    """Close an alarm with a reason; if its cause persists, another one opens.

    :raises ReasonRequired, PermissionMissing, AlarmClosed: nothing was changed
    """
    row = _lock_unclosed(alarm, by)
    _close(row, reason=require_reason(reason), at=at, by=by)


@transaction.atomic
def remind(*, at: datetime) -> int:
    """Notify people again of each open alarm that nobody has marked as seen for a day.

    :returns: the number of alarms
    """
    due = Alarm.objects.filter(status=Alarm.Status.OPEN, notified_at__lte=at - REMIND_AFTER)
    alarms = list(due.order_by("pk").select_for_update(no_key=True, skip_locked=True))
    for alarm in alarms:
        alarm.notified_at = at
        alarm.save(update_fields=["notified_at"])
        record(ALARMS_REMINDED, alarm, at=at, kind=alarm.kind)
    return len(alarms)


def _lock(kind: AlarmKind, subject: Reference) -> Alarm | None:
    rows = Alarm.objects.unclosed().about(kind, subject)
    return rows.select_for_update(no_key=True).first()


def _lock_unclosed(alarm: Alarm, by: AbstractUser) -> Alarm:
    require_permission(by, "alarms.change_alarm")
    row = Alarm.objects.select_for_update(no_key=True).get(pk=alarm.pk)
    if row.closed_at:
        raise AlarmClosed
    return row


def _close(alarm: Alarm, *, reason: str, at: datetime, by: AbstractUser | None = None) -> None:
    alarm.status, alarm.closed_at, alarm.close_reason = Alarm.Status.CLOSED, at, reason
    alarm.closed_by = by.get_username() if by else ""
    alarm.save(update_fields=["status", "closed_at", "close_reason", "closed_by"])
    record(ALARMS_CLOSED, alarm, at=at, by=by, kind=alarm.kind, reason=reason)
