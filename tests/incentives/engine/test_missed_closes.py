"""An order that was only coming when its period was closed leaves the next one to count."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from incentives.models import Audience, Metric, PeriodKind, Version
from incentives.overview.friends import friend_states
from incentives.overview.referred_friends import referred_friends
from incentives.services.closing import close_periods
from ledger.chart import Asset
from members.models import Member
from tests.incentives.engine.story import (
    awards,
    buy,
    complete_by,
    events,
    give_back,
    work,
)
from tests.incentives.offers import published, reward
from tests.shop import DAY, PLACED

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

CLOSED = PLACED + 46 * DAY
"""On 18 December; November closed with the beginning of the 16th."""
LATER = CLOSED + 12 * DAY
MONTHLY: dict[str, Any] = {
    "period": PeriodKind.MONTH, "friend_days": 60, "most_per_member": 50,
}  # fmt: skip
PAID = ("friend:store_credit", 1_000, 1_000, "granted")


def for_friends(**terms: Any) -> Version:
    return published(
        metric=Metric.REFERRED_BUYERS, **{**MONTHLY, **terms},
        rewards=[
            reward(asset=Asset.STORE_CREDIT), reward(asset=Asset.STORE_CREDIT, side="friend"),
        ],
    )  # fmt: skip


def close(at: datetime = CLOSED) -> None:
    while close_periods(at=at, limit=50):
        pass
    work()


def states(version: Version, referrer: Member, friend: Member, *, at: datetime) -> tuple[str, str]:
    """Return how far a friend is, as the referrer reads it and as the friend does."""
    [shown] = referred_friends([version], referrer, at=at)[version.pk]
    own = friend_states([version], friend, at=at).get(version.pk)
    return shown.state, own.state if own else "over"


def test_a_friend_whose_order_missed_the_close_counts_by_the_next_one(
    lan: Member, bo: Member
) -> None:
    version = for_friends()
    buy(bo, "O-1", day=28, received_at=None)
    assert states(version, lan, bo, at=PLACED + 29 * DAY) == ("ordered", "ordered")
    close()
    assert states(version, lan, bo, at=CLOSED) == ("to_order", "to_order")

    buy(bo, "O-2", day=46)
    complete_by(LATER)

    assert awards(lan) == awards(bo) == [PAID]
    assert states(version, lan, bo, at=LATER) == ("counted", "counted")
    assert len(events("incentives.award_granted")) == 2


def test_an_order_that_is_told_after_its_close_takes_nothing_from_the_next_one(
    lan: Member, bo: Member
) -> None:
    """It was completed first, but its period is closed without it."""
    for_friends()
    close()
    buy(bo, "O-2", day=46)
    complete_by(LATER)
    assert awards(lan) == awards(bo) == [PAID]

    buy(bo, "O-1", day=24)
    complete_by(LATER)

    assert awards(lan) == awards(bo) == [PAID]
    assert events("incentives.award_taken_back") == []


def test_a_friend_who_can_order_no_more_is_over(lan: Member, bo: Member) -> None:
    version = for_friends(friend_days=30)
    buy(bo, "O-1", day=28, received_at=None)

    close()

    assert states(version, lan, bo, at=CLOSED) == ("over", "over")


def test_a_friend_who_counted_before_the_close_counts_once(lan: Member, bo: Member) -> None:
    """The control: what counted before the close still bars the next order."""
    version = for_friends()
    buy(bo, "O-1", day=20)
    complete_by(PLACED + 31 * DAY)
    close()

    buy(bo, "O-2", day=46)
    complete_by(LATER)

    assert awards(lan) == awards(bo) == [PAID]
    assert states(version, lan, bo, at=LATER) == ("counted", "counted")


def test_a_new_distributor_whose_sale_missed_the_close_counts_by_the_next_one(
    mei: Member, lan: Member, bo: Member
) -> None:
    published(
        metric=Metric.NEW_DISTRIBUTORS, audience=Audience.DISTRIBUTORS,
        period=PeriodKind.MONTH, most_per_member=10,
        rewards=[reward(asset=Asset.STORE_CREDIT)],
    )  # fmt: skip
    buy(bo, "O-1", day=28, received_at=None)
    close()

    buy(bo, "O-2", day=46)
    complete_by(LATER)

    assert awards(mei) == [PAID]


def test_a_refund_after_the_close_leaves_nothing_for_an_order_that_did_not_count(
    lan: Member, bo: Member
) -> None:
    """December's order was completed first, so November was closed without its own."""
    for_friends()
    buy(bo, "O-1", day=28, received_at=PLACED + 33 * DAY)
    quick = buy(bo, "O-2", day=31, received_at=PLACED + 32 * DAY)
    complete_by(PLACED + 41 * DAY)
    close()
    assert awards(lan) == awards(bo) == [PAID]

    give_back(quick, 10_990, quantity=1, at=CLOSED)

    assert awards(lan) == awards(bo) == [("friend:store_credit", 0, 0, "taken_back")]
