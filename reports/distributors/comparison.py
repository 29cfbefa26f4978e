"""Compare two distributors: the same figures side by side, and twelve months of both."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from common.clock import business_day
from distribution.models import Distributor
from distribution.queries import TeamCounts, binding_of
from reports.periods import Period, period_start
from reports.queries import Figures, earnings, life_figures, recent_figures
from reports.shares import MemberFunnels, member_funnels
from reports.team import team_size

MONTHS = 12
DAYS = 30


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two. Amounts in fen; ``months`` has a figure for each of the last 12 months."""

    distributor: Distributor
    upline: Distributor | None
    team: TeamCounts
    recent: Figures
    life: Figures
    shares: MemberFunnels
    months: tuple[Figures, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    months: tuple[date, ...]
    sides: tuple[Side, Side]


def compare(first: Distributor, second: Distributor, *, at: datetime) -> Comparison:
    """Return the figures of two distributors, in a constant number of queries."""
    months = _last_months(business_day(at))
    return Comparison(months, (_side(first, months, at=at), _side(second, months, at=at)))


def _side(distributor: Distributor, months: tuple[date, ...], *, at: datetime) -> Side:
    today = business_day(at)
    by_month = dict(
        earnings(distributor=distributor, period=Period.MONTH, first=months[0], last=today)
    )
    binding = binding_of(distributor.member, at=at)
    return Side(
        distributor=distributor,
        upline=binding.distributor if binding else None,
        team=team_size(distributor),
        recent=recent_figures(distributor, days=DAYS, at=at),
        life=life_figures(distributor),
        shares=member_funnels(distributor.member, today=today),
        months=tuple(by_month.get(month, Figures()) for month in months),
    )


def _last_months(today: date) -> tuple[date, ...]:
    """Return the first days of the last 12 months, the earliest first."""
    months = [today.replace(day=1)]
    while len(months) < MONTHS:
        months.append(period_start(Period.MONTH, months[-1] - timedelta(days=1)))
    return tuple(reversed(months))
