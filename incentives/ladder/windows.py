"""The days over which a level counts orders."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from incentives.models import LevelCondition

Window = LevelCondition.Window
ROLLING = {Window.DAYS_30: 30, Window.DAYS_90: 90}


@dataclass(frozen=True, slots=True)
class Span:
    """Days in Shanghai's calendar; ``end`` is not included.

    An order lies in the days of a calendar window by its payment, and in the last 30 or 90 days
    by its completion: an order of the last days is never completed yet.
    """

    start: date
    end: date
    by_payment: bool

    @property
    def last_day(self) -> date:
        return self.end - timedelta(days=1)


def spans_of(window: str, day: date) -> tuple[Span, ...]:
    """Return the spans of a window on a day: the running one, then the one before it.

    A month that was reached counts until the end of the next one, so that nobody starts a month
    below their level. The last 30 or 90 days have no span before them.
    """
    if days := ROLLING.get(Window(window)):
        tomorrow = day + timedelta(days=1)
        return (Span(tomorrow - timedelta(days=days), tomorrow, by_payment=False),)
    start_of, a_day_more = CALENDAR[Window(window)]
    start = start_of(day)
    before = start_of(start - timedelta(days=1))
    end = start_of(start + timedelta(days=a_day_more))
    return Span(start, end, by_payment=True), Span(before, start, by_payment=True)


def _month(day: date) -> date:
    return day.replace(day=1)


def _quarter(day: date) -> date:
    return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)


def _year(day: date) -> date:
    return day.replace(month=1, day=1)


# Of each its first day, and a number of days that leads from there into the next one.
CALENDAR: dict[str, tuple[Callable[[date], date], int]] = {
    Window.MONTH: (_month, 32),
    Window.QUARTER: (_quarter, 93),
    Window.YEAR: (_year, 367),
}
