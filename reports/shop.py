"""The totals of the shop for the home of the back office."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Sum

from common.clock import business_day
from ledger.chart import Asset
from reports.models import ShopDay
from reports.periods import LIFE
from withdrawals.models import Withdrawal

FIGURES = (
    "orders", "sales", "commissions", "credited", "taken_back", "paid_out", "payouts",
    "distributors",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ShopSums:
    """What happened in some days; amounts in fen of cash.

    ``orders``, ``sales`` and ``commissions``: of orders with a commission that were paid in these
    days, after refunds. ``payouts``: how many withdrawals were paid; ``paid_out``: what of them
    reached the members. ``distributors``: new ones.
    """

    orders: int = 0
    sales: int = 0
    commissions: int = 0
    credited: int = 0
    taken_back: int = 0
    paid_out: int = 0
    payouts: int = 0
    distributors: int = 0


@dataclass(frozen=True, slots=True)
class Compared:
    """The sums of a period, and of as many days of the period before."""

    now: ShopSums
    before: ShopSums


@dataclass(frozen=True, slots=True)
class ShopTotals:
    """The month is compared with the same days of the month before."""

    today: Compared
    yesterday: Compared
    month: Compared
    pending: int
    protected: int
    open_withdrawals: int
    open_amount: int
    """In fen, before fee and tax."""


def shop_totals(*, at: datetime) -> ShopTotals:
    """Return the totals of the shop, without what is not folded yet.

    Two queries: one reads a row for each day of two months, the other the open withdrawals.
    """
    today = business_day(at)
    first = today.replace(day=1)
    last_of_before = first - timedelta(days=1)
    first_of_before = last_of_before.replace(day=1)
    same_day = min(first_of_before + (today - first), last_of_before)
    rows = ShopDay.objects.filter(asset=Asset.CASH, day__range=(first_of_before, today))
    days = {row.day: row for row in rows | ShopDay.objects.filter(asset=Asset.CASH, day=LIFE)}

    def sums(start: date, end: date) -> ShopSums:
        found = [row for day, row in days.items() if start <= day <= end]
        return ShopSums(*(sum(getattr(row, name) for row in found) for name in FIGURES))

    def one(days_ago: int) -> ShopSums:
        day = today - timedelta(days=days_ago)
        return sums(day, day)

    life = days.get(LIFE)
    withdrawals = Withdrawal.objects.filter(status__in=Withdrawal.OPEN).aggregate(
        count=Count("pk"), amount=Sum("gross", default=0)
    )
    return ShopTotals(
        today=Compared(one(0), one(1)),
        yesterday=Compared(one(1), one(2)),
        month=Compared(sums(first, today), sums(first_of_before, same_day)),
        pending=life.pending if life else 0,
        protected=life.protected if life else 0,
        open_withdrawals=withdrawals["count"],
        open_amount=withdrawals["amount"],
    )
