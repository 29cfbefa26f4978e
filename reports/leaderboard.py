"""Rank distributors by a figure of a period, without what is not folded yet.

Never by the number of people recruited.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from distribution.models import Distributor
from ledger.chart import Asset
from reports.models import PeriodFigures
from reports.periods import period_start

METRICS = {"sales": "sales", "orders": "orders", "commission": "total_income"}
"""The figures to rank by, with their fields of ``PeriodFigures``."""
TOP, MAX_RANK = 100, 1_000


@dataclass(frozen=True, slots=True)
class Place:
    """A place of a leaderboard; equal values share a rank."""

    rank: int
    distributor: Distributor
    value: int


def ranked_rows(
    *, period: str, day: date, metric: str, asset: str = Asset.CASH
) -> QuerySet[PeriodFigures]:
    """Return the figures of the period that a day is in, the best first, without those of 0.

    :param metric: one of ``METRICS``
    """
    field = METRICS[metric]
    rows = PeriodFigures.objects.filter(
        period=period, start=period_start(period, day), asset=asset, **{f"{field}__gt": 0}
    )
    return rows.order_by(f"-{field}", "distributor_id")


def ranks(values: Sequence[int]) -> list[int]:
    """Return the rank of each value, from high to low."""
    found: list[int] = []
    for place, value in enumerate(values):
        tied = place and values[place - 1] == value
        found.append(found[-1] if tied else place + 1)
    return found


def leaderboard(
    *, period: str, day: date, metric: str, size: int = TOP, asset: str = Asset.CASH
) -> list[Place]:
    """Return the best distributors of a period.

    :param metric: one of ``METRICS``
    """
    rows = ranked_rows(period=period, day=day, metric=metric, asset=asset)
    best = list(rows.select_related("distributor__member")[:size])
    values = [getattr(row, METRICS[metric]) for row in best]
    return [
        Place(rank, row.distributor, value)
        for rank, row, value in zip(ranks(values), best, values, strict=True)
    ]


def own_place(
    *, distributor: Distributor, period: str, day: date, metric: str, asset: str = Asset.CASH
) -> tuple[int | None, int]:
    """Return a distributor's rank and value; no rank beyond 1,000 or with a value of 0."""
    field = METRICS[metric]
    rows = PeriodFigures.objects.filter(period=period, start=period_start(period, day), asset=asset)
    value: int = rows.filter(distributor=distributor).values_list(field, flat=True).first() or 0
    if value <= 0:
        return None, value
    rank = rows.filter(**{f"{field}__gt": value})[:MAX_RANK].count() + 1
    return (rank if rank <= MAX_RANK else None), value
