"""Time. Read once at the edge (views, tasks, commands) and handed down as ``at``; stored in UTC.

Business days are Shanghai's, and nobody else makes them.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    return datetime.now(UTC)


def business_day(at: datetime) -> date:
    """The Shanghai date of a moment: 2026-01-31T16:00Z is already February there."""
    return at.astimezone(SHANGHAI).date()


def day_start(day: date) -> datetime:
    """The first moment of a Shanghai day, in UTC."""
    return datetime.combine(day, time.min, SHANGHAI).astimezone(UTC)


def parse(text: str) -> datetime | None:
    """A moment from ISO 8601 with its offset; ``None`` when it is none, or has no offset."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None
