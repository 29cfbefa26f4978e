"""Measure incentives: a recount, one order beside many, pages, and a large contest."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from time import perf_counter
from typing import Any

from django.db import connection

from benchmarks import shop, stage
from benchmarks.past_orders import add_credited
from benchmarks.report import Row, Section, at_least, median_with_range, ratios
from benchmarks.sizes import DISTRIBUTORS, LEADERS, ROUNDS, scaled
from incentives.explanations import explain
from incentives.figures import figures_of
from incentives.models import Award, Incentive, Reward, Version
from incentives.models.award import Budget
from incentives.ranking import ranking
from incentives.services.catching_up import catch_up, recount
from ledger import proof
from members.models import Member, User
from orders.models import Order

FEW, MANY, CONTEST = "bench_few_facts", "bench_many_facts", "bench_contest"
MONTHS = 10
FACTS = scaled(100_000, least=500)
RECOUNT_SECONDS = 60.0
LIVE_CALLS = scaled(200, least=10)
PARTICIPANTS = scaled(1_000_000, least=1_000)
RANKING_CALLS, RANKING_MS, SHOWN = scaled(100, least=10), 5.0, 100
HOT_SELLER, HOT_ORDERS = LEADERS + 1, scaled(2_000, least=100)
PAGE_CALLS, EXPLANATION_MS, FIGURES_MS = 20, 20.0, 100.0
UNTIL = datetime(2026, 11, 26, tzinfo=UTC)
BEGINNING = UNTIL - timedelta(days=400)
NOW = UNTIL + timedelta(days=2)
MONTH = date(2026, 11, 1)
LATE_START = UNTIL - timedelta(days=15)

# Those of the latest days wait: each of them completes in the measurement of one order.
_COMPLETE = """
UPDATE orders_order SET completed_at = release_at WHERE id NOT IN (
    SELECT id FROM orders_order ORDER BY release_at DESC, id LIMIT %s
)
"""
# Give half of the orders of the latest days to one distributor. Hash the keys: those of one day are
# all even or all odd.
_HOT = """
UPDATE orders_attribution SET tier1_id = %s WHERE hashint8(order_id) %% 2 = 0 AND order_id IN (
    SELECT id FROM orders_order ORDER BY release_at DESC, id LIMIT %s
)
"""
_PARTICIPANTS = """
INSERT INTO members_member (id, public_id, nickname, province, city, joined_at)
SELECT id, substr(md5('member' || id), 1, 20), 'Member ' || id, '', '', %(at)s
FROM generate_series(1, %(count)s) AS id;
SELECT setval(pg_get_serial_sequence('members_member', 'id'), %(count)s);
INSERT INTO incentives_progress
    (incentive_id, member_id, period_start, value, coming, orders, coming_orders, paid, commissions,
    room)
SELECT %(incentive)s, id, %(start)s, 1 + id::bigint * 7919 %% %(count)s / 3, 0, 1, 0, 0, 0, 0
FROM generate_series(1, %(count)s) AS id
"""


def measure() -> Section:
    _seed(FEW, facts=FACTS // MONTHS, days=30)
    _seed(MANY, facts=FACTS, days=30 * MONTHS)
    with stage.seeded(CONTEST):
        _seed_contest()
    seconds: list[float] = []
    live: dict[str, list[float]] = {"few": [], "many": [], "hot": []}
    once: dict[str, list[float]] = {"few": [], "many": []}
    pages: dict[str, list[float]] = {"explanation": [], "figures": []}
    for turn in range(ROUNDS):
        print(f"incentives: round {turn + 1} of {ROUNDS} …", flush=True)
        for name, where in (("few", FEW), ("many", MANY))[:: 1 if turn % 2 else -1]:
            with stage.fresh(where):
                spent = _recount()
                if name == "many":
                    seconds.append(spent)
                live[name].append(_complete_one_by_one(exclude_hot=True))
                if name == "many":
                    live["hot"].append(_complete_one_by_one(exclude_hot=False))
                    pages["explanation"] += _explain()
                    pages["figures"] += _read_figures()
                assert not proof.differences()
            with stage.fresh(where):
                once[name].append(_count_first_sales())
    with stage.fresh(CONTEST):
        top, own = _rank(of=None), _rank(of=Member.objects.get(pk=PARTICIPANTS // 2))
    people = DISTRIBUTORS + LEADERS
    return Section(
        f"Counting {FACTS:,} completed orders for {people:,} distributors",
        f"An incentive gives cash at two steps a month. Recount: all orders of {MONTHS} months are "
        "counted, from no award to all, with locks, wallets and transfers. One order: it is "
        f"counted when it completes, beside the orders of one month and of {MONTHS} months; the "
        "same while first sales and new distributors are counted, too; and for a distributor with "
        f"{HOT_ORDERS:,} orders in the month. Pages: the explanation of that distributor's award, "
        f"and the figures in the list of incentives. Contest: the first {SHOWN} places, masked, "
        f"and the own place of somebody in the middle of {PARTICIPANTS:,} people. {ROUNDS} rounds "
        "in turns, each in a fresh database; medians, and the range in brackets.",
        [
            _at_most("recount", seconds, RECOUNT_SECONDS, " s"),
            at_least("one order, beside ten times as many", ratios(live, "many", "few"), 0.8),
            at_least(
                "one order, first sales, beside ten times as many",
                ratios(once, "many", "few"),
                0.8,
            ),
            at_least(f"one order, of who sold {HOT_ORDERS:,}", ratios(live, "hot", "many"), 0.8),
            _at_most(
                f"explanation of {HOT_ORDERS:,} orders", pages["explanation"], EXPLANATION_MS, " ms"
            ),
            _at_most(f"figures of {FACTS:,} orders", pages["figures"], FIGURES_MS, " ms"),
            _at_most("ranking", top, RANKING_MS, " ms"),
            _at_most("ranking with the own place", own, RANKING_MS, " ms"),
            *_rates("one order", live),
            *_rates("first sales", once),
        ],
    )


def _rates(what: str, measured: Mapping[str, list[float]]) -> Iterator[Row]:
    for name, rates in measured.items():
        yield Row(f"rate, {what}, {name}", median_with_range(rates, " orders/s", 0), "", True)


def _at_most(what: str, values: list[float], goal: float, unit: str) -> Row:
    reached = sorted(values)[len(values) // 2] <= goal
    return Row(what, median_with_range(values, unit, 1), f"≤ {goal:g}{unit}", reached)


def _seed(name: str, *, facts: int, days: int) -> None:
    with stage.seeded(name, on=shop.SHOP):
        add_credited(facts, until=UNTIL, days=days)
        with connection.cursor() as cursor:
            cursor.execute(_COMPLETE, [LIVE_CALLS])
            cursor.execute("SET session_replication_role = replica")  # attributions are fixed
            cursor.execute(_HOT, [HOT_SELLER, 2 * HOT_ORDERS])
            cursor.execute("SET session_replication_role = origin")
        _publish(Version(metric="own_sales", period="month", reach="steps"), (10_000, 50_000))


def _seed_contest() -> None:
    for username in ("editor", "publisher"):
        User.objects.create(username=username, may_review_from=BEGINNING)
    version = _publish(Version(metric="own_sales", period="month", reach="rank"), ())
    values: dict[str, Any] = {
        "count": PARTICIPANTS, "incentive": version.incentive_id, "start": MONTH, "at": BEGINNING
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # keys need no look-up each
        cursor.execute(_PARTICIPANTS, values)
        cursor.execute("SET session_replication_role = origin")


def _publish(
    version: Version,
    thresholds: tuple[int, ...],
    *,
    asset: str = "cash",
    starts_at: datetime = BEGINNING,
) -> Version:
    """Publish a version that gives 5 yuan, and more at each further threshold."""
    editor, publisher = (User.objects.get(username=name) for name in ("editor", "publisher"))
    version.incentive = Incentive.objects.create(created_at=BEGINNING, created_by=editor)
    Budget.objects.get_or_create(incentive=version.incentive)
    version.name, version.audience, version.editors = "Benchmark", "distributors", [editor.pk]
    version.starts_at, version.edited_at = starts_at, BEGINNING
    version.close_days = 365
    version.save()
    Reward.objects.bulk_create(
        Reward(version=version, threshold=threshold, kind="amount", asset=asset, amount=amount)
        for threshold, amount in zip(thresholds, (500, 1_500), strict=False)
    )
    Version.objects.filter(pk=version.pk).update(
        status="published", number=1, published_by=publisher, published_at=BEGINNING
    )
    return version


def _recount() -> float:
    keys = list(Order.objects.exclude(completed_at=None).values_list("pk", flat=True))
    seconds = _time(lambda: recount(orders=keys, at=NOW))
    assert Award.objects.filter(posted__gt=0).exists()
    return seconds


def _count_first_sales() -> float:
    """Return how many orders a second are counted for who had sold, or not, before the run.

    All are counted as paid first, so that completing one changes which order counts.
    """
    _publish(
        Version(metric="first_sale", period="campaign", reach="each"), (1,), starts_at=LATE_START
    )
    _publish(
        Version(metric="new_distributors", period="month", reach="each", most_per_member=10), (1,),
        asset="store_credit", starts_at=LATE_START,
    )  # fmt: skip
    waiting = Order.objects.filter(completed_at=None)
    recount(orders=waiting.values_list("pk", flat=True), at=NOW)
    return _complete_one_by_one(exclude_hot=True)


def _complete_one_by_one(*, exclude_hot: bool) -> float:
    """Return how many orders a second are counted, each when it has completed."""
    waiting = Order.objects.filter(completed_at=None)
    if exclude_hot:
        waiting = waiting.exclude(attribution__tier1=HOT_SELLER)
    keys = list(waiting.values_list("pk", flat=True))
    seconds = 0.0
    for key in keys:
        Order.objects.filter(pk=key).update(completed_at=NOW)
        seconds += _time(lambda key=key: catch_up(orders=[key], at=NOW))  # type: ignore[misc]
    return len(keys) / seconds


def _explain() -> list[float]:
    award = Award.objects.filter(member=HOT_SELLER).latest("period_start")
    return [1_000 * _time(lambda: explain(award)) for _ in range(PAGE_CALLS)]


def _read_figures() -> list[float]:
    incentives = list(Incentive.objects.values_list("pk", flat=True))
    return [1_000 * _time(lambda: figures_of(incentives)) for _ in range(PAGE_CALLS)]


def _rank(*, of: Member | None) -> list[float]:
    version = Version.objects.select_related("incentive").get()
    calls = [
        1_000 * _time(lambda: ranking(version=version, period_start=MONTH, size=SHOWN, of=of))
        for _ in range(RANKING_CALLS)
    ]
    return calls[len(calls) // 10 :]  # the first ones read from disk


def _time(action: Callable[[], object]) -> float:
    started = perf_counter()
    action()
    return perf_counter() - started
