"""Measure order intake: one by one, in batches, and with most buyers under one upline."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from time import perf_counter

from benchmarks import naive_orders, shop, stage, workers
from benchmarks.report import Row, Section, at_least, median_with_range, ratios
from benchmarks.sizes import BUYERS, RULES, scaled
from commissions.models import Commission
from common import clock
from orders.intake import ingest_orders
from orders.snapshots import LineSnapshot, OrderSnapshot

PLACED = datetime(2026, 5, 1, tzinfo=UTC)
AT = PLACED + timedelta(hours=1)
ROUNDS = 5
PAST = "bench_past"
PAST_ORDERS = 1_000
ONE_BY_ONE = scaled(300, least=20)
BATCH, BATCHES = 50, scaled(40, least=2)
CLIENTS = 4
ORDERS_PER_CLIENT = scaled(200, least=20)


def measure() -> Section:
    methods: dict[str, Callable[[], float]] = {
        "naive": lambda: naive_orders.put([order("naive", n) for n in range(ONE_BY_ONE)]),
        "one by one": one_by_one,
        "in batches": in_batches,
        "clients": lambda: clients("even"),
        "clients, one upline": lambda: clients("hot"),
    }
    rates: dict[str, list[float]] = {name: [] for name in methods}
    with stage.seeded(PAST, on=shop.SHOP):
        seed_past_orders()
    for turn in range(ROUNDS):
        print(f"orders: round {turn + 1} of {ROUNDS} …", flush=True)
        with stage.fresh(PAST):
            _ingest([order("first", 0)])  # the plan is read once a process
            naive_orders.put([order("first", 0)])
            for name in list(methods) if turn % 2 else list(methods)[::-1]:
                rates[name].append(methods[name]())
            put = PAST_ORDERS + 1 + ONE_BY_ONE + BATCH * BATCHES + 2 * CLIENTS * ORDERS_PER_CLIENT
            assert Commission.objects.count() == 4 * put
    return Section(
        "Ingesting paid orders of 2 lines, 4 commissions each",
        f"`ingest_orders`, by a plan of {RULES} rules, for buyers with two uplines: each order in "
        f"a transaction, or {BATCH} in one. Against the ORM as most shops use it (naive: get the "
        "buyer, their upline and its upline, look up a rule for each commission, create row by "
        "row, lock each upline's row and add to its pending sum). "
        f"{CLIENTS} clients: processes that ingest one order at a time; with 80 % of the buyers "
        f"under one upline, against buyers spread evenly. {ROUNDS} rounds in turns, each in a "
        f"fresh database with {PAST_ORDERS:,} orders on both sides; medians, and the range in "
        "brackets.",
        [
            at_least("one by one, against naive", ratios(rates, "one by one", "naive"), 4),
            at_least(f"{BATCH} at once, against naive", ratios(rates, "in batches", "naive"), 20),
            at_least(
                "80 % under one upline, against evenly spread",
                ratios(rates, "clients, one upline", "clients"),
                0.8,
            ),
            *(
                Row(
                    f"rate, {name}",
                    median_with_range(rates[name], " orders/s", 0),
                    "",
                    reached=True,
                )
                for name in methods
            ),
        ],
    )


def seed_past_orders() -> None:
    """Seed orders on both sides: sessions cache plans, which differ for empty tables."""
    naive_orders.prepare()
    past = [order("past", number) for number in range(PAST_ORDERS)]
    naive_orders.put(past)
    for first in range(0, PAST_ORDERS, BATCH):
        _ingest(past[first : first + BATCH])


def order(series: str, number: int, *, hot: bool = False) -> OrderSnapshot:
    """Return an order that depends on ``number`` only, apart from its own number."""
    # Consecutive orders have different uplines and goods.
    buyer = shop.hot_buyer(number) if hot else shop.buyer(number * 7919 % BUYERS)
    return OrderSnapshot(
        number=f"{series}-{number}",
        buyer=buyer,
        placed_at=PLACED,
        paid_at=PLACED + timedelta(minutes=1),
        lines=tuple(
            LineSnapshot(line, f"s{(number * 7 + line) % RULES}", 1, shop.PRICE) for line in (1, 2)
        ),
    )


def one_by_one() -> float:
    orders = [order("single", number) for number in range(ONE_BY_ONE)]
    started = perf_counter()
    for row in orders:
        _ingest([row])
    return len(orders) / (perf_counter() - started)


def in_batches() -> float:
    orders = [order("batch", number) for number in range(BATCH * BATCHES)]
    started = perf_counter()
    for first in range(0, len(orders), BATCH):
        _ingest(orders[first : first + BATCH])
    return len(orders) / (perf_counter() - started)


def clients(spread: str) -> float:
    done = workers.run("orders", [f"{spread} {client}" for client in range(CLIENTS)])
    return CLIENTS * ORDERS_PER_CLIENT / done.seconds


def run_worker(argument: str) -> None:
    spread, client = argument.split()
    first = int(client) * ORDERS_PER_CLIENT
    for number in range(first, first + ORDERS_PER_CLIENT):
        _ingest([order(spread, number, hot=spread == "hot" and number % 5 > 0)])


def _ingest(orders: list[OrderSnapshot]) -> None:
    for result in ingest_orders(orders, at=AT, clock=clock.now()):
        assert result.changed, result
