"""Read the clock and compute business days.

Views, tasks and commands read the clock once and pass the moment on as ``at``; services take it
and never call ``now``. Times are stored in UTC; business days are those of Shanghai.
"""

from __future__ import annotations

from argparse import ArgumentTypeError
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import gettext as _

SHANGHAI = ZoneInfo("Asia/Shanghai")
EARLIEST_TIME, LATEST_TIME = datetime(1990, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
"""What other systems report lies between: the database stores years that Python cannot read."""


def now() -> datetime:
    """Return the current time in UTC; in a sandbox, the time to which its clock was moved."""
    return wall_clock() + _ahead()


def wall_clock() -> datetime:
    """Return the real time in UTC, for what other machines have stamped with theirs."""
    return datetime.now(UTC)


def move_sandbox_clock(to: datetime) -> None:
    """Move the clock of the sandbox forward for all its processes; never back."""
    ahead = max(_ahead(), to - wall_clock())
    file = Path(settings.SANDBOX_CLOCK)
    # Others read it at any time: an empty file would take them back.
    new = file.with_name(f"{file.name}.{uuid4().hex}")
    new.write_text(str(ahead.total_seconds()), encoding="ascii")
    new.replace(file)


def _ahead() -> timedelta:
    if not settings.SANDBOX_CLOCK:
        return timedelta(0)
    try:
        return timedelta(seconds=float(Path(settings.SANDBOX_CLOCK).read_text(encoding="ascii")))
    except (FileNotFoundError, ValueError):
        return timedelta(0)  # not moved yet


def parse(text: str) -> datetime | None:
    """Parse an ISO 8601 time with an offset; return None for anything else."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def aware_datetime(text: str) -> datetime:
    """Parse a command's argument, such as ``2026-11-01T12:00:00+08:00``."""
    moment = parse(text)
    if moment is None:
        raise ArgumentTypeError(
            _("“%(cell)s” is not a time with an offset, such as 2026-11-01T12:00:00+08:00.")
            % {"cell": text[:40]}
        )
    return moment


def business_day(at: datetime) -> date:
    """Return the date in Shanghai: 2026-01-31T16:00Z is already February."""
    return at.astimezone(SHANGHAI).date()


def format_moment(at: datetime) -> str:
    """Format a time in Shanghai, to the minute: ``2026-11-26 12:15``."""
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


def day_start(day: date) -> datetime:
    """Return the first moment of a day in Shanghai, in UTC."""
    return datetime.combine(day, time.min, SHANGHAI).astimezone(UTC)
