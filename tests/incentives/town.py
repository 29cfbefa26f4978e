"""A town whose people sell and buy, its incentives, and what they have got so far."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from incentives.models import Award, Incentive
from incentives.services.catching_up import catch_up
from incentives.services.closing import close_periods
from ledger.chart import Kind
from ledger.models import Account
from orders.intake import ingest_orders
from orders.models import Order
from orders.services import complete
from orders.snapshots import OrderSnapshot
from risk.models import Rule
from tests import shop
from tests.cast import CLOCK, NOON, member
from tests.incentives.oracle import Given, Prize, Terms, Town

PEOPLE = ("Mei", "Lan", "Bo", "Chen", "Dan")
UPLINES = {"lan": "mei", "bo": "lan", "chen": "lan", "dan": "mei"}
"""Mei and Lan are distributors; ids at the mall are nicknames in small letters."""
BUYERS = tuple(UPLINES)
TOWN = Town(UPLINES, {who: (upline, NOON) for who, upline in UPLINES.items()})
SKUS = {"mask": 10_990, "tea": 500}
START = NOON - timedelta(hours=3)
"""Before every order, on the same day in Shanghai."""

MONTHLY_SALES = Terms(
    "own_sales", "month", "steps", (
        Prize(500, "cash", 10_000), Prize(2_000, "cash", 30_000), Prize(100, "points", 30_000),
    ), START,
)  # fmt: skip
EVERY_TWO_ORDERS = Terms("own_orders", "week", "every", (Prize(300, "store_credit", 2),), START)
CAMPAIGN_UNITS = Terms(
    "own_units", "campaign", "steps", (Prize(200, "points", 3), Prize(400, "bonus", 6)), START,
    ends_at=START + timedelta(days=40), sums_steps=True,
)  # fmt: skip
SHARE_OF_EACH = Terms(
    "own_sales", "each", "each", (Prize(3, "cash", is_percent=True, most=400),), START
)
FRIENDS = Terms(
    "referred_buyers", "each", "each",
    (Prize(800, "store_credit"), Prize(500, "store_credit", side="friend")), START,
)  # fmt: skip
FIRST_SALE = Terms("first_sale", "campaign", "each", (Prize(1_000, "cash"),), START)
SPENDING = Terms("own_spend", "month", "steps", (Prize(300, "points", 15_000),), START)
ALL_TERMS = (
    MONTHLY_SALES, EVERY_TWO_ORDERS, CAMPAIGN_UNITS, SHARE_OF_EACH, FRIENDS, FIRST_SALE, SPENDING,
)  # fmt: skip


def settle_town() -> None:
    """Let everybody join and bind; a plan pays 10 % and 5 %."""
    Rule.objects.update(enabled=False)  # many orders of few people would be held
    for code, price in SKUS.items():
        shop.sku(code, price=price)
    people = {name.lower(): member(name) for name in PEOPLE}
    for seller in ("mei", "lan"):
        shop.distributor(people[seller])
    for who, upline in UPLINES.items():
        assert shop.make_referral(people[upline], people[who]).outcome == "bound"
    shop.plan()


def tell(*orders: OrderSnapshot, at: datetime) -> None:
    """Let the mall tell orders, and the engine follow."""
    outcomes = ingest_orders(orders, at=at, clock=CLOCK)
    assert not [outcome.error for outcome in outcomes if outcome.error]
    numbers = [order.number for order in orders]
    follow(Order.objects.filter(number__in=numbers).values_list("pk", flat=True), at=at)


def follow(keys: Iterable[int], *, at: datetime) -> None:
    catch_up(orders=list(keys), at=at)


def complete_all(*, at: datetime) -> None:
    """Complete orders and close periods that are due, and let the engine follow."""
    before = set(Order.objects.exclude(completed_at=None).values_list("pk", flat=True))
    while complete(at=at):
        pass
    done = Order.objects.exclude(completed_at=None).exclude(pk__in=before)
    follow(done.values_list("pk", flat=True), at=at)
    while close_periods(at=at, limit=100):
        pass


Sums = Counter[tuple[int, str, date, str]]


def sums_of(expected: Mapping[Given, int]) -> Sums:
    """Return the oracle's awards by incentive, person, period and asset."""
    sums: Sums = Counter()
    for given, amount in expected.items():
        sums[given.incentive, given.who, given.period, given.asset] += amount
    return +sums


def given_by(incentives: Sequence[Incentive]) -> Sums:
    """Return what awards gave, in the same form."""
    places = {incentive.pk: place for place, incentive in enumerate(incentives)}
    sums: Sums = Counter()
    for row in Award.objects.select_related("member"):
        who = row.member.nickname.lower()
        sums[places[row.incentive_id], who, row.period_start, row.asset] += row.posted
    return +sums


def wallets() -> Counter[tuple[str, str]]:
    """Return what people have, less what they owe, by person and asset."""
    sums: Counter[tuple[str, str]] = Counter()
    for row in Account.objects.exclude(member=None).select_related("member"):
        assert row.member
        sign = -1 if row.kind == Kind.OWED else 1
        sums[row.member.nickname.lower(), row.asset] += sign * (row.balance or 0)
    return Counter({key: amount for key, amount in sums.items() if amount})


def wallets_of(sums: Sums) -> Counter[tuple[str, str]]:
    """Return what the wallets must hold if these awards are all that was ever credited."""
    held: Counter[tuple[str, str]] = Counter()
    for (_incentive, who, _period, asset), amount in sums.items():
        held[who, asset] += amount
    return held
