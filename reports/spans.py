"""Ranges of days that reports are about."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.errors import TwotierError
from reports.periods import Period, period_end

DAY = timedelta(days=1)
MAX_DAYS = 1_096
"""Three years: more than that is an export of orders, not a report."""


class InvalidSpan(TwotierError):
    code = "invalid_report_days"
    message = _("A report covers 1 to %(days)s days. The first day comes before the last one.")


@dataclass(frozen=True, slots=True)
class Span:
    """The days from ``first`` to ``last``, in Shanghai."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if not 1 <= self.days <= MAX_DAYS:
            raise InvalidSpan(days=MAX_DAYS)

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def before(self) -> Span:
        """Return as many days before these."""
        return Span(self.first - self.days * DAY, self.first - DAY)

    def __iter__(self) -> Iterator[date]:
        return (self.first + number * DAY for number in range(self.days))

    def whole_months(self) -> tuple[date, date] | None:
        """Return the first days of the first and the last month that lie in these days."""
        start = self.first
        if start.day != 1:
            start = period_end(Period.MONTH, start)
        end = (self.last + DAY).replace(day=1)
        return (start, (end - DAY).replace(day=1)) if start < end else None

    def rows(self) -> Q:
        """Return the condition on ``period`` and ``start`` that adds up to these days.

        Whole months are read from the rows of months, so that a year costs as little as a month.
        """
        months = self.whole_months()
        if months is None:
            return _days(self.first, self.last)
        first, last = months
        return (
            Q(period=Period.MONTH, start__range=(first, last))
            | _days(self.first, first - DAY)
            | _days(period_end(Period.MONTH, last), self.last)
        )


def _days(first: date, last: date) -> Q:
    return Q(period=Period.DAY, start__range=(first, last))
