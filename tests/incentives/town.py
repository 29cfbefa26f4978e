"""A town whose people sell and buy, its incentives, and what they have got so far."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from distribution.models import Level
from distribution.services import set_level
from incentives.models import Award, GiftTask, Incentive
from incentives.services.awards import release_final
from incentives.services.catching_up import catch_up
from incentives.services.closing import close_periods
from ledger.chart import Kind
from ledger.models import Account
from orders.intake import ingest_orders
from orders.models import Order
from orders.services import complete
from orders.snapshots import OrderSnapshot
from promotions.models import Coupon, CouponGrant
from risk.models import Rule
from sharing.models import Share
from tests import shop
from tests.cast import CLOCK, NOON, member, staff
from tests.incentives.oracle_terms import THINGS, Given, Prize, Terms, Town

PEOPLE = ("Mei", "Lan", "Bo", "Chen", "Dan", "Eve")
UPLINES = {"lan": "mei", "bo": "lan", "chen": "lan", "dan": "mei", "eve": "chen"}
"""Mei, Lan and Chen are distributors; ids at the mall are nicknames in small letters."""
SELLERS = ("mei", "lan", "chen")
BUYERS = tuple(UPLINES)
LEVELS = {"mei": "Gold", "lan": "Gold"}
SKUS = {"mask": 10_990, "tea": 500}
CATEGORIES = {"mask": "beauty", "tea": "food"}
CHANNELS = {"poster1111": "poster", "chat111111": "chat"}
"""By the codes of Mei's shares; an order may carry one, whoever the buyer's upline is."""
TOWN = Town(
    UPLINES, {who: (upline, NOON) for who, upline in UPLINES.items()}, LEVELS, CATEGORIES, CHANNELS
)
HOUR = timedelta(hours=1)
START = NOON - 3 * HOUR
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
FRIENDS_OF_A_MONTH = replace(FRIENDS, period="month", friend_days=90, close_days=7)
"""A friend whose order missed the close may count by another one."""
FIRST_SALE = Terms("first_sale", "campaign", "each", (Prize(1_000, "cash"),), START)
SPENDING = Terms("own_spend", "month", "steps", (Prize(300, "points", 15_000),), START)
NEW_DISTRIBUTORS = Terms(
    "new_distributors", "month", "each", (Prize(700, "store_credit"), Prize(1, "coupon")), START
)
SALES_OF_A_DAY = Terms(
    "own_sales", "day", "steps", (Prize(2, "cash", 5_000, is_percent=True, most=300),), START
)
COUPON_THEN_GIFT = Terms(
    "own_orders", "quarter", "steps", (Prize(1, "coupon"), Prize(1, "gift", 2)), START
)
PURCHASES_OF_A_YEAR = Terms(
    "own_spend", "year", "every", (Prize(150, "store_credit", 20_000),), START
)
UNITS_OF_TEA = Terms(
    "own_units", "week", "steps", (Prize(60, "points", 2), Prize(120, "cash", 4)), START,
    goods=("tea",),
)  # fmt: skip
SHARE_OF_FOOD = Terms(
    "own_sales", "month", "each", (Prize(4, "bonus", is_percent=True),), START, min_amount=600,
    categories=("food",),
)  # fmt: skip
SALES_BY_POSTER = Terms(
    "own_sales", "month", "steps", (Prize(400, "cash", 5_000), Prize(50, "points", 9_000)), START,
    channels=("poster",),
)  # fmt: skip
CONTEST = Terms(
    "own_units", "week", "rank",
    (Prize(3_000, "cash"), Prize(1_200, "cash", 2), Prize(600, "cash", 3)), START,
)  # fmt: skip
CONTEST_OF_ORDERS = Terms(
    "own_orders", "quarter", "rank", (Prize(900, "store_credit"), Prize(300, "store_credit", 2)),
    START, ties="each",
)  # fmt: skip
POOL = Terms(
    "team_pool", "month", "each", (Prize(5, "cash", is_percent=True),), START, levels=("Gold",)
)
GIFT_FOR_PROOFS = Terms("proof", "week", "each", (Prize(1, "gift"),), START)
ALL_TERMS = (
    MONTHLY_SALES, EVERY_TWO_ORDERS, CAMPAIGN_UNITS, SHARE_OF_EACH, FRIENDS, FIRST_SALE, SPENDING,
    NEW_DISTRIBUTORS, SALES_OF_A_DAY, COUPON_THEN_GIFT, PURCHASES_OF_A_YEAR, UNITS_OF_TEA,
    SHARE_OF_FOOD, SALES_BY_POSTER, CONTEST, CONTEST_OF_ORDERS, POOL,
)  # fmt: skip


def settle_town() -> None:
    """Let everybody join and bind; a plan pays 10 % and 5 %."""
    Rule.objects.update(enabled=False)  # many orders of few people would be held
    for code, price in SKUS.items():
        shop.sku(code, price=price, category=CATEGORIES[code])
    people = {name.lower(): member(name) for name in PEOPLE}
    distributors = {seller: shop.distributor(people[seller]) for seller in SELLERS}
    for who, upline in UPLINES.items():
        assert shop.make_referral(people[upline], people[who]).outcome == "bound"
    for place, name in enumerate(sorted(set(LEVELS.values())), 1):
        level = Level.objects.create(rank=place, name=name)
        for who in (who for who, own in LEVELS.items() if own == name):
            set_level(
                distributor=distributors[who], level=level, by=None, at=NOON + HOUR, reason="sells"
            )
    for code, channel in CHANNELS.items():
        Share.objects.create(
            code=code, member=people["mei"], target_kind="recruit", channel=channel, created_at=NOON
        )
    Coupon.objects.create(
        name="新人券", amount=500, valid_days=3_650, per_member=1_000, created_at=START,
        created_by=staff("Qian"), status="published", published_at=START,
        published_by=staff("Feng"),
    )  # fmt: skip
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
    while release_final(at=at):
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
        asset = row.asset or row.kind
        sums[places[row.incentive_id], who, row.period_start, asset] += row.posted
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
        if asset not in THINGS:
            held[who, asset] += amount
    return held


def things() -> Counter[tuple[str, str]]:
    """Return how many coupons people have, and how many gifts are to be sent to them."""
    coupons = CouponGrant.objects.filter(revoked_at=None).select_related("member")
    gifts = GiftTask.objects.filter(status=GiftTask.Status.OPEN).select_related("award__member")
    held = [(row.member, "coupon") for row in coupons]
    held += [(row.award.member, "gift") for row in gifts]
    return Counter((who.nickname.lower(), thing) for who, thing in held)


def things_of(sums: Sums) -> Counter[tuple[str, str]]:
    """Return the same as the awards say."""
    held: Counter[tuple[str, str]] = Counter()
    for (_incentive, who, _period, asset), amount in sums.items():
        if asset in THINGS:
            held[who, asset] += amount
    return held
