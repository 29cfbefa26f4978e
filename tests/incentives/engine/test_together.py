"""All awards of an order in money together keep the share of the settings.

``awards`` lists the youngest incentive first.
"""

from __future__ import annotations

from typing import Any

import pytest

from incentives.models import Award, Contribution, Metric, Policy, Progress
from incentives.services.catching_up import recount
from members.models import Member
from orders.models import Order
from tests.cast import NOON
from tests.incentives.engine.story import (
    RECEIVED,
    RELEASED,
    awards,
    buy,
    complete_by,
    everything,
    give_back,
)
from tests.incentives.offers import published, reward
from tests.shop import DAY

pytestmark = pytest.mark.django_db
LEFT_OF_60 = 6_594 - 1_648
"""60 % of ¥109.90, less commissions of 15 %."""
LEFT_OF_40 = 4_396 - 1_648
"""40 % of it, less the same."""
MONTHLY: dict[str, Any] = {"reach": "steps", "period": "month"}


@pytest.fixture(autouse=True)
def any_share(db: None) -> None:
    """Allow 100 %, so that any terms can be published; each test then lowers it."""
    limit(10_000)


def given() -> int:
    return sum(Award.objects.values_list("posted", flat=True))


def limit(most: int) -> None:
    Policy.objects.update(most_of_an_order=most)


def test_a_younger_incentive_gets_what_an_older_one_leaves(lan: Member, bo: Member) -> None:
    published(rewards=[reward(2_000)])
    published(metric=Metric.OWN_SALES, rewards=[reward(kind="percent", rate=1_500)])
    limit(4_000)
    buy(bo)
    complete_by(RELEASED)

    # 40 % are ¥43.96; commissions take ¥16.48, the older incentive ¥20.00, and ¥7.48 are left.
    assert awards(lan) == [
        ("O-1:cash", 748, 748, "granted"), ("O-1:cash", 2_000, 2_000, "granted"),
    ]  # fmt: skip


def test_an_order_and_a_month_share_what_is_left(lan: Member, bo: Member) -> None:
    published(rewards=[reward(2_500, threshold=1)], **MONTHLY)
    published(rewards=[reward(2_000)])
    limit(4_000)
    buy(bo)
    complete_by(RELEASED)

    assert awards(lan) == [
        ("O-1:cash", 248, 248, "granted"), ("from:1:cash", 2_500, 2_500, "granted"),
    ]  # fmt: skip


def test_seller_and_friend_share_one_order(lan: Member, bo: Member) -> None:
    both = [reward(2_000, asset="store_credit"), reward(2_000, asset="store_credit", side="friend")]
    published(metric=Metric.REFERRED_BUYERS, rewards=both)
    limit(4_000)
    buy(bo)
    complete_by(RELEASED)

    assert awards(lan) == [("friend:store_credit", 2_000, 2_000, "granted")]
    assert awards(bo) == [("friend:store_credit", 748, 748, "granted")]


def test_a_refund_lowers_all_together(lan: Member, bo: Member) -> None:
    """¥10 of ¥109.90 are left: both incentives together may give ¥4.50, not each of them."""
    published(rewards=[reward(1_000)])
    published(rewards=[reward(1_000)])
    limit(6_000)
    told = buy(bo)
    complete_by(RELEASED)
    assert given() == 2_000

    give_back(told, 9_990, at=RELEASED + DAY)

    assert awards(lan) == [
        ("O-1:cash", 0, 0, "taken_back"), ("O-1:cash", 450, 450, "granted"),
    ]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("numbers", [("O-1", "O-2"), ("O-2", "O-1")], ids=["in turn", "swapped"])
def test_every_order_of_arrival_shares_alike(
    lan: Member, bo: Member, numbers: tuple[str, str]
) -> None:
    """The friend's first order rewards the referrer.

    Told late, it takes that reward from the other order.
    """
    published(metric=Metric.REFERRED_BUYERS, rewards=[reward(5_000, asset="store_credit")], at=NOON)
    published(rewards=[reward(2_000)], at=NOON)
    limit(6_000)
    days = {"O-1": 0, "O-2": 1}
    for number in numbers:
        buy(bo, number, day=days[number])
    complete_by(RELEASED + 2 * DAY)

    assert sorted(awards(lan)) == [
        ("O-2:cash", 2_000, 2_000, "granted"),
        ("friend:store_credit", LEFT_OF_60, LEFT_OF_60, "granted"),
    ]
    before = everything()
    recount(orders=Order.objects.values_list("pk", flat=True), at=RELEASED + 3 * DAY)
    assert everything() == before


@pytest.mark.slow
def test_what_is_stored_adds_up(lan: Member, bo: Member) -> None:
    for fen in (1_000, 2_000, 3_000):
        published(rewards=[reward(fen, threshold=1)], **MONTHLY)
    limit(4_000)
    for number in range(3):
        buy(bo, f"O-{number}", day=number)
    complete_by(RECEIVED + 20 * DAY)

    for row in Progress.objects.all():
        own = Contribution.objects.filter(incentive=row.incentive, member=row.member)
        assert row.room == sum(own.values_list("room", flat=True))
    # Each order keeps for the older two what their step gives for it at most: nothing is left.
    assert given() == 1_000 + 2_000
    for order in Order.objects.all():
        rooms = Contribution.objects.filter(order=order).values_list("room", "friend_room")
        assert sum(map(sum, rooms)) <= LEFT_OF_40
