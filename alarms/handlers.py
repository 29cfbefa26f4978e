"""Send alarms to people. Each channel is a follower of its own, so that each is retried alone.

A channel that is not configured sends nothing. An alarm that is closed by now is not sent.
"""

from __future__ import annotations

import sentry_sdk
from django.conf import settings
from django.core import mail

from alarms import messages, robots
from alarms.kinds import Severity
from alarms.models import Alarm
from events.models import Event


def send_mail(events: list[Event]) -> None:
    """Mail the alarms to ``ALARM_EMAILS``."""
    alarms = _unclosed(events) if settings.ALARM_EMAILS else []
    if alarms:
        mail.send_mail(messages.title(alarms), messages.text(alarms), None, settings.ALARM_EMAILS)


def post_to_robot(events: list[Event]) -> None:
    """Post the alarms to the robot at ``ALARM_WEBHOOK_URL``.

    :raises RobotFailed: they were not delivered
    """
    alarms = _unclosed(events) if settings.ALARM_WEBHOOK_URL else []
    if alarms:
        text = f"{messages.title(alarms)}\n\n{messages.text(alarms)}"
        robots.post(
            settings.ALARM_WEBHOOK_URL, settings.ALARM_WEBHOOK_KIND, text,
            secret=settings.ALARM_WEBHOOK_SECRET,
        )  # fmt: skip


def report_to_sentry(events: list[Event]) -> None:
    """Report the alarms to Sentry, if ``SENTRY_DSN`` is set: one issue a kind and subject."""
    for alarm in _unclosed(events) if settings.SENTRY_DSN else []:
        with sentry_sdk.new_scope() as scope:
            scope.fingerprint = ["alarm", alarm.kind, str(alarm.subject)]
            scope.set_tag("alarm", alarm.kind)
            scope.set_context("alarm", {"subject": str(alarm.subject), **alarm.detail})
            is_critical = alarm.type is not None and alarm.type.severity == Severity.CRITICAL
            scope.capture_message(
                f"{alarm.kind} {alarm.subject}", level="fatal" if is_critical else "warning"
            )


def _unclosed(events: list[Event]) -> list[Alarm]:
    subjects = {event.subject_id for event in events}
    return list(Alarm.objects.unclosed().filter(public_id__in=subjects).order_by("pk"))
