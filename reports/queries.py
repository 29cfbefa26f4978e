"""What a distributor sees of their figures: folded periods plus what is not folded yet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Sum

from commissions.models import DueCredit
from commissions.services.queue import bucket
from common.clock import business_day
from distribution.models import Distributor
from ledger.chart import Asset, Kind
from ledger.models import Account
from notices.services import unread_count
from reports.models import PeriodFigures, Sums
from reports.services import LIFE_START

Period = PeriodFigures.Period
LIFE = date.fromisoformat(LIFE_START)
RELEASE_DAYS, OVERDUE_DAYS = 7, 7
TOP, MAX_RANK = 100, 1_000
METRICS = {"sales": "sales", "orders": "orders", "commission": "total_income"}


@dataclass(frozen=True, slots=True)
class Figures:
    """Sums of a distributor in a period, in minor units of the asset."""

    orders: int = 0
    sales: int = 0
    team_orders: int = 0
    team_sales: int = 0
    income: int = 0
    team_income: int = 0
    pending: int = 0
    protected: int = 0
    credited: int = 0

    def __add__(self, other: Figures) -> Figures:
        return Figures(*(getattr(self, name) + getattr(other, name) for name in Sums.FIGURES))

    @property
    def total_income(self) -> int:
        return self.income + self.team_income


@dataclass(frozen=True, slots=True)
class Workspace:
    """What a distributor sees first: amounts of one asset."""

    today: Figures
    yesterday: Figures
    month: Figures
    life: Figures
    balance: int
    unread: int
    releasing: list[tuple[date, int]]


def period_start(period: str, day: date) -> date:
    """Return the first day of the period that a day is in; weeks begin on Monday."""
    if period == Period.DAY:
        return day
    if period == Period.WEEK:
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if period == Period.MONTH else LIFE


def period_end(period: str, day: date) -> date:
    """Return the first day after the day, week or month that a day is in."""
    start = period_start(period, day)
    if period == Period.MONTH:
        return (start + timedelta(days=31)).replace(day=1)
    return start + timedelta(days=7 if period == Period.WEEK else 1)


def workspace(*, distributor: Distributor, at: datetime, asset: str = Asset.CASH) -> Workspace:
    """Return a distributor's figures now; four queries, however many orders."""
    today = business_day(at)
    yesterday = today - timedelta(days=1)
    wanted = {
        "today": (Period.DAY, today),
        "yesterday": (Period.DAY, yesterday),
        "month": (Period.MONTH, today.replace(day=1)),
        "life": (Period.ALL, LIFE),
    }
    figures = _figures(distributor, asset, wanted.values())
    account = Account.objects.filter(
        member=distributor.member_id, kind=Kind.WALLET, asset=asset
    ).first()
    return Workspace(
        **{name: figures[key] for name, key in wanted.items()},
        balance=(account.balance or 0) if account else 0,
        unread=unread_count(member=distributor.member_id),
        releasing=_releasing(account, at) if account else [],
    )


def earnings(
    *, distributor: Distributor, period: str, first: date, last: date, asset: str = Asset.CASH
) -> list[tuple[date, Figures]]:
    """Return a distributor's figures of each period with any, the earliest first.

    These are the whole days, weeks or months that ``first`` to ``last`` touches.
    """
    start, end = period_start(period, first), period_end(period, last)
    folded = "period = %(period)s AND start >= %(start)s AND start < %(end)s"
    found: dict[date, Figures] = {}
    for stored, day, figures in _rows(
        distributor, asset, folded, {"period": period, "start": start, "end": end}
    ):
        if stored or (day and start <= day < end):
            key = day if stored else period_start(period, day)
            found[key] = found.get(key, Figures()) + _without_state(figures)
    return sorted(found.items())


def _figures(
    distributor: Distributor, asset: str, wanted: Iterable[tuple[str, date]]
) -> dict[tuple[str, date], Figures]:
    keys = list(wanted)
    found = dict.fromkeys(keys, Figures())
    folded = "(period, start) IN %(keys)s"
    for period, day, figures in _rows(distributor, asset, folded, {"keys": tuple(keys)}):
        if period:
            found[period, day] += figures
            continue
        for key in keys:
            if key[0] == Period.ALL:
                found[key] += figures
            elif day and period_start(key[0], day) == key[1]:
                found[key] += _without_state(figures)
    return found


def _rows(
    distributor: Distributor, asset: str, folded: str, values: dict[str, Any]
) -> Iterator[tuple[str | None, date, Figures]]:
    """Return folded figures with period and first day, and all changes with their day, if any.

    In one statement: a fold between two would be counted twice or not at all.

    :param folded: the condition on ``reports_periodfigures``, with placeholders for ``values``
    """
    names = ", ".join(Sums.FIGURES)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT period, start, {names} FROM reports_periodfigures
            WHERE distributor_id = %(distributor)s AND asset = %(asset)s AND {folded}
            UNION ALL
            SELECT NULL, day, {names} FROM reports_delta
            WHERE distributor_id = %(distributor)s AND asset = %(asset)s
            """,
            {"distributor": distributor.pk, "asset": asset, **values},
        )
        for period, day, *figures in cursor.fetchall():
            yield period, day, Figures(*figures)


def _without_state(figures: Figures) -> Figures:
    """Pending, protected and credited belong to no day."""
    values = (getattr(figures, name) for name in Sums.FIGURES[:6])
    return Figures(*values)


def _releasing(account: Account, at: datetime) -> list[tuple[date, int]]:
    """Return what leaves protection on each of the next days, if no refund comes."""
    # One bucket more: they are days of UTC. What is overdue shows today.
    buckets = range(bucket(at) - OVERDUE_DAYS, bucket(at) + RELEASE_DAYS + 2)
    due = DueCredit.objects.filter(bucket__in=list(buckets), account=account)
    by_day: dict[date, int] = {}
    for release_at, amount in (
        due.order_by("release_at").values_list("release_at").annotate(Sum("amount"))
    ):
        day = business_day(max(release_at, at))
        by_day[day] = by_day.get(day, 0) + amount
    last = business_day(at) + timedelta(days=RELEASE_DAYS)
    return sorted((day, amount) for day, amount in by_day.items() if day <= last)


@dataclass(frozen=True, slots=True)
class Place:
    """A place of a leaderboard; equal values share a rank."""

    rank: int
    distributor: Distributor
    value: int


def leaderboard(
    *, period: str, day: date, metric: str, size: int = TOP, asset: str = Asset.CASH
) -> list[Place]:
    """Return the best distributors of a period, without what is not folded yet.

    :param metric: one of ``METRICS``; never the number of people recruited
    """
    field = METRICS[metric]
    rows = PeriodFigures.objects.filter(
        period=period, start=period_start(period, day), asset=asset, **{f"{field}__gt": 0}
    )
    best = rows.select_related("distributor__member").order_by(f"-{field}", "distributor")[:size]
    places: list[Place] = []
    for number, row in enumerate(best, start=1):
        value = getattr(row, field)
        tied = places and places[-1].value == value
        places.append(Place(places[-1].rank if tied else number, row.distributor, value))
    return places


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
