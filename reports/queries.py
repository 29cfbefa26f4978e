"""What a distributor sees of their figures: folded periods plus what is not folded yet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Min, Sum

from commissions.models import Commission, DueCredit
from commissions.services.queue import bucket
from common.clock import business_day
from distribution.models import Distributor
from distribution.queries import TeamCounts
from ledger.chart import Asset
from ledger.models import Account
from members.models import Member
from notices.services import unread_count
from reports.leaderboard import own_place
from reports.models import FoldedTransfers, ShopDay, Sums
from reports.periods import LIFE, Period, period_end, period_start
from reports.rates import rate
from reports.shares import MemberFunnels, member_funnels
from reports.team import team_size
from withdrawals.cash_accounts import read_cash_accounts
from withdrawals.requests.quote import withdrawable
from withdrawals.wallets import Wallet, wallets

RELEASE_DAYS, OVERDUE_DAYS = 7, 7


@dataclass(frozen=True, slots=True)
class Figures:
    """Sums of a distributor in a period, in minor units of the asset."""

    orders: int = 0
    sales: int = 0
    team_orders: int = 0
    team_sales: int = 0
    income: int = 0
    team_income: int = 0
    returned: int = 0
    pending: int = 0
    protected: int = 0
    credited: int = 0

    def __add__(self, other: Figures) -> Figures:
        return Figures(*(getattr(self, name) + getattr(other, name) for name in Sums.FIGURES))

    @property
    def total_income(self) -> int:
        return self.income + self.team_income

    @property
    def return_rate(self) -> int:
        """Return how much of own sales was refunded, in basis points."""
        return rate(self.returned, self.sales + self.returned)


@dataclass(frozen=True, slots=True)
class Workspace:
    """What a distributor sees first: amounts in fen of cash.

    ``shares``: the results of the shares.
    ``rank``: by the sales of this month, as far as they are folded; ``None`` beyond 1,000.
    """

    today: Figures
    yesterday: Figures
    month: Figures
    life: Figures
    shares: MemberFunnels
    balance: int
    unread: int
    withdrawable: int
    releasing: list[tuple[date, int]]
    team: TeamCounts
    rank: int | None


def workspace(*, distributor: Distributor, at: datetime) -> Workspace:
    """Return a distributor's figures now, in a constant number of queries.

    They cost the same however many orders and members the distributor has.
    """
    today = business_day(at)
    cash = read_cash_accounts(distributor.member)
    rank, _value = own_place(
        distributor=distributor, period=Period.MONTH, day=today, metric="sales"
    )
    return Workspace(
        **key_figures(distributor, at=at),
        shares=member_funnels(distributor.member, today=today),
        balance=cash.wallet.balance or 0,
        withdrawable=withdrawable(cash, at=at),
        unread=unread_count(member=distributor.member_id),
        releasing=_releasing(cash.wallet, at) if cash.wallet.pk else [],
        team=team_size(distributor),
        rank=rank,
    )


def key_figures(distributor: Distributor, *, at: datetime) -> dict[str, Figures]:
    """Return the figures of cash of today, yesterday, this month and the whole life; one query."""
    today = business_day(at)
    wanted = {
        "today": (Period.DAY, today),
        "yesterday": (Period.DAY, today - timedelta(days=1)),
        "month": (Period.MONTH, today.replace(day=1)),
        "life": (Period.ALL, LIFE),
    }
    figures = _figures(distributor, Asset.CASH, wanted.values())
    return {name: figures[key] for name, key in wanted.items()}


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


def recent_figures(distributor: Distributor, *, days: int, at: datetime) -> Figures:
    """Return a distributor's sums of cash of the last days, today included, in one query."""
    today = business_day(at)
    rows = earnings(
        distributor=distributor, period=Period.DAY, first=today - timedelta(days=days - 1),
        last=today,
    )  # fmt: skip
    return sum((figures for _day, figures in rows), Figures())


def life_figures(distributor: Distributor, *, asset: str = Asset.CASH) -> Figures:
    """Return a distributor's figures of the whole life, in one query."""
    return _figures(distributor, asset, [(Period.ALL, LIFE)])[Period.ALL, LIFE]


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
    values = (getattr(figures, name) for name in Sums.FIGURES[:7])
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


def member_wallets(member: Member, *, at: datetime) -> list[Wallet]:
    """Return a member's wallets; they cost the same however many commissions there are.

    :param member: not merged into another one
    """
    return wallets(member=member, outstanding=outstanding_by_asset(member), at=at)


def first_credit(day: date) -> int:
    """Return a key of transfers: no credit of cash on this day or later has a lower one."""
    # Read first: a fold in between may only lower the result.
    unfolded = FoldedTransfers.current().last_transfer + 1
    days = ShopDay.objects.filter(asset=Asset.CASH, day__gte=day)
    return days.aggregate(first=Min("first_transfer"))["first"] or unfolded


def outstanding_by_asset(member: Member) -> Counter[tuple[str, str]]:
    """Return the uncredited amounts of a person, in minor units, by asset and status.

    From the figures of the whole life, so that the number of commissions does not matter.
    """
    persons = Member.objects.of_person(member.pk).values("pk")
    own = Distributor.objects.filter(member__in=persons).values_list("pk", flat=True)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT asset, sum(pending)::bigint, sum(protected)::bigint FROM (
                SELECT asset, pending, protected FROM reports_periodfigures
                WHERE distributor_id = ANY (%(own)s) AND period = 'all'
                UNION ALL
                SELECT asset, pending, protected FROM reports_delta
                WHERE distributor_id = ANY (%(own)s)
            ) AS figures
            GROUP BY asset
            """,
            {"own": list(own)},
        )
        rows = cursor.fetchall()
    status = Commission.Status
    return Counter(
        {
            key: amount
            for asset, pending, protected in rows
            for key, amount in (
                ((asset, status.PENDING.value), pending),
                ((asset, status.PROTECTED.value), protected),
            )
        }
    )
