"""Time. Read once at the edge (views, tasks, commands) and handed down as ``at``; stored in UTC.
Business days have a module of their own: services need those, and never this one.
"""

from __future__ import annotations

from datetime import UTC, datetime

from common.days import SHANGHAI, business_day, day_start

__all__ = ["SHANGHAI", "business_day", "day_start", "now", "parse"]


def now() -> datetime:
    return datetime.now(UTC)


def parse(text: str) -> datetime | None:
    """A moment from ISO 8601 with its offset; ``None`` when it is none, or has no offset."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None
