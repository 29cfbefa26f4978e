"""Write alarms as text for mail and robots, in the language of the shop."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from alarms.models import Alarm
from common.clock import format_moment

PREFIX = "Twotier"
"""Every message begins with it; the keyword of a DingTalk robot."""


WORDS = {
    "client": _lazy("client"), "commissions": _lazy("commissions"),
    "conflicting": _lazy("in conflict"), "count": _lazy("count"),
    "differences": _lazy("differences"), "error": _lazy("error"), "failures": _lazy("failures"),
    "merged": _lazy("merged accounts"), "number": _lazy("number"), "orders": _lazy("orders"),
    "reason": _lazy("reason"), "sent": _lazy("sent"), "state": _lazy("state"),
    "status": _lazy("HTTP status"),
}  # fmt: skip
"""The names of what is known beside the subject."""


def title(alarms: Sequence[Alarm]) -> str:
    """Return one line about these alarms."""
    with translation.override(settings.LANGUAGE_CODE):
        first = alarms[0].name
        if len(alarms) == 1:
            return f"{PREFIX}: {first}"
        return f"{PREFIX}: " + _("%(first)s and %(count)s more") % {
            "first": first,
            "count": len(alarms) - 1,
        }


def text(alarms: Sequence[Alarm]) -> str:
    """Return a paragraph about each alarm, with what to do."""
    with translation.override(settings.LANGUAGE_CODE):
        return "\n\n".join(map(_paragraph, alarms))


def advice(alarm: Alarm) -> str:
    """Return what to do."""
    return str(alarm.type.advice if alarm.type else "")


def detail(alarm: Alarm) -> str:
    """Return what is known beside the subject, such as ``count 2``."""
    return ", ".join(f"{WORDS.get(key, key)} {value}" for key, value in alarm.detail.items())


def _paragraph(alarm: Alarm) -> str:
    since = format_moment(alarm.first_seen)
    known = detail(alarm)
    lines = [
        alarm.name,
        f"{alarm.subject}" + (f" ({known})" if known else ""),
        _("Since %(since)s, seen %(count)s times.") % {"since": since, "count": alarm.count},
        advice(alarm),
    ]
    return "\n".join(filter(None, lines))
