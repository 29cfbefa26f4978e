"""From the share to the order, how visits end, and whether brought buyers come back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import QuerySet, Sum

from reports.models import Retention, ShareFigures, ShareSums, VisitFigures, VisitSums
from reports.periods import Period, period_end, period_start
from reports.rates import rate
from reports.shares import Funnel
from reports.spans import Span

Kind = VisitFigures.Kind
MOST_PAGES = 50


@dataclass(frozen=True, slots=True)
class Visits:
    """Sums of visits, see ``VisitSums``."""

    visits: int = 0
    further: int = 0
    joined: int = 0

    def __add__(self, other: Visits) -> Visits:
        return Visits(*(getattr(self, name) + getattr(other, name) for name in VisitSums.FIGURES))

    @property
    def ended(self) -> int:
        """Return how many saw no other page after it."""
        return self.visits - self.further

    @property
    def exit_rate(self) -> int:
        """Return the visits that ended here, in basis points."""
        return rate(self.ended, self.visits)


@dataclass(frozen=True, slots=True)
class ChannelFunnel:
    """The steps of one channel, or of all."""

    shares: Funnel = field(default_factory=Funnel)
    visits: Visits = field(default_factory=Visits)

    def __add__(self, other: ChannelFunnel) -> ChannelFunnel:
        return ChannelFunnel(self.shares + other.shares, self.visits + other.visits)

    def steps(self) -> dict[str, int]:
        """Return the steps from the share to the order by name, in their order."""
        return {
            "shares": self.shares.shares,
            "visits": self.shares.visits,
            "further": self.visits.further,
            "joined": self.visits.joined,
            "new_members": self.shares.new_members,
            "orders": self.shares.orders,
        }


@dataclass(frozen=True, slots=True)
class Cohort:
    """The buyers who were brought in one month."""

    month: date
    buyers: int
    later: list[tuple[int, int]]
    """The buyers and their orders in each month from the first one to the last complete one."""

    def rates(self) -> list[int]:
        """Return which part of them bought in each month, in basis points."""
        return [rate(buyers, self.buyers) for buyers, _orders in self.later]


def by_channel(span: Span) -> dict[str, ChannelFunnel]:
    """Return the steps of each channel, those with the most visits first, in two queries."""
    days = {"day__range": (span.first, span.last)}
    shares = ShareFigures.objects.filter(kind=ShareFigures.Kind.CHANNEL, **days)
    visits = VisitFigures.objects.filter(kind=Kind.CHANNEL, **days)
    found: dict[str, ChannelFunnel] = defaultdict(ChannelFunnel)
    for key, *figures in _sums(shares, ShareSums.FIGURES):
        found[key] += ChannelFunnel(shares=Funnel(*figures))
    for key, *figures in _sums(visits, VisitSums.FIGURES):
        found[key] += ChannelFunnel(visits=Visits(*figures))
    return dict(sorted(found.items(), key=lambda item: (-item[1].shares.visits, item[0])))


def by_page(span: Span) -> list[tuple[str, Visits]]:
    """Return the pages on which most visits ended, in one query.

    The empty path is the page that a share opens.
    """
    rows = VisitFigures.objects.filter(kind=Kind.PAGE, day__range=(span.first, span.last))
    pages = [(key, Visits(*figures)) for key, *figures in _sums(rows, VisitSums.FIGURES)]
    seen = [(key, visits) for key, visits in pages if visits.visits]
    return sorted(seen, key=lambda page: (-page[1].ended, page[0]))[:MOST_PAGES]


def cohorts(span: Span) -> list[Cohort]:
    """Return the months of the range with brought buyers, each followed to the range's end."""
    first = period_start(Period.MONTH, span.first)
    found: dict[date, dict[date, tuple[int, int]]] = defaultdict(dict)
    rows = Retention.objects.filter(cohort__range=(first, span.last), month__lte=span.last)
    for cohort, month, buyers, orders in rows.exclude(buyers=0).values_list(
        "cohort", "month", "buyers", "orders"
    ):
        found[cohort][month] = buyers, orders
    return [
        Cohort(
            cohort, months[cohort][0],
            [months.get(month, (0, 0)) for month in _months(cohort, span.last)],
        )
        for cohort, months in sorted(found.items())
    ]  # fmt: skip


def average_retention(rows: list[Cohort]) -> list[int]:
    """Return the part that bought in each month after the first, over all cohorts so old."""
    length = max((len(row.later) for row in rows), default=0)
    parts = []
    for number in range(length):
        old = [row for row in rows if len(row.later) > number]
        buyers = sum(row.buyers for row in old)
        parts.append(rate(sum(row.later[number][0] for row in old), buyers))
    return parts


def _months(first: date, last: date) -> list[date]:
    months = [first]
    while (following := period_end(Period.MONTH, months[-1])) <= last:
        months.append(following)
    return months


def _sums(rows: QuerySet[Any], names: Sequence[str]) -> Iterable[tuple[Any, ...]]:
    sums = rows.values("key").annotate(**{f"sum_{name}": Sum(name) for name in names})
    lists: Iterable[tuple[Any, ...]] = sums.values_list("key", *(f"sum_{name}" for name in names))
    return lists
