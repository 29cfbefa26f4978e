"""A back-test gives by a draft for real orders, and counts each once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from common.errors import violated_constraint
from distribution.models import Distributor, Level
from events.models import Event
from incentives.models import Award, BackTest, BackTestCount, Contribution, Progress, Version
from incentives.services import back_tests
from incentives.services.back_tests import (
    IncentiveBackTestDaysInvalid,
    IncentiveBackTestRunning,
    NothingToBackTest,
    request_back_test,
    run_back_tests,
)
from incentives.services.drafts import discard, edit
from members.models import Member
from tests.cast import NOON, member, staff
from tests.incentives.offers import draft, reward
from tests.promotions.coupons import coupon
from tests.shop import (
    DAY,
    PLACED,
    distributor,
    ingest,
    line,
    make_referral,
    open_shop,
    order,
    refund,
    sku,
    with_refund,
)

pytestmark = pytest.mark.django_db
NOW = PLACED + 12 * DAY


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def bo(db: None) -> Member:
    return open_shop()


def requested(version: Version, days: int = 30) -> BackTest:
    return request_back_test(version=version, days=days, by=staff("Qian"), at=NOW)


def finish(test: BackTest) -> BackTest:
    while run_back_tests(at=NOW):
        pass
    test.refresh_from_db()
    return test


def computed(days: int = 30, **terms: Any) -> BackTest:
    return finish(requested(draft(**terms), days))


def people(test: BackTest) -> dict[str, tuple[int, int]]:
    rows = test.members.select_related("member").order_by("pk")
    return {row.member.nickname: (row.awards, row.amount) for row in rows}


def test_each_order_gives_as_if_the_incentive_had_run(bo: Member) -> None:
    ingest(order(bo), order(bo, number="O-2"))

    test = computed(rewards=[reward(500), reward(30, asset="points")])

    assert (test.status, test.orders, test.counted, test.awards) == ("done", 2, 2, 4)
    assert (test.totals, test.sales) == ({"cash": 1_000, "points": 60}, 21_980)
    assert people(test) == {"Lan": (4, 1_000)}


def test_coupons_and_gifts_count_by_their_worth(bo: Member) -> None:
    ingest(order(bo), order(bo, number="O-2"))
    kind = coupon(amount=500, threshold=0, per_member=9)
    without_limit = coupon(kind="percent", rate=100, per_member=9)

    test = computed(
        rewards=[
            reward(100), reward(kind="coupon", coupon=kind),
            reward(kind="gift", gift=sku("cup", price=700, cost=1)),
            reward(kind="coupon", coupon=without_limit),
            reward(kind="factor", rate=20_000, days=7),
        ]
    )  # fmt: skip

    assert test.totals == {"cash": 200, "coupon": 4, "gift": 2, "factor": 2}
    assert (test.worth, test.unvalued) == (2 * (500 + 700), 2 * 2)
    (row,) = test.members.all()
    assert (row.amount, row.others, row.worth, row.unvalued) == (200, 8, 2_400, 4)


def test_a_step_is_reached_by_the_sum_of_a_month(bo: Member) -> None:
    ingest(
        order(bo), order(bo, number="O-2"),
        order(bo, number="O-3", placed_at=PLACED - 20 * DAY),
    )  # fmt: skip
    terms = {"metric": "own_sales", "period": "month", "reach": "steps"}

    assert computed(**terms, rewards=[reward(1_000, threshold=20_000)]).totals == {"cash": 1_000}
    assert computed(**terms, rewards=[reward(1_000, threshold=30_000)]).totals == {}


def test_what_was_refunded_is_left_out(bo: Member) -> None:
    whole = refund(10_990, quantity=1)
    ingest(with_refund(order(bo), whole), order(bo, number="O-2"), at=PLACED + 5 * DAY)

    test = computed(rewards=[reward(500)])

    assert (test.orders, test.counted, test.totals) == (2, 1, {"cash": 500})


def test_a_contest_shares_the_prizes_of_its_places(bo: Member) -> None:
    mei_brings = [member("Dan"), member("Eva")]
    mei = Member.objects.get(nickname="Mei")
    for who in mei_brings:
        make_referral(mei, who)
    ingest(
        order(bo), order(mei_brings[0], number="D-1"),
    )  # fmt: skip
    prizes = [
        reward(4_000, first_rank=1, last_rank=1), reward(2_000, first_rank=2, last_rank=2),
    ]  # fmt: skip
    terms = {"metric": "own_sales", "period": "month", "reach": "rank", "rewards": prizes}

    assert people(computed(**terms)) == {"Mei": (1, 3_000), "Lan": (1, 3_000)}
    ingest(order(bo, number="O-2"))
    assert people(computed(**terms)) == {"Mei": (1, 2_000), "Lan": (1, 4_000)}


def test_a_pool_is_shared_among_chosen_levels_to_the_fen(bo: Member) -> None:
    gold = Level.objects.create(rank=1, name="Gold")
    Distributor.objects.update(level=gold)
    mei = Member.objects.get(nickname="Mei")
    make_referral(mei, member("Dan"))
    ingest(order(bo), order(bo, number="O-2"), order(member("Dan"), number="D-1"))

    test = computed(
        metric="team_pool", levels=[gold.pk], reach="each",
        rewards=[reward(kind="percent", rate=100)],
    )  # fmt: skip

    assert test.totals == {"cash": 3 * 10_990 // 100}
    assert people(test) == {"Mei": (1, 110), "Lan": (1, 219)}


def test_a_friend_counts_once(bo: Member) -> None:
    ingest(order(bo), order(bo, number="O-2", placed_at=PLACED + DAY))

    test = computed(
        metric="referred_buyers",
        rewards=[
            reward(800, asset="store_credit"), reward(500, asset="store_credit", side="friend"),
        ],
    )  # fmt: skip

    assert (test.awards, test.totals) == (2, {"store_credit": 1_300})


def test_only_orders_of_the_days_count(bo: Member) -> None:
    ingest(
        order(bo), order(bo, number="O-2", paid=False),
        order(bo, number="O-3", placed_at=NOW - DAY / 24),
    )  # fmt: skip

    assert computed(days=30).orders == 1
    assert computed(days=5).orders == 0


@pytest.mark.slow
def test_batches_add_up(bo: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(back_tests, "BATCH", 2)
    upper = member("Wang")
    distributor(upper)
    for number in range(3):
        make_referral(upper, member(f"Buyer{number}"))
    ingest(
        *(order(bo, number=f"O-{n}") for n in range(5)),
        *(order(member(f"Buyer{n}"), number=f"B-{n}") for n in range(3)),
    )
    test = requested(draft(rewards=[reward(100)]))

    seen = []
    while run_back_tests(at=NOW):
        test.refresh_from_db()
        seen.append((test.status, test.orders, test.progress))

    test.refresh_from_db()
    assert seen[0][:2] == ("running", 2)
    assert [row[1] for row in seen] == sorted(row[1] for row in seen)
    assert (test.status, test.orders, test.awards, test.totals) == ("done", 8, 8, {"cash": 800})
    assert people(test) == {"Lan": (5, 500), "Wang": (3, 300)}
    assert not BackTestCount.objects.exists()


def test_the_terms_of_the_request_are_tested(bo: Member) -> None:
    ingest(order(bo))
    version = draft(rewards=[reward(500)])
    test = requested(version)
    edit(version=version, by=staff("Qian"), at=NOON, rewards=[reward(1)])

    assert finish(test).totals == {"cash": 500}


def test_a_batch_that_breaks_ends_the_test(bo: Member) -> None:
    ingest(order(bo))
    test = requested(draft())
    BackTest.objects.update(terms={"rewards": []})

    assert run_back_tests(at=NOW) == 0

    test.refresh_from_db()
    assert (test.status, test.orders, test.finished_at) == ("failed", 0, NOW)


@pytest.mark.slow
def test_more_orders_need_no_more_queries(bo: Member) -> None:
    def count() -> int:
        requested(draft())
        with CaptureQueriesContext(connection) as captured:
            while run_back_tests(at=NOW):
                pass
        return len(captured)

    ingest(order(bo))
    few = count()
    ingest(*(order(bo, line(quantity=2), number=f"N-{n}") for n in range(9)))

    assert count() <= few


@pytest.mark.parametrize("days", [0, -1, 367, 10**9])
def test_the_days_are_limited(bo: Member, days: int) -> None:
    version = draft()

    with pytest.raises(IncentiveBackTestDaysInvalid, match="366"):
        requested(version, days)

    assert not BackTest.objects.exists()


def test_what_counts_no_orders_is_not_tested(bo: Member) -> None:
    for version in (draft(metric="proof", rewards=[]), draft(rewards=[])):
        with pytest.raises(NothingToBackTest):
            requested(version)

    assert not BackTest.objects.exists()


def test_a_version_has_one_open_test_and_keeps_the_last_ones(bo: Member) -> None:
    version = draft()
    test = requested(version)

    with pytest.raises(IncentiveBackTestRunning):
        requested(version)
    for _turn in range(back_tests.KEPT + 1):
        finish(test)
        test = requested(version)

    assert version.back_tests.count() == back_tests.KEPT


def test_nothing_but_the_test_changes(bo: Member) -> None:
    ingest(order(bo))
    version = draft()
    models: tuple[Any, ...] = (Award, Contribution, Progress, Event, Version)
    before = [list(model.objects.order_by("pk").values()) for model in models]

    finish(requested(version))

    assert [list(model.objects.order_by("pk").values()) for model in models] == before


def test_a_finished_result_is_final_and_goes_with_its_draft(bo: Member) -> None:
    test = computed()
    with pytest.raises(DatabaseError) as error, transaction.atomic():
        BackTest.objects.filter(pk=test.pk).update(orders=7)
    assert violated_constraint(error.value) == "incentive_backtest_finished_immutable"

    discard(version=test.version, by=staff("Qian"), at=NOON)
    assert not BackTest.objects.exists()
