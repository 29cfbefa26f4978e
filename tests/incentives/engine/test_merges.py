"""Two accounts become one person: what both have adds up, and nothing is paid twice."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from incentives.models import Award, Contribution, Metric, PeriodKind, Version
from incentives.services.gathering import orders_of_merged
from ledger.chart import Asset
from ledger.proof import differences
from members import closing, exports
from members.models import Member
from tests.cast import NOON, member
from tests.incentives.engine.story import (
    NOVEMBER,
    RELEASED,
    awards,
    buy,
    close,
    complete_by,
    merge,
    progress,
)
from tests.incentives.offers import published, reward
from tests.shop import DAY, distributor, make_referral, wallet_balance

pytestmark = pytest.mark.django_db

MONTHLY: dict[str, Any] = {"period": PeriodKind.MONTH, "reach": Version.Reach.STEPS}


@pytest.fixture
def lin(lan: Member) -> Member:
    """A second account of Lan, with a buyer of its own."""
    second = member("Lin")
    distributor(second)
    make_referral(second, member("Dan"))
    return second


@pytest.mark.slow
def test_sales_of_both_add_up_under_the_survivor(lan: Member, bo: Member, lin: Member) -> None:
    published(metric=Metric.OWN_ORDERS, rewards=[reward(threshold=2)], **MONTHLY)
    buy(bo, "O-1")
    buy(member("Dan"), "O-2")
    complete_by(RELEASED)
    assert awards(lan) == awards(lin) == []

    merge(lin, lan)

    assert progress(lan) == [(NOVEMBER, 2, 0)]
    assert progress(lin) == [(NOVEMBER, 0, 0)]
    assert awards(lan) == [("from:2:cash", 1_000, 1_000, "granted")]
    assert wallet_balance(lan) == 1_000


def test_a_step_that_both_reached_is_given_once(lan: Member, bo: Member, lin: Member) -> None:
    published(metric=Metric.OWN_ORDERS, rewards=[reward(threshold=1)], **MONTHLY)
    buy(bo, "O-1")
    buy(member("Dan"), "O-2")
    complete_by(RELEASED)
    assert wallet_balance(lan) == wallet_balance(lin) == 1_000
    ended = Award.objects.get(member=lin)

    merge(lin, lan)

    assert awards(lan) == [
        ("from:1:cash", 1_000, 1_000, "granted"),
        (f"from:1:cash:other:{ended.pk}", 0, 0, "taken_back"),
    ]
    assert awards(lin) == []
    assert (wallet_balance(lan), wallet_balance(lin)) == (1_000, 0)
    assert differences() == []


@pytest.mark.slow
def test_awards_of_orders_go_along(lan: Member, bo: Member, lin: Member) -> None:
    published(metric=Metric.OWN_ORDERS)
    buy(bo, "O-1")
    buy(member("Dan"), "O-2")
    complete_by(RELEASED)

    merge(lin, lan)

    assert [step for step, *_ in awards(lan)] == ["O-1:cash", "O-2:cash"]
    assert awards(lin) == []
    assert wallet_balance(lan) == 2_000
    assert Award.objects.filter(moves=1).count() == 2


@pytest.mark.slow
def test_later_orders_of_the_merged_count_for_the_survivor(
    lan: Member, bo: Member, lin: Member
) -> None:
    published(metric=Metric.OWN_ORDERS)
    buy(member("Dan"), "O-1", day=1)
    merge(lin, lan)
    complete_by(RELEASED + 3 * DAY)

    assert [step for step, *_ in awards(lan)] == ["O-1:cash"]


@pytest.mark.slow
def test_who_brought_themselves_loses_the_award(lan: Member, bo: Member) -> None:
    """Lin, brought by Lan, is Lan."""
    published(metric=Metric.REFERRED_BUYERS, rewards=[reward(800, asset=Asset.STORE_CREDIT)])
    lin = member("Lin")
    make_referral(lan, lin)
    buy(lin)
    complete_by(RELEASED)
    assert awards(lan) == [("friend:store_credit", 800, 800, "granted")]

    merge(lin, lan)

    assert awards(lan) == [("friend:store_credit", 0, 0, "taken_back")]
    assert wallet_balance(lan, Asset.STORE_CREDIT) == 0


@pytest.mark.slow
def test_what_the_merged_account_bought_of_the_survivor_is_no_sale(lan: Member, bo: Member) -> None:
    published(metric=Metric.OWN_ORDERS)
    buy(bo)
    complete_by(RELEASED)
    assert awards(lan) == [("O-1:cash", 1_000, 1_000, "granted")]

    merge(bo, lan)

    assert awards(lan) == [("O-1:cash", 0, 0, "taken_back")]
    assert wallet_balance(lan) == 0
    assert differences() == []


@pytest.mark.slow
@pytest.mark.parametrize("new_account_goes_on", [True, False])
def test_who_bought_before_with_another_account_is_no_new_friend(
    lan: Member, *, new_account_goes_on: bool
) -> None:
    published(metric=Metric.REFERRED_BUYERS, rewards=[reward(800, asset=Asset.STORE_CREDIT)])
    old, new = member("Fan"), member("Fan 2")
    buy(old, "O-1", placed_at=NOON - DAY)
    make_referral(lan, new)
    buy(new, "O-2")
    complete_by(RELEASED)
    assert awards(lan) == [("friend:store_credit", 800, 800, "granted")]

    merge(*((old, new) if new_account_goes_on else (new, old)))

    assert awards(lan) == [("friend:store_credit", 0, 0, "taken_back")]
    assert wallet_balance(lan, Asset.STORE_CREDIT) == 0
    assert differences() == []


@pytest.mark.slow
@pytest.mark.parametrize("brought_account_goes_on", [True, False])
def test_what_another_account_of_a_friend_bought_is_their_first_order(
    lan: Member, *, brought_account_goes_on: bool
) -> None:
    """Nothing counts the order of an account that nobody brought, until it is the friend's."""
    published(metric=Metric.REFERRED_BUYERS, rewards=[reward(800, asset=Asset.STORE_CREDIT)])
    brought, other = member("Fan"), member("Fan 2")
    make_referral(lan, brought)
    buy(other, "O-1", day=1)
    buy(other, "O-2", day=2)
    complete_by(RELEASED + 2 * DAY)
    assert not Contribution.objects.exists()

    merge(*((other, brought) if brought_account_goes_on else (brought, other)))

    assert awards(lan) == [("friend:store_credit", 800, 800, "granted")]
    counted = Contribution.objects.filter(value__gt=0).select_related("order")
    assert [row.order.number for row in counted if row.order] == ["O-1"]


@pytest.mark.slow
def test_orders_long_after_a_friend_was_brought_are_not_counted_again(
    lan: Member, django_assert_num_queries: Any
) -> None:
    published(metric=Metric.REFERRED_BUYERS, rewards=[reward(800, asset=Asset.STORE_CREDIT)])
    for name, in_days in (("Fan", 0), ("Ann", 4)):
        brought, other = member(name), member(f"{name} 2")
        make_referral(lan, brought)
        buy(other, f"{name} LATE", placed_at=NOON + 31 * DAY)
        for day in range(in_days):
            buy(other, f"{name}-{day}", day=day)
        merge(brought, other)
        brought.refresh_from_db()

        with django_assert_num_queries(5):
            assert len(orders_of_merged(brought)) == in_days


@pytest.mark.slow
def test_two_friends_who_are_one_count_in_the_period_that_is_closed(
    lan: Member, bo: Member, dan: Member
) -> None:
    """Dan ordered in December and completed before Bo, who counts in November."""
    published(
        metric=Metric.REFERRED_BUYERS, rewards=[reward(800, asset=Asset.STORE_CREDIT)], **MONTHLY
    )
    buy(bo, "O-1", received_at=NOON + 36 * DAY)
    buy(dan, "O-2", placed_at=NOON + 29 * DAY + timedelta(hours=13))
    complete_by(NOON + 44 * DAY)
    close()
    given = ("from:1:store_credit", 800, 800, "granted")
    assert awards(lan) == [given, given]

    merge(bo, dan)

    assert progress(lan) == [(NOVEMBER, 1, 0), (date(2026, 12, 1), 0, 0)]
    assert awards(lan) == [given, ("from:1:store_credit", 0, 0, "taken_back")]
    assert wallet_balance(lan, Asset.STORE_CREDIT) == 800
    assert differences() == []


@pytest.mark.slow
def test_awards_are_exported_and_keep_an_account_open(lan: Member, bo: Member) -> None:
    published(metric=Metric.OWN_ORDERS, name="Each")
    buy(bo)
    complete_by(RELEASED)
    Award.objects.update(status="held", hold="risk", target=2_000)

    [exported] = exports.export(lan)["awards"]
    assert exported["incentive"] == "Each"
    assert (exported["due"], exported["given"], exported["status"]) == (2_000, 1_000, "held")
    assert "awards_open" in {row.code for row in closing.close_blockers(lan)}
    assert "awards_open" not in {row.code for row in closing.close_blockers(bo)}
