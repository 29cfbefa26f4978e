"""The usual ranges of days that a person chooses from."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from reports.periods import Period, period_end, period_start
from reports.spans import DAY, Span


def last_days(number: int, today: date) -> Span:
    """Return so many days up to today."""
    return Span(today - (number - 1) * DAY, today)


def _this_month(today: date) -> Span:
    return Span(period_start(Period.MONTH, today), today)


def _last_month(today: date) -> Span:
    last = period_start(Period.MONTH, today) - DAY
    return Span(period_start(Period.MONTH, last), last)


def _twelve_months(today: date) -> Span:
    """Return this month and the eleven before it."""
    a_year_ago = date(today.year - 1, today.month, 1)
    return Span(period_end(Period.MONTH, a_year_ago), today)


USUAL: dict[str, tuple[Promise, Callable[[date], Span]]] = {
    "7 days": (_("7 days"), lambda today: last_days(7, today)),
    "30 days": (_("30 days"), lambda today: last_days(30, today)),
    "this month": (_("this month"), _this_month),
    "last month": (_("last month"), _last_month),
    "90 days": (_("90 days"), lambda today: last_days(90, today)),
    "this year": (_("this year"), lambda today: Span(date(today.year, 1, 1), today)),
    "12 months": (_("12 months"), _twelve_months),
}
"""The usual ranges by name: the title, and the days from today."""
