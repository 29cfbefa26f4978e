"""Rank distributors of a period by a figure, with how they stood in the period before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import QuerySet

from distribution.models import Distributor
from ledger.chart import Asset
from reports.models import PeriodFigures
from reports.periods import Period, period_start
from reports.queries import METRICS
from reports.rates import rate

PAGE_SIZE = 100
MAX_PLACES = 1_000
"""Higher ranks are neither counted nor shown: nobody reads them."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A distributor's place in a period. Amounts in fen; equal values share a rank.

    ``before``: the rank in the period before; ``None`` beyond 1,000, and for the whole life.
    """

    rank: int
    distributor: Distributor
    value: int
    figures: PeriodFigures
    before: int | None

    @property
    def climbed(self) -> int:
        """Return how many places up, below 0 down; 0 also for those who are new."""
        return self.before - self.rank if self.before else 0

    @property
    def return_rate(self) -> int:
        """Return how much of own sales was refunded, in basis points."""
        return rate(self.figures.returned, self.figures.sales + self.figures.returned)


def standings(
    *, period: str, day: date, metric: str, level: int | None = None, size: int = PAGE_SIZE
) -> list[Standing]:
    """Return the best distributors of the period that a day is in, in a constant number of queries.

    Without what is not folded yet.

    :param metric: one of ``METRICS``; never the number of people recruited
    :param level: only those who have this level now; they rank among themselves
    """
    rows = _rows(period, day, metric, level).select_related(
        "distributor__member", "distributor__level", "distributor__segment"
    )
    best = list(rows[: min(size, MAX_PLACES)])
    ranks = _ranks([getattr(row, METRICS[metric]) for row in best])
    before = _ranks_before(period, day, metric, level)
    return [
        Standing(
            rank, row.distributor, getattr(row, METRICS[metric]), row,
            before.get(row.distributor_id),
        )
        for rank, row in zip(ranks, best, strict=True)
    ]  # fmt: skip


def day_before(period: str, day: date) -> date:
    """Return a day of the period before the one that a day is in."""
    return period_start(period, day) - timedelta(days=1)


def _rows(period: str, day: date, metric: str, level: int | None) -> QuerySet[PeriodFigures]:
    field = METRICS[metric]
    rows = PeriodFigures.objects.filter(
        period=period, start=period_start(period, day), asset=Asset.CASH, **{f"{field}__gt": 0}
    )
    if level is not None:
        rows = rows.filter(distributor__level=level)
    return rows.order_by(f"-{field}", "distributor_id")


def _ranks_before(period: str, day: date, metric: str, level: int | None) -> dict[int, int]:
    if period == Period.ALL:
        return {}
    rows = _rows(period, day_before(period, day), metric, level)
    found = list(rows.values_list("distributor", METRICS[metric])[:MAX_PLACES])
    ranks = _ranks([value for _key, value in found])
    return {key: rank for (key, _value), rank in zip(found, ranks, strict=True)}


def _ranks(values: list[int]) -> list[int]:
    """Return the rank of each value, from high to low."""
    ranks: list[int] = []
    for place, value in enumerate(values):
        tied = place and values[place - 1] == value
        ranks.append(ranks[-1] if tied else place + 1)
    return ranks
