"""The mall follows every change of commissions: masks pay Lan 10.99 and Mei 5.49."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from commissions import updates
from commissions.models import CommissionUpdate
from common import clock
from integration.clients import create_client
from members.models import Member
from tests.api.mall import Mall
from tests.api.phone import outcome
from tests.cast import NOON
from tests.concurrency import run_during_transaction
from tests.shop import (
    DAY,
    PLACED,
    WEEK,
    ingest,
    line,
    open_shop,
    order,
    plan,
    referral_chain,
    refund,
    rule,
    settle_all,
    sku,
    with_refund,
)

BEFORE = "2026-01-01T00:00:00+08:00"
RELEASED = PLACED + 3 * DAY + WEEK


@pytest.fixture
def mall(db: None) -> Mall:
    return new_mall()


def new_mall() -> Mall:
    client, secret = create_client(name="mall", scopes=None, at=NOON)
    return Mall(client.key, secret)


def page(mall: Mall, after: str, query: str = "") -> Any:
    response = mall.get("/commissions", f"updated_after={quote(after)}{query}")
    assert response.status_code == 200, response.content
    return response.json()


class Follower:
    """Reads what was updated since it read the last time, page by page."""

    def __init__(self, mall: Mall) -> None:
        self._mall, self._after = mall, BEFORE

    def read(self, query: str = "") -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        cursor = ""
        while True:
            answer = page(self._mall, self._after, f"{query}{cursor}")
            rows += answer["results"]
            if answer["next"] is None:
                self._after = answer["read_until"]
                return rows
            cursor = f"&cursor={answer['next']}"

    def told(self) -> set[tuple[str, int, str]]:
        return {(row["member"], row["current"], row["status"]) for row in self.read()}


def test_each_change_is_listed_again(mall: Mall) -> None:
    bo, follower = open_shop(), Follower(mall)
    ingest(order(bo))
    assert follower.told() == {("lan", 1_099, "pending"), ("mei", 549, "pending")}
    assert follower.told() == set()

    received = order(bo, received=True)
    ingest(received)
    assert follower.told() == {("lan", 1_099, "protected"), ("mei", 549, "protected")}

    asked = refund(5_495, number="R-1", done=False)
    rejected = replace(asked, rejected_at=PLACED + 5 * DAY)
    ingest(with_refund(received, asked))
    assert {row["member"] for row in follower.read()} == {"lan", "mei"}, "held"
    ingest(with_refund(received, rejected))
    assert {row["member"] for row in follower.read()} == {"lan", "mei"}, "released"

    settle_all(at=RELEASED)
    assert follower.told() == {("lan", 1_099, "credited"), ("mei", 549, "credited")}

    ingest(with_refund(received, refund(5_495, number="R-2")), at=RELEASED)
    assert follower.told() == {("lan", 549, "credited"), ("mei", 274, "credited")}

    ingest(with_refund(received, refund(5_495, number="R-2")), at=RELEASED)
    assert follower.told() == set(), "nothing has changed"


def test_a_growth_is_listed_when_it_arises_and_when_it_is_credited(mall: Mall) -> None:
    sku()
    plan(rule(1_000, None, base="profit"))
    *_, bo = referral_chain("Mei", "Lan", "Bo")
    follower = Follower(mall)
    masks = order(bo, line(quantity=2), received=True)
    money, goods = refund(8_400, number="R-1"), refund(0, quantity=1, number="R-2")
    ingest(masks)
    settle_all(at=RELEASED)
    ingest(with_refund(masks, money), at=RELEASED)
    follower.read()

    ingest(with_refund(masks, money, goods), at=RELEASED)
    assert follower.told() == {("lan", 938, "credited")}
    settle_all(at=RELEASED + DAY)
    assert follower.told() == {("lan", 938, "credited")}


def test_pages_list_each_change_once_the_earliest_first(mall: Mall) -> None:
    bo = open_shop()
    ingest(*(order(bo, number=f"O-{number}") for number in range(5)))
    ingest(order(bo, number="O-0", received=True))

    rows = Follower(mall).read("&page_size=3")

    numbers = [row["order_no"] for row in rows]
    assert numbers[-2:] == ["O-0", "O-0"]
    assert sorted(numbers[:-2]) == sorted(2 * [f"O-{number}" for number in range(5)])
    times = [row["updated_at"] for row in rows]
    assert times == sorted(times)


def test_a_page_in_the_middle_may_be_remembered(mall: Mall) -> None:
    bo = open_shop()
    ingest(*(order(bo, number=f"O-{number}") for number in range(3)))

    first = page(mall, BEFORE, "&page_size=2")
    again = page(mall, first["read_until"])

    assert first["next"]
    assert len(again["results"]) == 6, "one statement inserted all: it is read from its beginning"


def test_other_filters_apply(mall: Mall) -> None:
    bo = open_shop()
    ingest(order(bo, received=True), order(bo, number="O-2"))
    settle_all(at=RELEASED)

    credited = Follower(mall).read("&status=credited&page_size=1")

    assert {(row["order_no"], row["tier"]) for row in credited} == {("O-1", 1), ("O-1", 2)}
    assert {row["tier"] for row in Follower(mall).read("&order_no=O-2")} == {1, 2}


def test_the_moment_itself_is_not_listed(mall: Mall) -> None:
    ingest(order(open_shop()))
    (last,) = {row["updated_at"] for row in Follower(mall).read()}

    assert page(mall, last)["results"] == []


def test_other_lists_have_no_time_to_remember(mall: Mall) -> None:
    ingest(order(open_shop()))

    answer = mall.get("/commissions").json()

    assert set(answer) == {"results", "next", "previous"}
    assert "updated_at" not in answer["results"][0]


def test_a_cursor_belongs_to_its_moment(mall: Mall) -> None:
    bo = open_shop()
    ingest(order(bo), order(bo, number="O-2"))
    cursor = page(mall, BEFORE, "&page_size=1")["next"]

    for query in (
        f"updated_after={quote('2026-01-02T00:00:00+08:00')}&cursor={cursor}",
        f"cursor={cursor}",
        f"updated_after={quote(BEFORE)}&cursor={cursor}x",
    ):
        assert outcome(mall.get("/commissions", query)) == (400, "invalid_cursor")
    plain = mall.get("/commissions", "page_size=1").json()["next"]
    mixed = mall.get("/commissions", f"updated_after={quote(BEFORE)}&cursor={plain}")
    assert outcome(mixed) == (400, "invalid_cursor")
    assert outcome(mall.get("/commissions", "updated_after=today")) == (400, "invalid_input")


def test_a_page_takes_as_many_queries_for_20_rows_as_for_1(mall: Mall) -> None:
    bo = open_shop()
    ingest(*(order(bo, number=f"O-{number}") for number in range(10)))

    def queries(size: int) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert len(page(mall, BEFORE, f"&page_size={size}")["results"]) == size
        return len(captured)

    queries(1)
    assert queries(1) == queries(20)


def test_a_settlement_logs_one_update(mall: Mall) -> None:
    bo = open_shop()
    ingest(*(order(bo, number=f"O-{number}", received=True) for number in range(5)))
    before = CommissionUpdate.objects.count()

    settle_all(at=RELEASED)

    assert CommissionUpdate.objects.count() == before + 1
    assert len(CommissionUpdate.objects.latest("pk").commission_ids) == 10


def test_the_log_is_append_only(mall: Mall) -> None:
    ingest(order(open_shop()))

    with pytest.raises(IntegrityError), transaction.atomic():
        CommissionUpdate.objects.all().delete()
    with pytest.raises(IntegrityError), transaction.atomic():
        CommissionUpdate.objects.update(at=NOON)


def read_during_a_transaction() -> set[str]:
    """Return the orders that a reader sees of two, where the earlier commits late."""
    bo = open_shop()
    lan = Member.objects.get(nickname="Lan")
    follower = Follower(new_mall())

    def later() -> list[dict[str, Any]]:
        ingest(order(lan, number="O-2"))
        return follower.read()

    _, during = run_during_transaction(lambda: ingest(order(bo, number="O-1")), later)

    assert "O-1" not in {row["order_no"] for row in during}
    return {row["order_no"] for row in (*during, *follower.read())}


def test_what_commits_late_is_not_missed(committed: str) -> None:
    assert read_during_a_transaction() == {"O-1", "O-2"}


def test_control_without_waiting_it_is_missed(
    committed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(updates, "settled_until", clock.now)

    assert read_during_a_transaction() == {"O-2"}
