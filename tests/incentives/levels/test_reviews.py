"""Lan rises as soon as her sales are completed, and falls only after a warning."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.db import IntegrityError, transaction

from common import clock
from common.errors import violated_constraint
from distribution.models import Distributor, DistributorPeriod, Level
from distribution.services import change_status, set_level
from events.models import Event
from incentives.ladder.followers import review_sellers
from incentives.models import LadderLevel, LevelReview, LevelWarning
from incentives.services.ladder import remove_condition
from incentives.services.levels import review_levels
from members.exports import export
from members.models import Member, User
from tests.cast import NOON, member
from tests.distribution.people import REASON
from tests.incentives.levels.ladder import (
    RELEASED,
    YUAN,
    asks,
    changes,
    level,
    level_of,
    review,
    rows,
    silver_and_gold,
    sold,
)
from tests.shop import (
    DAY,
    distributor,
    ingest,
    line,
    make_referral,
    order,
    refund,
    sku,
    with_refund,
)

pytestmark = pytest.mark.django_db

GONE = RELEASED + 30 * DAY
"""An order that was completed at ``RELEASED`` is no longer one of the last 30 days."""


def warned() -> list[Event]:
    return list(Event.objects.filter(name="incentives.level_warned").order_by("pk"))


def test_a_level_is_reached_with_the_order_that_was_missing(bo: Member, lan: Member) -> None:
    silver_and_gold()
    sold(bo, 99)
    review(RELEASED)
    assert (level_of(lan), changes(lan)) == ("", [])

    sold(bo, 1)
    review(RELEASED + DAY)

    assert (level_of(lan), changes(lan)) == ("Silver", [("", "Silver", "ladder")])
    assert LevelReview.objects.get().figures == {
        "sales": 100 * YUAN, "orders": 2, "buyers": 1, "from": "2026-10-15", "to": "2026-11-13",
    }  # fmt: skip


def test_levels_may_be_skipped_upwards(bo: Member, dan: Member, lan: Member) -> None:
    silver_and_gold()
    sold(bo, 299)
    sold(dan, 1)

    review(RELEASED)

    assert changes(lan) == [("", "Gold", "ladder")]


def test_the_same_review_changes_nothing(bo: Member, lan: Member) -> None:
    silver_and_gold()
    sold(bo, 100)
    assert review(RELEASED) == 2  # Mei and Lan
    before = rows()

    assert review_levels(at=RELEASED) == 0

    assert rows() == before


@pytest.mark.slow
def test_a_batch_goes_on_where_the_last_one_stopped(bo: Member, lan: Member) -> None:
    silver_and_gold()

    assert [review_levels(at=NOON, limit=1) for _turn in range(3)] == [1, 1, 0]
    assert [review_levels(at=NOON + DAY, limit=1) for _turn in range(3)] == [1, 1, 0]


def test_without_a_ladder_levels_stay_as_they_were_given(
    bo: Member, lan: Member, qian: User
) -> None:
    gold = level("Gold", 2)
    set_level(distributor=lan.distributor, level=gold, by=qian, at=NOON, reason=REASON)

    assert review(RELEASED) == 0

    assert (level_of(lan), changes(lan)) == ("Gold", [])


def test_a_completed_order_lifts_its_seller_at_once(db: None) -> None:
    """The follower of completed orders reads the clock."""
    silver_and_gold()
    sku()
    now = clock.now()
    ann, eve = member("Ann"), member("Eve")
    distributor(ann, at=now - 20 * DAY)
    make_referral(ann, eve, at=now - 19 * DAY)
    sold(eve, 100, placed_at=now - 11 * DAY)
    completed = list(Event.objects.filter(name="orders.completed"))

    review_sellers(completed)
    review_sellers(completed)

    assert changes(ann) == [("", "Silver", "ladder")]


class TestFall:
    @pytest.fixture(autouse=True)
    def silver(self, bo: Member, lan: Member) -> None:
        silver_and_gold()
        sold(bo, 100)
        review(RELEASED)
        assert level_of(lan) == "Silver"

    def test_it_is_kept_while_the_order_counts(self, lan: Member) -> None:
        review(GONE - DAY)

        assert (level_of(lan), warned()) == ("Silver", [])

    def test_a_warning_comes_first(self, lan: Member) -> None:
        review(GONE)

        assert level_of(lan) == "Silver"
        warning = LevelWarning.objects.get()
        # 30 whole days after 12 December; at midnight in Shanghai.
        assert warning.falls_at == datetime.fromisoformat("2027-01-12T00:00:00+08:00")
        [event] = warned()
        assert event.data == {"level": "Silver", "lower": "", "last_day": "2027-01-11"}
        assert event.subject_id == lan.distributor.public_id

    @pytest.mark.slow
    def test_it_falls_when_the_grace_is_over(self, lan: Member) -> None:
        review(GONE)
        falls_at = LevelWarning.objects.get().falls_at
        review(falls_at - DAY)
        assert level_of(lan) == "Silver"

        review(falls_at)

        assert changes(lan) == [("", "Silver", "ladder"), ("Silver", "", "grace_over")]
        assert LevelReview.objects.latest("pk").figures["sales"] == 0
        assert not LevelWarning.objects.exists()
        assert len(warned()) == 1

    @pytest.mark.slow
    def test_reached_again_the_warning_ends(self, bo: Member, lan: Member) -> None:
        review(GONE)
        sold(bo, 100, placed_at=GONE)
        review(GONE + 10 * DAY)

        assert (level_of(lan), LevelWarning.objects.count()) == ("Silver", 0)
        review(GONE + 39 * DAY)
        assert level_of(lan) == "Silver"
        # A new shortfall gets days of grace of its own.
        review(GONE + 40 * DAY)
        assert (level_of(lan), len(warned())) == ("Silver", 2)

    @pytest.mark.slow
    def test_a_refund_takes_a_level_only_after_the_grace(self, bo: Member, lan: Member) -> None:
        facts = order(bo, line(price=100 * YUAN), number="O-2", received=True)
        sold(bo, 100, number="O-2")
        review(RELEASED + DAY)
        last = Event.objects.latest("pk")
        ingest(with_refund(facts, refund(100 * YUAN, at=RELEASED + DAY)), at=RELEASED + DAY)
        review(RELEASED + 2 * DAY)
        assert level_of(lan) == "Silver"  # the first order is enough
        assert Event.objects.filter(pk__gt=last.pk, name__startswith="incentives").count() == 0

    @pytest.mark.slow
    def test_a_frozen_distributor_neither_rises_nor_falls(
        self, bo: Member, dan: Member, lan: Member, qian: User
    ) -> None:
        change_status(
            distributor=lan.distributor, to=Distributor.Status.FROZEN, by=qian, at=RELEASED,
            reason=REASON,
        )  # fmt: skip
        sold(dan, 300)
        before = rows()

        review(RELEASED + DAY)
        review(GONE + 60 * DAY)

        lans = {name: kept for name, kept in rows().items() if name != "LadderLevel"}
        assert lans == {name: kept for name, kept in before.items() if name != "LadderLevel"}
        assert level_of(lan) == "Silver"

    @pytest.mark.slow
    def test_a_level_that_left_the_ladder_is_not_lost(self, lan: Member, qian: User) -> None:
        review(GONE)
        remove_condition(level=Level.objects.get(name="Silver"), by=qian, at=GONE)

        review(GONE + DAY)
        review(GONE + 90 * DAY)

        assert (level_of(lan), LevelWarning.objects.count()) == ("Silver", 0)

    @pytest.mark.slow
    def test_an_order_placed_before_keeps_the_level_of_its_time(self, lan: Member) -> None:
        review(GONE)
        review(LevelWarning.objects.get().falls_at)

        periods = DistributorPeriod.objects.filter(distributor=lan.distributor)
        history = [(str(row.level or ""), row.started_at) for row in periods.order_by("pk")]
        assert [name for name, _at in history] == ["", "Silver", ""]
        assert history[1][1] == RELEASED


@pytest.mark.slow
def test_a_level_given_before_the_ladder_gets_its_grace(lan: Member, qian: User) -> None:
    silver, _gold = silver_and_gold()
    set_level(distributor=lan.distributor, level=silver, by=qian, at=NOON, reason=REASON)

    review(NOON + DAY)

    assert (level_of(lan), LevelWarning.objects.count()) == ("Silver", 1)


@pytest.mark.slow
def test_what_a_warning_says_follows_the_sales(bo: Member, dan: Member, lan: Member) -> None:
    """From Gold: first Silver would be left, then nothing."""
    silver_and_gold()
    sold(bo, 299)
    sold(dan, 1)
    review(RELEASED)
    sold(bo, 100, placed_at=RELEASED - DAY)
    review(GONE)
    assert LevelWarning.objects.get().level == Level.objects.get(name="Silver")

    review(GONE + 10 * DAY)

    assert LevelWarning.objects.get().level is None
    assert len(warned()) == 1


@pytest.mark.slow
def test_a_month_below_the_level_is_warned_after_the_next_one(bo: Member, lan: Member) -> None:
    """Reached in November, so it counts through December; January begins with a warning."""
    asks(level("Silver", 1), "month", min_orders=1, grace_days=10)
    sold(bo, 100)
    review(RELEASED)
    for day in ("2026-12-01", "2026-12-31"):
        review(datetime.fromisoformat(f"{day}T12:00:00+08:00"))
        assert not LevelWarning.objects.exists()

    review(datetime.fromisoformat("2027-01-01T00:10:00+08:00"))

    assert level_of(lan) == "Silver"
    assert [event.data["last_day"] for event in warned()] == ["2027-01-11"]


@pytest.mark.slow
def test_the_history_of_levels_cannot_be_changed(bo: Member, lan: Member) -> None:
    silver_and_gold()
    sold(bo, 100)
    review(RELEASED)

    for change in (
        lambda: LevelReview.objects.update(cause="pin"), lambda: LevelReview.objects.all().delete(),
    ):  # fmt: skip
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
    assert changes(lan) == [("", "Silver", "ladder")]
    assert LadderLevel.objects.get(distributor__member=lan).since == RELEASED


@pytest.mark.parametrize(
    ("condition", "constraint"),
    [
        ({"min_buyers": 3}, "level_asks_for_orders"),
        ({"min_sales": 0}, "level_asks_for_orders"),
        ({"min_orders": 1, "min_buyers": 0}, "level_buyers_positive"),
        ({"min_orders": 1, "grace_days": 0}, "level_grace_within_limits"),
    ],
)
def test_a_level_never_goes_by_heads_and_never_falls_unwarned(
    db: None, condition: dict[str, int], constraint: str
) -> None:
    silver = level("Silver", 1)

    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        asks(silver, **condition)

    assert violated_constraint(refused.value) == constraint


@pytest.mark.slow
def test_the_export_of_own_data_has_the_history(bo: Member, lan: Member, chen: Member) -> None:
    silver_and_gold()
    sold(bo, 100)
    review(RELEASED)

    [change] = export(lan)["levels"]

    assert (change["before"], change["after"], change["cause"]) == ("", "Silver", "ladder")
    assert change["figures"]["sales"] == 100 * YUAN
    assert export(chen)["levels"] == []
