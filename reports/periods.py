"""Days, weeks and months in Shanghai, and the whole life."""

from __future__ import annotations

from datetime import date, timedelta

from reports.models import PeriodFigures

Period = PeriodFigures.Period
LIFE = date(1970, 1, 1)
"""The first day of the row of the whole life."""


def period_start(period: str, day: date) -> date:
    """Return the first day of the period that a day is in; weeks begin on Monday."""
    if period == Period.DAY:
        return day
    if period == Period.WEEK:
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if period == Period.MONTH else LIFE


def period_end(period: str, day: date) -> date:
    """Return the first day after the day, week or month that a day is in."""
    start = period_start(period, day)
    if period == Period.MONTH:
        return (start + timedelta(days=31)).replace(day=1)
    return start + timedelta(days=7 if period == Period.WEEK else 1)
