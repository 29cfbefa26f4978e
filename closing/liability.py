"""What the shop owes at the end of a day, and how much cash it needs in the next two weeks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction

from django.db import connection
from django.db.models import F, Sum
from django.db.models.functions import TruncDate

from closing import day_flows
from commissions.models import DueCredit
from common.clock import SHANGHAI, business_day, day_start
from common.money import floor
from incentives.models import Award
from ledger.chart import MEMBER_KINDS, Asset, Kind, Reason
from ledger.models import Account
from reports.models import ShopDay
from reports.periods import LIFE
from withdrawals.models import Policy, Withdrawal

FORECAST_DAYS = 14
USUAL_DAYS = 90
TAX_DAY = 15  # withheld tax is remitted until the 15th of the next month
DAY = timedelta(days=1)
PLATFORM_KINDS = (
    Kind.PAYOUT_CLEARING, Kind.TAX_PAYABLE, Kind.PROVIDER_BALANCE, Kind.BANK, Kind.SUSPENSE,
    Kind.FEE_INCOME, Kind.BAD_DEBT,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class AssetLiability:
    """What members have and owe of one asset at the end of a day; in its minor units."""

    asset: Asset
    wallet: int
    held: int
    owed: int

    @property
    def owed_to_members(self) -> int:
        return self.wallet + self.held


@dataclass(frozen=True, slots=True)
class Liability:
    """The books at the end of a day. Money in fen.

    ``platform``: the shop's own accounts of cash, debits positive where the shop has the money.
    """

    day: date
    assets: list[AssetLiability]
    platform: list[tuple[Kind, int]]


def liability(day: date) -> Liability:
    """Return what the books said at the end of a day, by one query.

    A transfer that was late for a closed month counts in the month in which it was posted.
    """
    balances = day_flows.balances(day)

    def balance(asset: Asset, kind: Kind) -> int:
        return balances.get((asset, kind), 0)

    assets = [
        AssetLiability(
            asset, balance(asset, Kind.WALLET), balance(asset, Kind.HELD),
            -balance(asset, Kind.OWED),
        )
        for asset in MEMBER_KINDS
    ]  # fmt: skip
    has_money = {Kind.PROVIDER_BALANCE, Kind.BANK}
    platform = [
        (kind, -balance(Asset.CASH, kind) if kind in has_money else balance(Asset.CASH, kind))
        for kind in PLATFORM_KINDS
    ]
    return Liability(day, assets, platform)


def cash_balances(at: datetime) -> Counter[Kind]:
    """Return what all cash accounts of each kind hold now, by the books: credits less debits.

    The days of the future are included: a late posting may be effective then.
    """
    balances = day_flows.balances(business_day(at) + 366 * DAY)
    return Counter(
        {kind: amount for (asset, kind), amount in balances.items() if asset == Asset.CASH}
    )


def protected() -> int:
    """Return the cash commissions in protection, in fen, from the sums of the shop."""
    rows = ShopDay.objects.filter(asset=Asset.CASH, day=LIFE)
    return int(rows.aggregate(sum=Sum("protected", default=0))["sum"])


def due_credits(until: datetime) -> int:
    """Return the cash commissions that are due to be credited before a moment, in fen."""
    rows = DueCredit.objects.filter(
        asset=Asset.CASH, bucket__lte=until.timestamp() // 86_400, release_at__lt=until
    )
    return int(rows.aggregate(sum=Sum("amount", default=0))["sum"])


def awards_not_given() -> int:
    """Return the cash of awards that are held or wait for a second person, in fen."""
    waiting = Award.objects.filter(
        asset=Asset.CASH, status__in=[Award.Status.WAITING, Award.Status.HELD]
    )
    return int(waiting.aggregate(sum=Sum(F("target") - F("posted"), default=0))["sum"])


# What each member has: the balance now, less what moved after the day.
_BY_MEMBER = """
WITH later AS (
    SELECT account_id, sum(moved) AS moved
    FROM (
        SELECT credit_id AS account_id, amount AS moved FROM ledger_transfer
        WHERE effective_at >= %(end)s
        UNION ALL
        SELECT debit_id, -amount FROM ledger_transfer WHERE effective_at >= %(end)s
    ) AS legs
    GROUP BY 1
)
SELECT member.public_id, member.nickname, account.asset, account.kind,
    (account.balance - account.sign * coalesce(later.moved, 0))::bigint AS balance
FROM ledger_account AS account
JOIN members_member AS member ON member.id = account.member_id
LEFT JOIN later ON later.account_id = account.id
WHERE account.balance <> account.sign * coalesce(later.moved, 0)
ORDER BY account.id
"""
CHUNK = 2_000


def count_accounts() -> int:
    """Return how many accounts members have: at least the rows of ``members_at``."""
    return Account.objects.filter(member__isnull=False).count()


def members_at(day: date) -> Iterator[tuple[str, str, str, str, int]]:
    """Yield member number, nickname, asset, kind and balance at the end of a day, if not 0.

    All rows are of one moment, and only a part of them is in memory.
    """
    with connection.chunked_cursor() as cursor:
        cursor.execute(_BY_MEMBER, {"end": day_start(day + DAY)})
        while rows := cursor.fetchmany(CHUNK):
            yield from rows


@dataclass(frozen=True, slots=True)
class ForecastDay:
    """What a day may cost, in fen.

    ``approved`` and ``in_review``: open withdrawals, net; ``credits``: becoming withdrawable on
    the day; ``usual``: the part of them that is withdrawn as in the last 90 days; ``tax``:
    withheld tax to remit. ``left``: of the balance at the provider after this day's payouts.
    """

    day: date
    approved: int
    in_review: int
    credits: int
    usual: int
    tax: int
    left: int

    @property
    def payouts(self) -> int:
        return self.approved + self.in_review + self.usual


@dataclass(frozen=True, slots=True)
class Forecast:
    """The cash need of 14 days; ``share`` is how much of credits is usually withdrawn."""

    days: list[ForecastDay]
    at_provider: int
    share: Fraction

    @property
    def payouts(self) -> int:
        return sum(day.payouts for day in self.days)

    @property
    def tax(self) -> int:
        return sum(day.tax for day in self.days)

    @property
    def short_on(self) -> date | None:
        """The first day on which the balance at the provider does not cover the payouts."""
        return next((day.day for day in self.days if day.left < 0), None)


def forecast(*, at: datetime) -> Forecast:
    """Return the cash that the next 14 days need, today included."""
    today = business_day(at)
    days = [today + number * DAY for number in range(FORECAST_DAYS)]
    at_provider = -cash_balances(at)[Kind.PROVIDER_BALANCE]
    share = usual_share(today)
    due = _credits(days)
    approved, in_review = _withdrawals(today, days[-1])
    rows: list[ForecastDay] = []
    left = at_provider
    for day in days:
        usual = floor(share * due.get(day, 0))
        left -= approved.get(day, 0) + in_review.get(day, 0) + usual
        rows.append(
            ForecastDay(
                day, approved.get(day, 0), in_review.get(day, 0), due.get(day, 0), usual,
                _tax_due(day), left,
            )
        )  # fmt: skip
    return Forecast(rows, at_provider, share)


def usual_share(today: date) -> Fraction:
    """Return the part of credits that was paid out in the 90 days before, at most 1."""
    credited = paid = 0
    for flow in day_flows.flows(today - USUAL_DAYS * DAY, today - DAY):
        if flow.asset == Asset.CASH and flow.reason in {Reason.COMMISSION, Reason.AWARD}:
            credited += flow.amount
        elif flow.asset == Asset.CASH and flow.reason == Reason.PAYOUT:
            paid += flow.amount
    return min(Fraction(1), Fraction(paid, credited)) if credited else Fraction(0)


def _credits(days: list[date]) -> dict[date, int]:
    """Return the cash credits by the day on which they become withdrawable: the day after.

    What is overdue is credited now and withdrawable tomorrow, as are awards that wait for a person.
    """
    end = day_start(days[-1])
    rows = (
        DueCredit.objects.filter(
            asset=Asset.CASH, bucket__lte=end.timestamp() // 86_400, release_at__lt=end
        )
        .values(on=TruncDate("release_at", tzinfo=SHANGHAI))
        .annotate(sum=Sum("amount"))
    )
    due: dict[date, int] = {}
    for row in rows:
        day = max(row["on"], days[0]) + DAY
        due[day] = due.get(day, 0) + row["sum"]
    tomorrow = days[0] + DAY
    due[tomorrow] = due.get(tomorrow, 0) + waiting_awards()
    return due


def waiting_awards() -> int:
    """Return the cash of awards that wait for a second person, in fen: perhaps given today."""
    rows = Award.objects.filter(status=Award.Status.WAITING, asset=Asset.CASH)
    return int(rows.aggregate(sum=Sum("target", default=0))["sum"])


def _withdrawals(today: date, last: date) -> tuple[dict[date, int], dict[date, int]]:
    """Return the net of open withdrawals: approved ones today, others when their review is due."""
    hours = timedelta(hours=Policy.current().review_hours)
    approved: dict[date, int] = {}
    in_review: dict[date, int] = {}
    statuses = Withdrawal.objects.open().values_list(
        "status", "requested_at", "net", "payee__channel"
    )
    for status, requested_at, net, channel in statuses.iterator():
        if channel == "store_credit":  # no cash leaves the shop
            continue
        if status in Withdrawal.IN_REVIEW:
            day = min(max(business_day(requested_at + hours), today), last)
            in_review[day] = in_review.get(day, 0) + net
        else:
            approved[today] = approved.get(today, 0) + net
    return approved, in_review


def _tax_due(day: date) -> int:
    """Return the withheld tax of earlier months that is still to be remitted, on the 15th."""
    if day.day != TAX_DAY:
        return 0
    end_of_month = day.replace(day=1) - DAY
    remitted_since = sum(
        flow.amount
        for flow in day_flows.flows(day.replace(day=1), day)
        if flow.debit == Kind.TAX_PAYABLE and flow.reason == Reason.TREASURY
    )
    payable = day_flows.balances(end_of_month).get((Asset.CASH, Kind.TAX_PAYABLE), 0)
    return max(0, payable - remitted_since)
