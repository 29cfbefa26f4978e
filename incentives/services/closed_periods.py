"""Find the periods that are closed: what counts in them stays, or only goes down."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from incentives.models import PeriodClosing


def closed_periods(incentives: Collection[int], periods: Collection[date]) -> set[tuple[int, date]]:
    """Return which of these periods are closed, by incentive and first day.

    Call ``keep_periods_open`` first: no other period is closed then until the transaction ends.
    """
    rows = PeriodClosing.objects.filter(incentive__in=incentives, period_start__in=periods)
    return set(rows.values_list("incentive", "period_start"))
