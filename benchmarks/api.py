"""Measure the REST API: batches of orders against the service, screens against an empty view."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from time import perf_counter
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import override_settings
from django.urls import include, path
from rest_framework.request import Request
from rest_framework.response import Response

from benchmarks import shop, stage
from benchmarks.orders import AT, PLACED, order, seed_past_orders
from benchmarks.past_orders import DUE_FROM, add_credited
from benchmarks.report import Row, Section, at_least, median_with_range, ratios
from benchmarks.sizes import (
    BUYERS,
    COMMISSIONS_PER_ORDER,
    DISTRIBUTORS,
    LEADERS,
    OLDER_ORDERS,
    scaled,
)
from common import clock
from distribution.models import Distributor, Level
from distribution.queries import TEAM_SORTS
from integration.clients import create_client
from members.sessions.services import open_session
from members.sessions.views import MemberEndpoint
from orders.intake import ingest_orders
from orders.snapshots import OrderSnapshot
from reports.folding.movements import fold_transfers
from reports.folding.periods import fold_periods
from reports.folding.teams import fold_teams
from reports.leaderboard import leaderboard
from reports.team import team_page, team_rows
from tests.api.mall import Mall

ROUNDS = 3
BATCH, BATCHES = 500, scaled(4, least=1)
REQUESTS = scaled(500, least=20)
LEADER_AT_TOP, SCREENS = "bench_screens", ("workspace", "empty view")
LEADERBOARD_DAYS = scaled(1_000, least=10)
LEADERBOARD_MS = 5.0
TEAM, TEAM_PAGE, TEAM_MS = scaled(100_000, least=100), 20, 5.0


Rates = dict[str, list[float]]
Milliseconds = dict[str, list[float]]


@dataclass(frozen=True, slots=True)
class Statement:
    sql: str
    parameters: Any
    milliseconds: float


class EmptyView(MemberEndpoint):
    """Checks the session and answers nothing: what every call of a member costs."""

    scope = "me:read"

    def get(self, request: Request) -> Response:
        return Response({})


urlpatterns = [
    path("", include("config.urls")),
    path("api/v1/empty", EmptyView.as_view()),
]


@override_settings(
    ROOT_URLCONF="benchmarks.api", ALLOWED_HOSTS=["testserver"], API_REQUESTS_A_MINUTE=10**9
)
def measure() -> Section:
    logging.disable(logging.INFO)  # two lines a request
    batches = _measure_batches()
    screens, (in_database, with_driver) = _measure_screens()
    milliseconds = _measure_leaderboard()
    return Section(
        "Calls of the REST API",
        f"In one process, through all middleware, without a socket. `orders:batch` with {BATCH} "
        "orders of 2 lines in a request, signed, against `ingest_orders` with the same orders. "
        f"Workspace of a leader beside {OLDER_ORDERS * COMMISSIONS_PER_ORDER:,} commissions, "
        "against a view that checks the session and answers nothing. Leaderboard: the first 100 "
        f"of a day, among {LEADERBOARD_DAYS * (DISTRIBUTORS + LEADERS):,} rows. Team: a page of "
        f"{TEAM_PAGE} with all figures, of more than {TEAM:,} direct members. {ROUNDS} rounds in "
        "turns; medians, and the range in brackets. Team in the database: what PostgreSQL itself "
        "says it plans and runs the statements in; with the driver: around each call of it.",
        [
            at_least("orders:batch against the service", ratios(batches, "http", "service"), 0.8),
            at_least("workspace against an empty view", ratios(screens, *SCREENS), 0.2),
            Row(
                "leaderboard", median_with_range(milliseconds, " ms", 1), f"≤ {LEADERBOARD_MS} ms",
                sorted(milliseconds)[len(milliseconds) // 2] <= LEADERBOARD_MS,
            ),
            *_team_rows(in_database, with_driver),
            *(
                Row(f"rate, {name}", median_with_range(values, unit, 0), "", reached=True)
                for rates, unit in ((batches, " orders/s"), (screens, " requests/s"))
                for name, values in rates.items()
            ),
        ],
    )  # fmt: skip


def _team_rows(in_database: Milliseconds, with_driver: Milliseconds) -> Iterator[Row]:
    for sort, values in in_database.items():
        reached = sorted(values)[len(values) // 2] <= TEAM_MS
        median = median_with_range(values, " ms", 1)
        yield Row(f"team by {sort}, in the database", median, f"≤ {TEAM_MS} ms", reached)
    for sort, values in with_driver.items():
        median = median_with_range(values, " ms", 1)
        yield Row(f"team by {sort}, with the driver", median, "", reached=True)


def _measure_batches() -> dict[str, list[float]]:
    with stage.seeded("bench_batches", on=shop.SHOP):
        seed_past_orders()
    rates: dict[str, list[float]] = {"http": [], "service": []}
    for turn in range(ROUNDS):
        print(f"api: batches, round {turn + 1} of {ROUNDS} …", flush=True)
        with stage.fresh("bench_batches"):
            client, secret = create_client(name="bench", scopes=None, at=AT)
            mall = Mall(client.key, secret)
            ways: dict[str, Callable[[list[OrderSnapshot]], None]] = {
                "http": partial(_post, mall),
                "service": _ingest,
            }
            for name in list(ways) if turn % 2 else list(ways)[::-1]:
                ways[name]([order(f"{name}-first", 0)])
                orders = [order(name, number) for number in range(BATCH * BATCHES)]
                started = perf_counter()
                for first in range(0, len(orders), BATCH):
                    ways[name](orders[first : first + BATCH])
                rates[name].append(len(orders) / (perf_counter() - started))
    return rates


def _ingest(orders: list[OrderSnapshot]) -> None:
    for result in ingest_orders(orders, at=AT, clock=clock.now()):
        assert result.changed, result


def _post(mall: Mall, orders: list[OrderSnapshot]) -> None:
    body = json.dumps({"orders": [_body(row) for row in orders]}).encode()
    answer = mall.post("/orders:batch", body)
    assert all(row["status"] == "created" for row in answer.json()["results"]), answer.content


def _body(row: OrderSnapshot) -> dict[str, Any]:
    return {
        "order_no": row.number,
        "buyer": row.buyer,
        "placed_at": PLACED.isoformat(),
        "paid_at": row.paid_at and row.paid_at.isoformat(),
        "lines": [
            {
                "line_no": line.number,
                "sku": line.sku,
                "quantity": line.quantity,
                "unit_price": line.unit_price,
            }
            for line in row.lines
        ],
    }


def _measure_screens() -> tuple[Rates, tuple[Milliseconds, Milliseconds]]:
    with stage.seeded(LEADER_AT_TOP, on=shop.SHOP):
        add_credited(OLDER_ORDERS)
        _add_team()
        for step in (fold_periods, fold_transfers, fold_teams):
            while step():
                pass
    rates: dict[str, list[float]] = {name: [] for name in SCREENS}
    with stage.fresh(LEADER_AT_TOP):
        leader = Distributor.objects.order_by("pk").select_related("member")[0]
        _session, tokens = open_session(member=leader.member, at=clock.now())
        http = Client(headers={"Authorization": f"Bearer {tokens.access}"})
        addresses = dict(zip(SCREENS, ("distributor/workspace", "empty"), strict=True))
        for turn in range(ROUNDS):
            print(f"api: screens, round {turn + 1} of {ROUNDS} …", flush=True)
            for name in SCREENS if turn % 2 else SCREENS[::-1]:
                rates[name].append(_requests_a_second(http, f"/api/v1/{addresses[name]}"))
        teams = _measure_team()
    return rates, teams


def _requests_a_second(http: Client, address: str) -> float:
    assert http.get(address).status_code == 200
    started = perf_counter()
    for _ in range(REQUESTS):
        http.get(address)
    return REQUESTS / (perf_counter() - started)


# The first distributor below the leaders. Those who have bought in the past are on the first page.
_UPLINE = LEADERS + 1
_MEMBERS = f"""
INSERT INTO members_member (id, public_id, nickname, province, city, joined_at)
SELECT id, substr(md5('member' || id), 1, 20), 'Member ' || id, '', '', %(at)s
FROM generate_series(
    (SELECT max(id) + 1 FROM members_member), (SELECT max(id) + %(size)s FROM members_member)
) AS id;
INSERT INTO distribution_binding (public_id, member_id, distributor_id, source, evidence_kind,
    evidence_id, started_at, end_reason, end_note)
SELECT substr(md5('binding' || id), 1, 20), id, {_UPLINE}, 'import', '', '', %(at)s, '', ''
FROM members_member ORDER BY id DESC LIMIT %(size)s;
INSERT INTO distribution_purchasetotals
    (member_id, protected_spend, protected_orders, last_order_at)
SELECT member_id, orders * 10000 + member_id %% 7919, orders, %(at)s
FROM distribution_binding
CROSS JOIN LATERAL (
    SELECT CASE
        WHEN member_id <= {LEADERS + DISTRIBUTORS + BUYERS} THEN 100 ELSE member_id * 7919 %% 97
    END AS orders
) AS bought
WHERE distributor_id = {_UPLINE}
"""


def _add_team() -> None:
    with connection.cursor() as cursor:
        cursor.execute(_MEMBERS, {"size": TEAM, "at": PLACED})
    level = Level.objects.create(rank=99, name="Sees the team", sees_team_data=True)
    Distributor.objects.filter(pk=_UPLINE).update(level=level)


def _measure_team() -> tuple[Milliseconds, Milliseconds]:
    """Return the milliseconds of a page by its order: in the database, and with the driver."""
    upline = Distributor.objects.select_related("level", "member").get(pk=_UPLINE)
    planned_and_run: Milliseconds = {}
    with_driver: Milliseconds = {}
    for sort in TEAM_SORTS:
        in_database, outside = [], []
        for _ in range(2 * ROUNDS + 1):
            statements: list[Statement] = []
            with connection.execute_wrapper(partial(_timed, statements)):
                rows = team_page(upline, tier=1, sort=sort, at=AT).order_by("-position")
                page = list(rows[: TEAM_PAGE + 1])
                assert len(team_rows(upline, page, tier=1)) == TEAM_PAGE + 1
            outside.append(sum(statement.milliseconds for statement in statements))
            in_database.append(sum(map(_planned_and_run, statements)))
        # The first round opens the connection.
        planned_and_run[sort], with_driver[sort] = in_database[1:], outside[1:]
    return planned_and_run, with_driver


def _planned_and_run(statement: Statement) -> float:
    """Return the milliseconds that PostgreSQL itself says it plans and runs a statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {statement.sql}", statement.parameters
        )
        ((plan,),) = cursor.fetchone()
    return float(plan["Planning Time"] + plan["Execution Time"])


# Days of all distributors, without checking the foreign key of each row.
_ROWS = """
ALTER TABLE reports_periodfigures DISABLE TRIGGER ALL;
INSERT INTO reports_periodfigures (distributor_id, period, start, asset, orders, sales, team_orders,
    team_sales, income, team_income, pending, protected, credited)
SELECT distributor.id, 'day', date '2026-06-02' - day, 'cash', day %% 100,
    distributor.id * 7919 %% 1000003, 0, 0, 0, 0, 0, 0, 0
FROM distribution_distributor AS distributor, generate_series(1, %s) AS day;
ALTER TABLE reports_periodfigures ENABLE TRIGGER ALL;
ANALYZE reports_periodfigures
"""


def _measure_leaderboard() -> list[float]:
    milliseconds = []
    with stage.seeded("bench_ranks", on=shop.SHOP), connection.cursor() as cursor:
        cursor.execute(_ROWS, [LEADERBOARD_DAYS])
    with stage.fresh("bench_ranks"):
        for _ in range(2 * ROUNDS + 1):
            statements: list[Statement] = []
            with connection.execute_wrapper(partial(_timed, statements)):
                assert leaderboard(period="day", day=DUE_FROM.date(), metric="sales")
            milliseconds.append(sum(statement.milliseconds for statement in statements))
    return milliseconds[1:]  # the first one opens the connection


def _timed(
    statements: list[Statement], execute: Callable[..., Any], sql: str, parameters: Any, *rest: Any
) -> Any:
    started = perf_counter()
    try:
        return execute(sql, parameters, *rest)
    finally:
        statements.append(Statement(sql, parameters, 1_000 * (perf_counter() - started)))
