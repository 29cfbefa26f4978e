"""Boosts: a distributor earns a multiple of the rules on orders that are placed in some days."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from commissions.admin.person import boosts
from commissions.explanations import explain
from commissions.models import Boost, OrderCommissionTerms, Plan
from commissions.plan_reviews import review_plan
from commissions.potential import potential_earnings
from commissions.services import add_boost, end_boost
from commissions.services.boosts import BoostInvalid, BoostSourceUsed, move_boosts
from commissions.simulation import BasketItem, simulate
from distribution.models import Distributor
from events.models import Reference
from integration.merges import merge_members, propose_merge
from members.models import Member
from tests import shop
from tests.cast import NOON, give, staff
from tests.shop import DAY, PLACED, WEEK, commissions, ingest, order, refund, with_refund

AWARD = Reference("incentives.award", "award-1")
DOUBLE = 20_000


def lan() -> Distributor:
    return Distributor.objects.get(member__nickname="Lan")


def boost(rate: int = DOUBLE, *, starts_at: datetime = NOON, **terms: Any) -> Boost:
    """Boost Lan, who is tier 1 of Bo's orders, for a week."""
    given = {"distributor": lan(), "ends_at": starts_at + WEEK, "source": AWARD, **terms}
    return add_boost(rate=rate, starts_at=starts_at, **given)


def amounts(number: str = "O-1") -> list[int]:
    return [current for *_rest, current, _state in commissions(number)]


def test_a_boost_multiplies_the_commission_of_its_distributor_alone(db: None) -> None:
    buyer = shop.open_shop()
    boost()

    ingest(order(buyer))

    assert amounts() == [2_198, 549]  # 10 % of 109.90 twice; tier 2 as before


@pytest.mark.parametrize(
    ("placed_at", "expected"),
    [
        (PLACED - DAY / 24, [1_099, 549]),  # an hour before
        (PLACED, [2_198, 549]),
        (PLACED + WEEK - DAY / 24, [2_198, 549]),
        (PLACED + WEEK, [1_099, 549]),  # the end is not in it
    ],
)
def test_the_placement_decides(db: None, placed_at: datetime, expected: list[int]) -> None:
    buyer = shop.open_shop()
    boost(starts_at=PLACED)

    ingest(order(buyer, placed_at=placed_at), at=placed_at + DAY)

    assert amounts() == expected


@pytest.mark.slow
def test_an_ended_boost_stays_with_the_orders_placed_before(db: None) -> None:
    buyer = shop.open_shop()
    boost()
    before = order(buyer, number="before", paid=False)
    ingest(before)

    assert end_boost(source=AWARD, at=PLACED + DAY)

    ingest(order(buyer, number="before"), at=PLACED + 2 * DAY)  # paid only now
    ingest(order(buyer, number="late"), at=PLACED + 2 * DAY)  # known only now
    ingest(order(buyer, number="after", placed_at=PLACED + DAY), at=PLACED + 2 * DAY)
    assert amounts("before") == amounts("late") == [2_198, 549]
    assert amounts("after") == [1_099, 549]
    assert not end_boost(source=AWARD, at=PLACED + 2 * DAY)


def test_a_boost_that_is_added_later_changes_no_known_order(db: None) -> None:
    buyer = shop.open_shop()
    ingest(order(buyer, paid=False))

    boost()
    ingest(order(buyer))

    assert amounts() == [1_099, 549]


def test_of_several_boosts_the_highest_one_counts(db: None) -> None:
    buyer = shop.open_shop()
    shop.plan(shop.rule(boost=15_000, boost_from=NOON, boost_until=NOON + WEEK), at=NOON + DAY / 24)
    boost()
    boost(12_000, source=Reference("incentives.award", "award-2"))

    ingest(order(buyer))

    assert amounts() == [2_198, 824]  # twice for tier 1; the rule's 150 % for tier 2


def test_the_cap_holds_against_a_boost(db: None) -> None:
    buyer = shop.open_shop()
    boost(100_000)

    ingest(order(buyer))

    assert amounts() == [5_495]  # half of 109.90; nothing is left for tier 2


def test_a_refund_leaves_the_boosted_commission_of_the_rest(db: None) -> None:
    buyer = shop.open_shop()
    boost()
    facts = order(buyer)
    ingest(facts)
    end_boost(source=AWARD, at=PLACED + DAY)

    ingest(with_refund(facts, refund(3_663)), at=PLACED + 4 * DAY)

    assert amounts() == [1_465, 366]  # 20 % of 73.27, rounded down


def test_the_explanation_names_the_boost(db: None, in_english: None) -> None:
    buyer = shop.open_shop()
    boost()
    ingest(order(buyer))

    [line] = explain(shop.get_order())

    text = " ".join(line.tiers[0].sentences)
    assert "Their own boost of 200% was in force" in text
    assert "boosted to 200%" in text
    assert line.matches_stored
    assert "boost" not in " ".join(line.tiers[1].sentences)


def test_an_order_without_commissions_is_explained_by_its_boost(db: None) -> None:
    """The boosts of its placement are on the order: ending one later changes no answer."""
    buyer = shop.open_shop()
    boost()
    ingest(order(buyer, paid=False))
    end_boost(source=AWARD, at=PLACED + DAY)

    [line] = explain(shop.get_order())

    assert line.tiers[0].original == 2_198


def test_a_simulation_and_the_price_list_know_the_boost(db: None, in_english: None) -> None:
    buyer = shop.open_shop()
    boost()

    [line] = simulate(plan=Plan.objects.get(), basket=[BasketItem("mask")], buyer=buyer, at=PLACED)

    assert [tier.original for tier in line.tiers] == [2_198, 549]
    assert "Their own boost of 200%" in " ".join(line.tiers[0].sentences)
    product = shop.Product.objects.get()
    earning = potential_earnings([product], member=lan().member, at=PLACED)[product.pk]
    assert (earning.least, earning.most) == (2_198, 2_198)


def test_the_worst_case_of_a_plan_counts_the_highest_boost(db: None, in_english: None) -> None:
    shop.open_shop()
    plan = Plan.objects.get()
    assert review_plan(plan, at=PLACED).share == 1_500

    boost(40_000)

    review = review_plan(plan, at=PLACED)
    assert (review.share, review.share_after_cap) == (6_000, 5_000)
    assert "Computed with the highest boost" in " ".join(review.warnings)
    assert "400%" in " ".join(review.warnings)
    assert review_plan(plan, at=NOON + WEEK).share == 1_500  # over by then


def test_a_source_boosts_once(db: None, in_english: None) -> None:
    shop.open_shop()

    assert boost() == boost()

    with pytest.raises(BoostSourceUsed, match="end that one"):
        boost(30_000)
    assert Boost.objects.count() == 1


def test_a_source_may_boost_again_after_the_end(db: None) -> None:
    shop.open_shop()
    boost()
    end_boost(source=AWARD, at=PLACED)

    again = boost(starts_at=PLACED + DAY)

    assert Boost.objects.in_bulk().keys() == {again.pk, again.pk - 1}


def test_a_source_may_boost_again_after_a_boost_that_was_over(db: None) -> None:
    shop.open_shop()
    boost()

    assert not end_boost(source=AWARD, at=NOON + 2 * WEEK), "it was over before"

    again = boost(starts_at=NOON + 2 * WEEK)
    over = Boost.objects.exclude(pk=again.pk).get()
    assert over.ended_at == over.ends_at


@pytest.mark.parametrize(
    "terms", [{"rate": 10_000}, {"rate": 100_001}, {"rate": DOUBLE, "ends_at": NOON}]
)
def test_a_boost_that_lowers_or_never_runs_is_refused(
    db: None, in_english: None, terms: dict[str, Any]
) -> None:
    shop.open_shop()

    with pytest.raises(BoostInvalid, match="Correct rate or"):
        boost(**terms)
    assert not Boost.objects.exists()


@pytest.mark.parametrize(
    "change", [{"rate": 30_000}, {"ends_at": NOON + 2 * WEEK}, {"source_id": "another"}]
)
def test_a_boost_never_changes(db: None, change: dict[str, Any]) -> None:
    shop.open_shop()
    boost()

    with pytest.raises(IntegrityError), transaction.atomic():
        Boost.objects.update(**change)


def test_an_end_is_final(db: None) -> None:
    shop.open_shop()
    boost()
    end_boost(source=AWARD, at=PLACED)

    with pytest.raises(IntegrityError, match="ends once"), transaction.atomic():
        Boost.objects.update(ended_at=PLACED + DAY)
    with pytest.raises(IntegrityError), transaction.atomic():
        Boost.objects.all().delete()


def test_the_boosts_of_an_order_never_change(db: None) -> None:
    buyer = shop.open_shop()
    ingest(order(buyer))

    with pytest.raises(IntegrityError), transaction.atomic():
        OrderCommissionTerms.objects.update(tier1_boost=DOUBLE)


def test_boosts_of_many_orders_are_read_at_once(db: None) -> None:
    buyer = shop.open_shop()
    boost()

    with CaptureQueriesContext(connection) as seen:
        ingest(*(order(buyer, number=str(number)) for number in range(5)))

    assert len([row for row in seen if "commissions_boost" in row["sql"]]) == 1


def test_the_boost_of_a_merged_distributor_goes_on_under_the_survivor(
    db: None, chen: Member
) -> None:
    shop.open_shop()
    survivor = shop.distributor(chen)
    boost()

    moved = move_boosts(merged=lan().member, survivor=chen, at=PLACED)

    assert moved == 1
    old, new = Boost.objects.order_by("pk")
    assert (old.distributor, old.ended_at) == (lan(), PLACED)
    assert (new.distributor, new.starts_at, new.ends_at) == (survivor, PLACED, NOON + WEEK)
    assert end_boost(source=AWARD, at=PLACED + DAY), "its source still ends it"


def test_a_boost_ends_with_a_survivor_who_is_no_distributor(db: None, chen: Member) -> None:
    shop.open_shop()
    boost()

    assert move_boosts(merged=lan().member, survivor=chen, at=PLACED) == 0
    assert Boost.objects.get().ended_at == PLACED


def test_the_page_of_a_person_shows_their_boosts(db: None, rf: RequestFactory) -> None:
    shop.open_shop()
    assert boosts(rf.get("/"), lan().member) is None
    boost()
    end_boost(source=AWARD, at=PLACED)

    shown = boosts(rf.get("/"), lan().member)

    assert shown
    [row] = shown["table"]["rows"]
    assert row[0] == "200%"
    assert str(row[3]).startswith("2026-11-02")
    assert "award-1" in str(row[4])


@pytest.mark.slow
def test_a_merge_lets_the_team_earn_the_survivor_as_much(db: None, chen: Member) -> None:
    buyer = shop.open_shop()
    shop.distributor(chen)
    boost()
    qian, feng = give(staff("Qian"), "propose_merge"), give(staff("Feng"), "decide_merge")
    proposal = propose_merge(
        merged=lan().member, survivor=chen, reason="same person", by=qian, at=PLACED
    )
    merge_members(proposal=proposal, by=feng, at=PLACED)

    ingest(order(buyer, placed_at=PLACED + DAY), at=PLACED + 2 * DAY)

    assert [(row[2], row[4]) for row in commissions()] == [("Chen", 2_198)]
