"""Read the clock and compute business days.

Views, tasks and commands read the clock once and pass the moment on as ``at``; services take it
and never call ``now``. Times are stored in UTC; business days are those of Shanghai.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """Return the current time in UTC."""
    return datetime.now(UTC)


def parse(text: str) -> datetime | None:
    """Parse an ISO 8601 time with an offset; return None for anything else."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def business_day(at: datetime) -> date:
    """Return the date in Shanghai: 2026-01-31T16:00Z is already February."""
    return at.astimezone(SHANGHAI).date()


def day_start(day: date) -> datetime:
    """Return the first moment of a day in Shanghai, in UTC."""
    return datetime.combine(day, time.min, SHANGHAI).astimezone(UTC)
