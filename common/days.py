"""Business days are Shanghai's, and nobody else makes them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def business_day(at: datetime) -> date:
    """The Shanghai date of a moment: 2026-01-31T16:00Z is already February there."""
    return at.astimezone(SHANGHAI).date()


def day_start(day: date) -> datetime:
    """The first moment of a Shanghai day, in UTC."""
    return datetime.combine(day, time.min, SHANGHAI).astimezone(UTC)
