"""Rank distributors of a period by a figure, with how they stood in the period before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import QuerySet

from distribution.models import Distributor
from reports.leaderboard import MAX_RANK, METRICS, ranked_rows, ranks
from reports.models import PeriodFigures
from reports.periods import Period, period_start
from reports.rates import rate

PAGE_SIZE = 100


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
    best = list(rows[: min(size, MAX_RANK)])
    values = [getattr(row, METRICS[metric]) for row in best]
    before = _ranks_before(period, day, metric, level)
    return [
        Standing(rank, row.distributor, value, row, before.get(row.distributor_id))
        for rank, row, value in zip(ranks(values), best, values, strict=True)
    ]


def day_before(period: str, day: date) -> date:
    """Return a day of the period before the one that a day is in."""
    return period_start(period, day) - timedelta(days=1)


def _rows(period: str, day: date, metric: str, level: int | None) -> QuerySet[PeriodFigures]:
    rows = ranked_rows(period=period, day=day, metric=metric)
    return rows if level is None else rows.filter(distributor__level=level)


def _ranks_before(period: str, day: date, metric: str, level: int | None) -> dict[int, int]:
    if period == Period.ALL:
        return {}
    rows = _rows(period, day_before(period, day), metric, level)
    found = list(rows.values_list("distributor", METRICS[metric])[:MAX_RANK])
    values = [value for _key, value in found]
    return {key: rank for (key, _value), rank in zip(found, ranks(values), strict=True)}
