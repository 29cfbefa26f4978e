"""The usual ranges of days that a person chooses from."""

from __future__ import annotations

from datetime import date, timedelta

from django.utils.translation import gettext_lazy as _

from reports.periods import Period, period_start
from reports.spans import DAY, Span

NAMES = {
    "7 days": _("7 days"), "30 days": _("30 days"), "this month": _("this month"),
    "last month": _("last month"), "90 days": _("90 days"), "this year": _("this year"),
    "12 months": _("12 months"),
}  # fmt: skip


def usual(today: date) -> dict[str, Span]:
    """Return the usual ranges by name."""
    month = period_start(Period.MONTH, today)
    last_month = period_start(Period.MONTH, month - DAY)
    spans = {
        "7 days": _days(7, today),
        "30 days": _days(30, today),
        "this month": Span(month, today),
        "last month": Span(last_month, month - DAY),
        "90 days": _days(90, today),
        "this year": Span(today.replace(month=1, day=1), today),
        "12 months": Span(_eleven_months_before(month), today),
    }
    assert spans.keys() == NAMES.keys()
    return spans


def thirty_days(today: date) -> Span:
    return _days(30, today)


def _days(number: int, today: date) -> Span:
    return Span(today - (number - 1) * DAY, today)


def _eleven_months_before(month: date) -> date:
    return (month.replace(year=month.year - 1) + timedelta(days=31)).replace(day=1)
