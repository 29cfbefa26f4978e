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


EARLIEST, LATEST = date(2010, 1, 1), date(2100, 1, 1)


class DaysReversed(TwotierError):
    code = "report_days_reversed"
    message = _("The first day, %(first)s, lies after the last one, %(last)s. Swap them.")


class TooManyDays(TwotierError):
    code = "report_too_long"
    message = _("A report covers at most %(days)s days. Choose a later first day.")


class DaysOutOfRange(TwotierError):
    code = "report_days_out_of_range"
    message = _("A report has days from 2010 to 2099. Check the years.")


@dataclass(frozen=True, slots=True)
class Span:
    """The days from ``first`` to ``last``, in Shanghai."""

    first: date
    last: date

    @classmethod
    def asked(cls, first: date, last: date) -> Span:
        """Return the days that a person asked for.

        :raises DaysReversed: the last one comes first
        :raises TooManyDays: they are more than ``MAX_DAYS``
        :raises DaysOutOfRange: a year is not one in which a shop can sell
        """
        if not (EARLIEST <= first < LATEST and EARLIEST <= last < LATEST):
            raise DaysOutOfRange
        if first > last:
            raise DaysReversed(first=first, last=last)
        span = cls(first, last)
        if span.days > MAX_DAYS:
            raise TooManyDays(days=MAX_DAYS)
        return span

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

    def day_rows(self) -> Q:
        """Return the condition on ``period`` and ``start`` of each single day."""
        return _days(self.first, self.last)

    def rows(self) -> Q:
        """Return the condition on ``period`` and ``start`` that adds up to these days.

        Whole months are read from the rows of months, so that a year costs as little as a month.
        """
        months = self.whole_months()
        if months is None:
            return self.day_rows()
        first, last = months
        return (
            Q(period=Period.MONTH, start__range=(first, last))
            | _days(self.first, first - DAY)
            | _days(period_end(Period.MONTH, last), self.last)
        )


def _days(first: date, last: date) -> Q:
    return Q(period=Period.DAY, start__range=(first, last))
