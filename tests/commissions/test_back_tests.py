"""A back-test pays real orders by another plan, and counts each once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from commissions.models import BackTest, Commission, Plan, Rule
from commissions.services import back_tests, discard, draft, request_back_test, run_back_tests
from commissions.services.back_tests import BackTestDaysInvalid, BackTestRunning
from distribution.models import Distributor, Level
from events.models import Event
from members.models import Member, User
from tests.cast import NOON, member
from tests.commissions.test_plans import refusal
from tests.shop import (
    DAY,
    PLACED,
    editor,
    ingest,
    line,
    order,
    plan,
    referral_chain,
    refund,
    rule,
    sku,
    with_refund,
)

pytestmark = pytest.mark.django_db

NOW = PLACED + 10 * DAY


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def bo(db: None) -> Member:
    """Bo, whose upline is Lan, whose upline is Mei: 10 % and 5 % so far."""
    sku()
    sku("soap", price=3_000, cost=None, category="bath")
    plan()
    return referral_chain("Mei", "Lan", "Bo")[-1]


def computed(*rules: Rule, days: int = 30, starts_at: Any = None, **terms: Any) -> BackTest:
    """Return a back-test of a plan with these rules, computed to the end."""
    drafted = draft(name="Next", by=editor(), at=NOW, rules=rules or [rule()], **terms)
    test = request_back_test(plan=drafted, days=days, by=editor(), at=NOW, starts_at=starts_at)
    while run_back_tests(at=NOW):
        pass
    test.refresh_from_db()
    return test


def people(test: BackTest) -> dict[str, tuple[int, int]]:
    return {
        str(row.distributor): (row.old, row.new)
        for row in test.distributors.select_related("distributor__member").order_by("pk")
    }


def test_it_compares_what_was_paid_with_the_plan(bo: Member) -> None:
    ingest(order(bo), order(bo, line("soap", price=3_000), number="O-2"))

    test = computed(rule(2_000, None))

    assert (test.status, test.orders, test.lines, test.sales) == ("done", 2, 2, 13_990)
    assert test.totals == {"cash": [1_399, 699, 2_798, 0]}
    assert people(test) == {"Lan": (1_399, 2_798), "Mei": (699, 0)}
    assert {str(row.product): (row.sales, row.old, row.new) for row in test.products.all()} == {
        "mask": (10_990, 1_648, 2_198), "soap": (3_000, 450, 600),
    }  # fmt: skip


def test_the_margin_counts_only_lines_with_a_cost(bo: Member) -> None:
    ingest(order(bo, line(quantity=2), line("soap", number=2)))

    test = computed(rule(2_000, None))

    assert test.lines_without_cost == 1
    assert (test.known_sales, test.known_cost) == (21_980, 8_400)
    assert (test.known_old, test.known_new) == (2_198 + 1_099, 4_396)


@pytest.mark.slow
def test_the_same_plan_costs_what_is_stored(bo: Member) -> None:
    ingest(
        order(bo, line(quantity=3), line("soap", number=2), number="O-1"),
        order(Member.objects.get(nickname="Lan"), number="O-2"),
        order(member("Chen"), number="O-3"),
    )
    partly = order(bo, line(quantity=2), number="O-4")
    ingest(with_refund(partly, refund(3_663, quantity=1)), at=PLACED + 5 * DAY)
    ingest(
        with_refund(order(bo, number="O-5"), refund(10_990, quantity=1, number="R-5")),
        at=PLACED + 5 * DAY,
    )

    test = computed(rule())

    assert test.orders == 5
    for row in test.distributors.all():
        stored = Commission.objects.filter(distributor=row.distributor_id)
        assert row.old == row.new == sum(stored.values_list("current", flat=True))


def test_dates_of_rules_count_as_if_the_orders_came_from_the_start_on(bo: Member) -> None:
    ingest(order(bo, placed_at=NOW - 10 * DAY), order(bo, placed_at=NOW - DAY, number="O-2"))
    start = NOW + 30 * DAY
    first_week = rule(2_000, None, priority=1, starts_at=start, ends_at=start + 15 * DAY)

    # Of 20 days: the first order comes on day 10, the second on day 19.
    test = computed(rule(100, None), first_week, days=20, starts_at=start)

    assert test.totals == {"cash": [2 * 1_099, 2 * 549, 2_198 + 109, 0]}


def test_levels_count_as_they_were_at_placement(bo: Member) -> None:
    gold = Level.objects.create(rank=1, name="Gold")
    ingest(order(bo))
    Distributor.objects.update(level=gold)

    assert computed(rule(100, None), rule(5_000, None, level=gold)).totals["cash"][2] == 109


def test_only_paid_orders_of_the_days_count(bo: Member) -> None:
    ingest(
        order(bo, number="O-1", paid=False), order(bo, number="O-2"),
        order(bo, number="O-3", placed_at=NOW - timedelta(hours=1)),
    )  # fmt: skip

    assert computed(days=1).orders == 1
    assert computed(days=30).orders == 2


def test_without_orders_it_is_done_at_once(bo: Member) -> None:
    test = computed()

    assert (test.status, test.orders, test.totals, test.progress) == ("done", 0, {}, 100)


def test_points_stand_apart_from_money(bo: Member) -> None:
    ingest(order(bo))

    test = computed(rule(1_000, None, asset="points"))

    assert test.totals == {"cash": [1_099, 549, 0, 0], "points": [0, 0, 10, 0]}
    lan = test.distributors.get(distributor__member__nickname="Lan")
    assert (lan.old, lan.new, lan.old_points, lan.new_points) == (1_099, 0, 0, 10)


def test_the_plan_as_it_was_requested_is_tested(bo: Member) -> None:
    ingest(order(bo))
    drafted = draft(name="Next", by=editor(), at=NOW, rules=[rule(2_000, None)])
    test = request_back_test(plan=drafted, days=30, by=editor(), at=NOW)
    Rule.objects.filter(plan=drafted).update(tier1=1)

    run_back_tests(at=NOW)

    test.refresh_from_db()
    assert test.totals["cash"][2] == 2_198


def test_batches_add_up_and_show_the_progress(bo: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(back_tests, "BATCH", 2)
    ingest(*(order(bo, number=f"O-{n}") for n in range(5)))
    drafted = draft(name="Next", by=editor(), at=NOW, rules=[rule(2_000, 100)])
    test = request_back_test(plan=drafted, days=30, by=editor(), at=NOW)

    seen = []
    while run_back_tests(at=NOW):
        test.refresh_from_db()
        seen.append((test.status, test.orders, test.progress))

    test.refresh_from_db()
    assert seen == [("running", 2, 40), ("running", 4, 80)]
    assert (test.status, test.orders, test.totals) == (
        "done", 5, {"cash": [5 * 1_099, 5 * 549, 5 * 2_198, 5 * 109]},
    )  # fmt: skip
    assert people(test) == {"Lan": (5 * 1_099, 5 * 2_198), "Mei": (5 * 549, 5 * 109)}


def test_a_batch_that_breaks_ends_the_test_and_counts_nothing_of_it(
    bo: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(back_tests, "BATCH", 1)
    ingest(order(bo), order(bo, number="O-2"))
    drafted = draft(name="Next", by=editor(), at=NOW, rules=[rule()])
    test = request_back_test(plan=drafted, days=30, by=editor(), at=NOW)
    run_back_tests(at=NOW)
    BackTest.objects.update(terms={"layers": []})

    assert run_back_tests(at=NOW) == 0

    test.refresh_from_db()
    assert (test.status, test.orders, test.finished_at) == ("failed", 1, NOW)


@pytest.mark.slow
def test_more_orders_need_no_more_queries(bo: Member) -> None:
    def count() -> int:
        drafted = draft(name="Next", by=editor(), at=NOW, rules=[rule()])
        request_back_test(plan=drafted, days=30, by=editor(), at=NOW)
        with CaptureQueriesContext(connection) as captured:
            run_back_tests(at=NOW)
        return len(captured)

    ingest(order(bo))
    few = count()
    ingest(*(order(bo, line(), line("soap", number=2), number=f"N-{n}") for n in range(9)))

    assert count() <= few


@pytest.mark.parametrize("days", [0, -1, 367, 10**9])
def test_the_days_are_limited(bo: Member, days: int) -> None:
    drafted = draft(name="Next", by=editor(), at=NOW, rules=[rule()])

    with pytest.raises(BackTestDaysInvalid, match="366"):
        request_back_test(plan=drafted, days=days, by=editor(), at=NOW)

    assert not BackTest.objects.exists()


@pytest.mark.slow
def test_a_plan_has_one_open_back_test_and_keeps_the_last_ones(bo: Member) -> None:
    drafted = draft(name="Next", by=editor(), at=NOW, rules=[rule()])
    request_back_test(plan=drafted, days=1, by=editor(), at=NOW)

    with pytest.raises(BackTestRunning):
        request_back_test(plan=drafted, days=1, by=editor(), at=NOW)
    for _turn in range(back_tests.KEPT + 1):
        run_back_tests(at=NOW)
        request_back_test(plan=drafted, days=1, by=editor(), at=NOW)

    assert drafted.back_tests.count() == back_tests.KEPT


def test_nothing_but_the_test_changes(bo: Member) -> None:
    ingest(order(bo))
    models: tuple[Any, ...] = (Commission, Plan, Rule, Event)
    drafted = draft(name="Next", by=editor(), at=NOW, rules=[rule(2_000, 1)])
    before = [list(model.objects.order_by("pk").values()) for model in models]

    request_back_test(plan=drafted, days=30, by=editor(), at=NOW)
    run_back_tests(at=NOW)

    assert [list(model.objects.order_by("pk").values()) for model in models] == before


def test_a_finished_result_is_final_and_goes_with_its_draft(bo: Member) -> None:
    ingest(order(bo))
    test = computed()

    assert refusal("UPDATE commissions_backtest SET orders = 7") == "backtest_finished_immutable"
    discard(plan=test.plan, by=User.objects.get(username="editor"), at=NOON)
    assert not BackTest.objects.exists()
