"""A level decides what an order pays, what is seen of the team, and which materials are open."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from distribution.models import Distributor, Level
from incentives.services.levels import award_level, pin_level, unpin_level
from members.models import Member, User
from orders.services import complete
from tests.api.phone import Phone
from tests.cast import NOON, member, staff
from tests.incentives.levels.ladder import (
    RELEASED,
    YUAN,
    asks,
    award_of,
    level,
    level_of,
    review,
)
from tests.materials.media import published
from tests.shop import (
    DAY,
    PLACED,
    commissions,
    distributor,
    ingest,
    line,
    make_referral,
    order,
    plan,
    referral_chain,
    rule,
    settle_all,
    sku,
)

pytestmark = pytest.mark.django_db


def bought(buyer: Member, number: str, placed_at: Any) -> None:
    ingest(
        order(buyer, line(price=100 * YUAN), number=number, placed_at=placed_at, received=True),
        at=placed_at,
    )


def paid_to_lan(number: str) -> int:
    return sum(row[3] for row in commissions(number) if row[2] == "Lan")


def test_an_order_earns_by_the_level_at_its_placement(db: None) -> None:
    """Everybody earns 10 %, and Silver 15 %: Lan rises between two orders of Bo's."""
    silver = level("Silver", 1)
    asks(silver, min_orders=1)
    sku()
    plan(rule(1_000, 500), rule(1_500, 500, level=silver))
    bo = referral_chain("Mei", "Lan", "Bo")[-1]
    bought(bo, "O-1", PLACED)
    settle_all(at=RELEASED)
    complete(at=RELEASED)
    review(RELEASED)

    bought(bo, "O-2", RELEASED + DAY)
    # Placed before she rose, and ingested after it.
    bought(bo, "O-3", RELEASED - DAY)

    assert [paid_to_lan(number) for number in ("O-1", "O-2", "O-3")] == [1_000, 1_500, 1_000]


def test_a_lost_level_changes_no_order_that_was_placed(db: None, qian: User) -> None:
    silver = level("Silver", 1)
    sku()
    plan(rule(1_000, 500), rule(1_500, 500, level=silver))
    *_, lan, bo = referral_chain("Mei", "Lan", "Bo")
    pin_level(distributor=lan.distributor, level=silver, reason="Trains", by=qian, at=NOON)
    bought(bo, "O-1", PLACED)

    unpin_level(distributor=lan.distributor, reason="Ended", by=qian, at=PLACED + DAY)
    bought(bo, "O-2", PLACED + 2 * DAY)

    assert [paid_to_lan(number) for number in ("O-1", "O-2")] == [1_500, 1_000]


def test_the_level_opens_the_figures_of_the_team(db: None) -> None:
    gold = level("Gold", 2, sees_team_data=True, advanced_materials=True)
    *_, lan, _bo = referral_chain("Mei", "Lan", "Bo")
    (before,) = Phone(lan).get("/distributor/team").json()["results"]

    pin_level(distributor=lan.distributor, level=gold, reason="Trains", by=staff("Qian"), at=NOON)

    (after,) = Phone(lan).get("/distributor/team").json()["results"]
    assert before["figures"] is None
    assert after["figures"] is not None
    me = Phone(lan).get("/distributor").json()["level"]
    assert (me["sees_team_data"], me["advanced_materials"]) == (True, True)


def give_by_ladder(gold: Level, bo: Member) -> None:
    asks(gold, min_orders=1)
    bought(bo, "O-1", PLACED)
    complete(at=RELEASED)
    review(RELEASED)


def give_by_pin(gold: Level, bo: Member) -> None:
    lan = Distributor.objects.get(member__nickname="Lan")
    pin_level(distributor=lan, level=gold, reason="Trains", by=staff("Qian"), at=NOON)


def give_by_award(gold: Level, bo: Member) -> None:
    award_level(award=award_of(member("Lan"), gold), at=NOON)


@pytest.mark.slow
@pytest.mark.parametrize("give", [give_by_ladder, give_by_pin, give_by_award])
def test_the_level_opens_materials(db: None, give: Callable[[Level, Member], None]) -> None:
    gold = level("Gold", 2, advanced_materials=True)
    sku()
    *_, lan, bo = referral_chain("Mei", "Lan", "Bo")
    published(audience="distributors", title="For all")
    published(audience="advanced", title="For advanced")
    published(audience="distributors", lowest_level=gold, title="For gold")
    assert materials_of(lan) == {"For all"}

    give(gold, bo)

    assert level_of(lan) == "Gold"
    assert materials_of(lan) == {"For all", "For advanced", "For gold"}
    assert materials_of(member("Mei")) == {"For all"}


def materials_of(who: Member) -> set[str]:
    return {row["title"] for row in Phone(who).get("/materials").json()["results"]}


def test_referrals_and_joining_lift_nobody(db: None) -> None:
    """Five people in the team, none of whom bought: no level goes by heads."""
    asks(level("Silver", 1), min_orders=1)
    lan = referral_chain("Mei", "Lan", "Bo")[1]
    for number in range(5):
        friend = member_of(lan, number)
        distributor(friend)

    review(RELEASED)

    lan.distributor.refresh_from_db()
    assert lan.distributor.level is None


def member_of(upline: Member, number: int) -> Member:
    friend = member(f"Friend {number}")
    make_referral(upline, friend)
    return friend
