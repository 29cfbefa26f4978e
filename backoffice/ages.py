"""Write how long something has waited, as people say it."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def format_age(since: datetime, at: datetime) -> str:
    """Return minutes below an hour, hours below two days, then days."""
    waited = max(at - since, timedelta())
    if waited >= 2 * DAY:
        return ngettext("%(count)s day", "%(count)s days", waited.days) % {"count": waited.days}
    if waited >= HOUR:
        hours = waited // HOUR
        return ngettext("%(count)s hour", "%(count)s hours", hours) % {"count": hours}
    minutes = waited // timedelta(minutes=1)
    if minutes:
        return ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes}
    return _("just now")


def format_span(span: timedelta) -> str:
    """Return a limit in hours, or in whole days from two days on."""
    if span >= 2 * DAY and not span % DAY:
        return ngettext("%(count)s day", "%(count)s days", span.days) % {"count": span.days}
    hours = span // HOUR
    return ngettext("%(count)s hour", "%(count)s hours", hours) % {"count": hours}
