"""Compute accounting months: months in Shanghai time, closed in order."""

from __future__ import annotations

from datetime import date, datetime

from django.db.models import Min

from common import clock
from ledger.models import Period, Transfer


def next_month(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def month_end(month: date) -> datetime:
    """Return the first moment of the following month."""
    return clock.day_start(next_month(month))


def next_month_to_close(at: datetime) -> date:
    """Return the month after the last closed one, or else the month of the first transfer."""
    last = Period.objects.filter(closed_at__isnull=False).order_by("-month").first()
    if last:
        return next_month(last.month)
    first = Transfer.objects.aggregate(first=Min("effective_at"))["first"]
    return clock.business_day(first or at).replace(day=1)
