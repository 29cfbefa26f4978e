"""Lan reads the ladder on her phone: what counts, what is missing, what she may lose."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from common import clock
from distribution.models import Distributor, Segment
from incentives.models import LevelWarning
from incentives.services.levels import award_level, pin_level
from members.models import Member, User
from tests.api.phone import Phone, outcome
from tests.cast import member
from tests.incentives.levels.ladder import (
    YUAN,
    asks,
    award_of,
    level,
    review,
    silver_and_gold,
    sold,
)
from tests.shop import DAY, distributor, make_referral, plan, rule, sku

pytestmark = pytest.mark.django_db


@pytest.fixture
def now(db: None) -> datetime:
    return clock.now()


@pytest.fixture
def lan(now: datetime) -> Member:
    """Has been a distributor for a while, as seen from now."""
    sku()
    seller = member("Lan")
    distributor(seller, at=now - 200 * DAY)
    return seller


@pytest.fixture
def bo(lan: Member, now: datetime) -> Member:
    return friend_of(lan, "Bo", now)


def friend_of(lan: Member, name: str, now: datetime) -> Member:
    friend = member(name)
    make_referral(lan, friend, at=now - 190 * DAY)
    return friend


def ladder(who: Member) -> dict[str, Any]:
    response = Phone(who).get("/distributor/levels")
    assert response.status_code == 200, response.content
    body: dict[str, Any] = response.json()
    return body


@pytest.mark.slow
def test_the_ladder_says_what_counts_and_what_is_missing(
    bo: Member, lan: Member, now: datetime
) -> None:
    silver_and_gold()
    level("Director", 3, sees_team_data=True)
    sold(bo, 120, placed_at=now - 11 * DAY)
    review(now)

    body = ladder(lan)

    assert {**body, "levels": []} == {
        "current": "Silver", "given_by": "ladder", "until": None, "next": "Gold", "warning": None,
        "rates": None, "levels": [],
    }  # fmt: skip
    silver, gold, director = body["levels"]
    assert gold["condition"] == {
        "window": "days_30", "window_text": "last 30 days", "sales": 300 * YUAN, "orders": None,
        "buyers": 2, "grace_days": 30,
    }  # fmt: skip
    assert gold["figures"] == {"sales": 120 * YUAN, "orders": 1, "buyers": 1}
    assert gold["missing"] == {"sales": 180 * YUAN, "orders": 0, "buyers": 1}
    assert (gold["is_reached"], silver["is_reached"]) == (False, True)
    assert silver["missing"] == {"sales": 0, "orders": 0, "buyers": 0}
    assert gold["counted_to"] == str(clock.business_day(clock.now()))
    assert (director["condition"], director["figures"], director["missing"]) == (None, None, None)
    assert (director["counted_from"], director["sees_team_data"]) == (None, True)


def percent(tier1: int, tier2: int) -> dict[str, Any]:
    return {
        "kind": "percent", "base": "paid", "asset": "cash", "tier1": tier1, "tier2": tier2,
    }  # fmt: skip


def rates(who: Member) -> list[Any]:
    """Return what each level earns, the lowest first, and last what the member earns now."""
    body = ladder(who)
    return [row["rates"] for row in body["levels"]] + [body["rates"]]


def test_each_level_says_what_it_earns_by_the_plan_in_force(lan: Member) -> None:
    silver, _gold = silver_and_gold()
    assert rates(lan) == [None, None, None]

    plan(
        rule(1_000, 500), rule(1_500, 700, level=silver),
        rule(3_000, 0, layer="product", product=sku("tea").product),
    )  # fmt: skip

    assert rates(lan) == [percent(1_500, 700), percent(1_000, 500), percent(1_000, 500)]


@pytest.mark.slow
def test_a_rule_for_the_own_segment_counts_where_none_names_the_level(
    lan: Member, now: datetime
) -> None:
    silver, _gold = silver_and_gold()
    experts = Segment.objects.create(name="Experts")
    Distributor.objects.filter(member=lan).update(segment=experts)
    plan(
        rule(1_000, 500),
        rule(1_500, 700, level=silver, boost=20_000, boost_from=now - DAY, boost_until=now + DAY),
        rule(300, None, segment=experts, kind="per_unit"),
    )  # fmt: skip

    per_unit = percent(300, 0) | {"kind": "per_unit"}
    assert rates(lan) == [percent(3_000, 1_400), per_unit, per_unit]


@pytest.mark.slow
def test_a_plan_that_pays_only_for_some_products_has_no_base_rate(lan: Member) -> None:
    silver_and_gold()
    plan(rule(3_000, 0, layer="product", product=sku("tea").product))

    assert rates(lan) == [None, None, None]


@pytest.mark.slow
def test_a_warning_says_until_when_the_level_is_kept(
    bo: Member, lan: Member, now: datetime
) -> None:
    silver_and_gold()
    sold(bo, 100, placed_at=now - 60 * DAY)
    review(now - 50 * DAY)
    review(now)

    body = ladder(lan)

    falls_at = LevelWarning.objects.get().falls_at
    assert body["current"] == "Silver"
    assert body["warning"]["level"] == ""
    assert datetime.fromisoformat(body["warning"]["falls_at"]) == falls_at


@pytest.mark.slow
def test_a_pinned_or_awarded_level_says_so_and_warns_of_nothing(
    bo: Member, lan: Member, now: datetime, qian: User
) -> None:
    silver, gold = silver_and_gold()
    sold(bo, 100, placed_at=now - 60 * DAY)
    review(now - 50 * DAY)
    review(now)
    award_level(award=award_of(lan, gold, days=10), at=now)
    awarded = ladder(lan)
    assert (awarded["current"], awarded["given_by"], awarded["warning"]) == ("Gold", "award", None)
    assert datetime.fromisoformat(awarded["until"]) == now + 10 * DAY

    pin_level(distributor=lan.distributor, level=silver, reason="Trains", by=qian, at=now)

    pinned = ladder(lan)
    assert (pinned["current"], pinned["given_by"], pinned["until"]) == ("Silver", "pin", None)
    # The reason is the staff's own.
    assert "Trains" not in str(pinned)


def test_one_who_is_no_distributor_has_no_ladder(chen: Member) -> None:
    assert outcome(Phone(chen).get("/distributor/levels")) == (404, "not_distributor")


@pytest.mark.slow
def test_the_figures_of_others_are_not_shown(bo: Member, lan: Member, now: datetime) -> None:
    silver_and_gold()
    sold(bo, 100, placed_at=now - 11 * DAY)
    distributor(bo, at=now - DAY)

    own = ladder(bo)["levels"][0]["figures"]

    assert own == {"sales": 0, "orders": 0, "buyers": 0}


@pytest.mark.slow
def test_more_levels_and_orders_need_no_more_queries(
    bo: Member, lan: Member, now: datetime
) -> None:
    asks(level("Silver", 1), min_orders=1)
    plan(rule(1_000, 500))
    sold(bo, 100, placed_at=now - 11 * DAY)
    phone = Phone(lan)
    few = queries(phone)
    for number in range(2, 7):
        asks(level(f"Level {number}", number), "quarter", min_orders=number)
        sold(bo, 100, placed_at=now - 11 * DAY)

    assert queries(phone) == few


def queries(phone: Phone) -> int:
    phone.get("/distributor/levels")
    with CaptureQueriesContext(connection) as seen:
        phone.get("/distributor/levels")
    return len(seen)
