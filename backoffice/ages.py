"""Say how long something has waited, in the two words that matter."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def format_age(age: timedelta) -> str:
    """Return an age rounded down to minutes, hours or days: ``5 hours``, ``20 days``."""
    if age >= 2 * DAY:
        days = age // DAY
        return ngettext("%(count)s day", "%(count)s days", days) % {"count": f"{days:,}"}
    if age >= HOUR:
        hours = age // HOUR
        return ngettext("%(count)s hour", "%(count)s hours", hours) % {"count": hours}
    minutes = max(age // MINUTE, 0)
    return ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes}


def age_text(at: datetime, now: datetime) -> str:
    """Return how long ago a moment was: ``5 hours ago``."""
    return _("%(age)s ago") % {"age": format_age(now - at)}
