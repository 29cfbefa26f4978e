"""A real mall that is pushed over HTTP earns every commission exactly to the minor unit."""

from __future__ import annotations

import csv
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from http.client import HTTPException
from pathlib import Path
from threading import Semaphore
from typing import Any

import pytest
from pytest_django import DjangoDbBlocker

from common import clock
from integration.clients import create_client
from integration.mall.files import Files, read_all
from integration.mall.history import order_snapshots, snapshot_at
from integration.mall.plan import publish_rules
from orders.models import Order
from orders.snapshots import OrderSnapshot
from tests.api.mall import Mall
from tests.api.server import RemoteMall, WebServer
from tests.cast import NOON, staff
from tests.concurrency import run_concurrently
from tests.databases import cloned, using
from tests.integration.test_real_mall import MALL, NOW, assert_as_expected, partial_snapshots
from tests.shop import settle_all

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not MALL.is_dir(), reason="the mall's data is not part of the project"),
]

CLIENTS, BATCH = 4, 100
TIMES = ("placed_at", "paid_at", "shipped_at", "received_at", "closed_at")
REFUND_TIMES = ("requested_at", "approved_at", "done_at")


@dataclass(frozen=True)
class MovedIn:
    """A mall that has moved in with goods, plan and members, without any order."""

    database: str
    malls: list[Mall]
    files: Files


@pytest.fixture(scope="module")
def moved_in(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[MovedIn]:
    with django_db_blocker.unblock(), cloned("moved_in") as name:
        with using(name):
            malls = _malls()
            files = _move_in(malls[0])
        yield MovedIn(name, malls, files)


@pytest.fixture
def database(moved_in: MovedIn, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """Use a copy of the mall's database."""
    with (
        django_db_blocker.unblock(), using(moved_in.database), cloned("mall") as name, using(name),
    ):  # fmt: skip
        yield name


def _malls() -> list[Mall]:
    clients = [
        create_client(name=f"mall {number}", scopes=None, at=NOON) for number in range(CLIENTS)
    ]
    return [Mall(client.key, secret) for client, secret in clients]


def _move_in(mall: Mall) -> Files:
    files, problems = read_all(MALL)
    assert problems == []
    push(mall, "categories", [row.pick("code", "name", "parent") for row in files.categories.rows])
    push(
        mall,
        "products",
        [row.pick("sku", "name", "category", "price", "cost") for row in files.products.rows],
    )
    publish_rules(
        files.rules, name="mall", edited_by=staff("editor"), published_by=staff("publisher"),
        at=clock.now(),
    )  # fmt: skip
    for row in sorted(files.members.rows, key=lambda row: row["joined_at"]):
        move_in(mall, row)
    return files


def push(mall: Mall, what: str, rows: list[dict[str, Any]]) -> None:
    for start in range(0, len(rows), 500):
        answer = mall.post(f"/{what}:batch", {what: rows[start : start + 500]})
        assert answer.status_code == 200, answer.content
        problems = [row for row in answer.json()["results"] if "problem" in row]
        assert problems == []


def move_in(mall: Mall, row: Any) -> None:
    body = row.pick("nickname", "province", "city") | {"joined_at": row["joined_at"].isoformat()}
    if row["is_distributor"] == "1":
        body["distributor"] = True
    if row["referrer"]:
        body |= {"referrer": row["referrer"], "bound_at": row["bound_at"].isoformat()}
    answer = mall.put(f"/members/{row['member']}", body)
    assert answer.status_code == 200, answer.content


def body(order: OrderSnapshot) -> dict[str, Any]:
    return {
        "order_no": order.number,
        "buyer": order.buyer,
        **moments(order, TIMES),
        "lines": [
            {
                "line_no": line.number, "sku": line.sku, "quantity": line.quantity,
                "unit_price": line.unit_price, "discount": line.discount,
                "shipping": line.shipping,
            }
            for line in order.lines
        ],
        "refunds": [
            {
                "refund_no": refund.number, "line_no": refund.line, "quantity": refund.quantity,
                "amount": refund.amount, "freight": refund.freight,
                **moments(refund, REFUND_TIMES),
            }
            for refund in order.refunds
        ],
    }  # fmt: skip


def moments(row: Any, names: tuple[str, ...]) -> dict[str, str]:
    return {name: getattr(row, name).isoformat() for name in names if getattr(row, name)}


def push_orders(mall: Mall, bodies: list[dict[str, Any]]) -> int:
    """Push in batches as a careful client does; return how many orders were refused."""
    refused = 0
    for start in range(0, len(bodies), BATCH):
        request = {"orders": bodies[start : start + BATCH]}
        while (answer := mall.post("/orders:batch", request)).status_code == 503:
            assert answer["Retry-After"]
        assert answer.status_code == 200, answer.content
        refused += sum("problem" in row for row in answer.json()["results"])
    return refused


def push_concurrently(malls: list[Mall], bodies: list[dict[str, Any]]) -> None:
    actions: list[Callable[[], Any]] = [
        partial(push_orders, mall, bodies[number::CLIENTS]) for number, mall in enumerate(malls)
    ]
    assert run_concurrently(*actions) == [0] * CLIENTS


def all_bodies(files: Files, randomness: random.Random) -> list[dict[str, Any]]:
    """Return the orders in random order, some of them several times and in parts."""
    orders = [order for order in order_snapshots(files).values() if order.placed_at <= NOW]
    bodies = [body(snapshot_at(order, NOW)) for order in orders]
    bodies += [body(part) for order in orders[::10] for part in partial_snapshots(order)]
    bodies += randomness.sample(bodies, len(bodies) // 4)
    randomness.shuffle(bodies)
    return bodies


@pytest.mark.usefixtures("database")
def test_orders_in_random_order_with_duplicates_by_four_clients(moved_in: MovedIn) -> None:
    malls, randomness = moved_in.malls, random.Random(4)
    bodies = all_bodies(moved_in.files, randomness)

    push_concurrently(malls, bodies[: len(bodies) // 3])  # stopped there, and begun again
    randomness.shuffle(bodies)
    push_concurrently(malls, bodies)
    settle_all(at=NOW)

    assert_as_expected()
    rows = malls[0].get("/commissions", "page_size=100").json()["results"]
    with (MALL / "expected_commissions.csv").open(encoding="utf-8") as file:
        expected = {
            (row["order_no"], row["line_no"], row["tier"]): row for row in csv.DictReader(file)
        }
    for row in rows:
        known = expected[row["order_no"], str(row["line_no"]), str(row["tier"])]
        assert (row["member"], row["current"]) == (known["beneficiary"], int(known["current"]))
        assert row["status"] == known["state"]


def push_until_killed(mall: Mall, bodies: list[dict[str, Any]], answered: Semaphore) -> int:
    """Push batches until the server is gone; return how many it answered."""
    for count, start in enumerate(range(0, len(bodies), BATCH)):
        try:
            push_orders(mall, bodies[start : start + BATCH])
        except (OSError, HTTPException):
            return count
        answered.release()
    raise AssertionError("the server was not killed in the middle")


def kill_after(server: WebServer, answered: Semaphore, batches: int) -> None:
    for _ in range(batches):
        assert answered.acquire(timeout=120)
    server.kill()


@pytest.fixture
def server(database: str, tmp_path: Path) -> Iterator[WebServer]:
    server = WebServer(database, tmp_path)
    yield server
    server.kill()


def test_a_server_killed_in_the_middle_gives_the_same(moved_in: MovedIn, server: WebServer) -> None:
    randomness = random.Random(5)
    bodies = all_bodies(moved_in.files, randomness)
    remote: list[Mall] = [RemoteMall(mall.key, mall.secret, server.port) for mall in moved_in.malls]

    for batches in (5, 9):
        server.start()
        answered = Semaphore(0)
        pushes = [
            partial(push_until_killed, mall, bodies[number::CLIENTS], answered)
            for number, mall in enumerate(remote)
        ]
        *counts, killed = run_concurrently(*pushes, partial(kill_after, server, answered, batches))
        assert killed is None
        assert sum(counts) >= batches
        assert 0 < Order.objects.count() < len({row["order_no"] for row in bodies})
        randomness.shuffle(bodies)
    server.start()
    push_concurrently(remote, bodies)
    settle_all(at=NOW)

    assert_as_expected()
