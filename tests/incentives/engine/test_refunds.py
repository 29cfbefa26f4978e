"""Refunds before, with and after the grant, and after the close: as the terms say."""

from __future__ import annotations

from datetime import timedelta

import pytest

from commissions.models import Commission
from events.models import Event
from incentives.models import Contribution, Metric, PeriodClosing, PeriodKind, Version
from ledger.chart import Asset, Kind
from ledger.models import Transfer
from ledger.proof import differences
from ledger.services import spend
from members.models import Member
from tests import shop
from tests.incentives.engine.story import (
    CLOSED,
    RELEASED,
    awards,
    buy,
    close,
    complete_by,
    events,
    everything,
    give_back,
)
from tests.incentives.offers import published, reward
from tests.shop import DAY, PLACED, line, wallet_balance

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)
MONTHLY = {"period": PeriodKind.MONTH, "reach": Version.Reach.STEPS}


@pytest.mark.slow
def test_a_refund_before_the_grant_lowers_it(lan: Member, bo: Member) -> None:
    published(metric=Metric.OWN_ORDERS)
    told = buy(bo)
    give_back(told, 10_990, quantity=1, at=PLACED + 4 * DAY)
    complete_by(RELEASED)

    assert awards(lan) == []
    assert wallet_balance(lan) == 0


def test_a_refund_after_the_grant_takes_it_back(lan: Member, bo: Member) -> None:
    published(metric=Metric.OWN_ORDERS)
    told = buy(bo)
    complete_by(RELEASED)
    assert wallet_balance(lan) == 1_000

    give_back(told, 10_990, quantity=1, at=RELEASED + DAY)

    assert awards(lan) == [("O-1:cash", 0, 0, "taken_back")]
    assert wallet_balance(lan) == 0
    keys = Transfer.objects.filter(key__startswith="award:").order_by("pk")
    assert list(keys.values_list("reason", "amount")) == [("award", 1_000), ("award_return", 1_000)]
    [lost] = events("incentives.award_taken_back")
    assert lost == {"member": lan.public_id, "kind": "amount", "asset": "cash", "amount": 1_000}
    assert differences() == []


@pytest.mark.slow
def test_a_refund_in_the_second_of_the_grant_leaves_nothing(lan: Member, bo: Member) -> None:
    published(metric=Metric.OWN_ORDERS)
    told = buy(bo)
    give_back(told, 10_990, quantity=1, at=RELEASED)
    complete_by(RELEASED)

    assert awards(lan) == []

    # The other order of arrival: the refund is told after the grant, of the same second.
    other = buy(bo, "O-2", day=1)
    complete_by(RELEASED + DAY)
    give_back(other, 10_990, quantity=1, at=RELEASED + DAY, number="R-2")

    assert awards(lan) == [("O-2:cash", 0, 0, "taken_back")]
    assert wallet_balance(lan) == 0


@pytest.mark.slow
def test_a_part_of_a_percentage_is_taken_back_with_a_part_of_the_order(
    lan: Member, bo: Member
) -> None:
    published(
        metric=Metric.OWN_SALES,
        rewards=[reward(kind="percent", rate=300, asset=Asset.STORE_CREDIT)],
    )
    told = buy(bo, "O-1", line(quantity=2))
    complete_by(RELEASED)
    assert awards(lan) == [("O-1:store_credit", 659, 659, "granted")]

    give_back(told, 10_990, quantity=1, at=RELEASED + DAY)

    assert awards(lan) == [("O-1:store_credit", 329, 329, "granted")]
    assert wallet_balance(lan, Asset.STORE_CREDIT) == 329


@pytest.mark.slow
def test_what_was_spent_meanwhile_becomes_a_debt(lan: Member, bo: Member) -> None:
    published(metric=Metric.OWN_ORDERS, rewards=[reward(asset=Asset.STORE_CREDIT)])
    told = buy(bo)
    complete_by(RELEASED)
    spend(
        key="s1", member=lan, asset=Asset.STORE_CREDIT, amount=700, order="S-1", at=RELEASED
    )  # fmt: skip

    give_back(told, 10_990, quantity=1, at=RELEASED + DAY)

    assert wallet_balance(lan, Asset.STORE_CREDIT) == 0
    assert wallet_balance(lan, Asset.STORE_CREDIT, Kind.OWED) == 700
    assert differences() == []


def test_after_the_close_a_refund_changes_nothing(lan: Member, bo: Member) -> None:
    published(metric=Metric.OWN_ORDERS, rewards=[reward(threshold=1)], **MONTHLY)
    told = buy(bo)
    complete_by(RELEASED)
    close()
    before = everything()

    give_back(told, 10_990, quantity=1, at=CLOSED + DAY)

    assert everything() == before
    assert awards(lan) == [("from:1:cash", 1_000, 1_000, "granted")]


@pytest.mark.slow
def test_after_the_close_a_refund_takes_back_if_the_terms_say_so(lan: Member, bo: Member) -> None:
    published(
        metric=Metric.OWN_ORDERS, rewards=[reward(threshold=1)], takes_back_after_close=True,
        **MONTHLY,
    )  # fmt: skip
    told = buy(bo)
    complete_by(RELEASED)
    close()

    give_back(told, 10_990, quantity=1, at=CLOSED + DAY)

    assert awards(lan) == [("from:1:cash", 0, 0, "taken_back")]
    [row] = Contribution.objects.all()
    assert (row.value, row.counted) == (0, True)


@pytest.mark.slow
def test_a_part_that_is_taken_back_after_the_close_lowers_the_limit(
    lan: Member, bo: Member
) -> None:
    """The order still counts. Of the ¥4 that are left, 60 % less ¥0.60 are left for the award."""
    published(
        metric=Metric.OWN_ORDERS, rewards=[reward(threshold=1)], takes_back_after_close=True,
        **MONTHLY,
    )  # fmt: skip
    told = buy(bo, "O-1", line(price=1_000))
    complete_by(RELEASED)
    close()
    assert awards(lan) == [("from:1:cash", 450, 450, "granted")]

    give_back(told, 600, at=CLOSED + DAY)

    assert awards(lan) == [("from:1:cash", 180, 180, "granted")]


@pytest.mark.slow
def test_after_the_close_nothing_more_is_counted(lan: Member, bo: Member) -> None:
    published(
        metric=Metric.OWN_ORDERS, rewards=[reward(threshold=2)], takes_back_after_close=True,
        **MONTHLY,
    )  # fmt: skip
    buy(bo, "O-1")
    complete_by(RELEASED)
    close()
    assert PeriodClosing.objects.count() == 1

    buy(bo, "O-2", day=1)  # told late: it was paid in November, and completed before the close
    complete_by(CLOSED + DAY)

    assert awards(lan) == []
    assert Contribution.objects.count() == 1


@pytest.mark.slow
def test_an_order_that_completes_after_the_close_never_counts(lan: Member, bo: Member) -> None:
    published(metric=Metric.OWN_ORDERS, close_days=7, rewards=[reward(threshold=1)], **MONTHLY)
    buy(bo, day=27)
    complete_by(CLOSED)

    assert awards(lan) == []


@pytest.mark.slow
def test_an_award_of_one_order_is_kept_after_its_own_days(lan: Member, bo: Member) -> None:
    published(metric=Metric.OWN_ORDERS, close_days=15)
    told = buy(bo)
    complete_by(RELEASED)

    give_back(told, 10_990, quantity=1, at=PLACED + 16 * DAY)

    assert awards(lan) == [("O-1:cash", 1_000, 1_000, "granted")]


@pytest.mark.slow
def test_a_refund_that_comes_too_late_raises_nothing(lan: Member, bo: Member) -> None:
    """Of ¥10, 60 % less ¥1 and ¥0.50 of commissions are left for the award of ¥10.

    A later refund lowers the commissions, and leaves what counts.
    """
    published(metric=Metric.OWN_ORDERS, close_days=15)
    told = buy(bo, "O-1", line(price=1_000))
    complete_by(RELEASED)
    assert awards(lan) == [("O-1:cash", 450, 450, "granted")]

    give_back(told, 600, at=PLACED + 16 * DAY)

    assert sum(row.current for row in Commission.objects.all()) == 60
    assert awards(lan) == [("O-1:cash", 450, 450, "granted")]


@pytest.mark.slow
def test_the_refunds_in_time_lower_the_limit_of_an_award(lan: Member, bo: Member) -> None:
    """One refund of ¥5 is in time: 60 % of ¥5, less ¥0.50 and ¥0.25. Another one is too late."""
    published(metric=Metric.OWN_ORDERS, close_days=15)
    told = buy(bo, "O-1", line(price=1_000))
    complete_by(RELEASED)
    give_back(told, 500, at=RELEASED + DAY)
    assert awards(lan) == [("O-1:cash", 225, 225, "granted")]

    first = shop.refund(500, number="R-1", at=RELEASED + DAY)
    give_back(shop.with_refund(told, first), 300, at=PLACED + 16 * DAY, number="R-2")

    assert awards(lan) == [("O-1:cash", 225, 225, "granted")]


@pytest.mark.slow
def test_a_refund_that_is_told_late_counts_by_its_own_time(lan: Member, bo: Member) -> None:
    """Within its days by the mall's clock, told months later."""
    published(metric=Metric.OWN_ORDERS, close_days=15)
    told = buy(bo)
    complete_by(RELEASED)

    give_back(told, 10_990, quantity=1, at=PLACED + 15 * DAY - timedelta(hours=1))

    assert awards(lan) == [("O-1:cash", 0, 0, "taken_back")]


@pytest.mark.slow
def test_a_step_that_is_lost_comes_again_with_the_next_order(lan: Member, bo: Member) -> None:
    published(metric=Metric.OWN_ORDERS, rewards=[reward(threshold=2)], **MONTHLY)
    first = buy(bo, "O-1")
    buy(bo, "O-2", day=1)
    complete_by(RELEASED + DAY)
    give_back(first, 10_990, quantity=1, at=RELEASED + 2 * DAY)
    assert awards(lan) == [("from:2:cash", 0, 0, "taken_back")]

    buy(bo, "O-3", day=3)
    complete_by(RELEASED + 3 * DAY)

    assert awards(lan) == [("from:2:cash", 1_000, 1_000, "granted")]
    assert wallet_balance(lan) == 1_000
    names = Event.objects.filter(name__startswith="incentives.award").order_by("pk")
    assert list(names.values_list("name", flat=True)) == [
        "incentives.award_granted", "incentives.award_taken_back", "incentives.award_granted",
    ]  # fmt: skip


@pytest.mark.slow
def test_facts_that_are_told_twice_move_nothing(lan: Member, bo: Member) -> None:
    published(metric=Metric.OWN_ORDERS)
    buy(bo)
    complete_by(RELEASED)
    before = everything()

    buy(bo)
    complete_by(RELEASED + DAY)

    assert everything() == before


@pytest.mark.slow
@pytest.mark.parametrize(("takes_back", "left"), [(False, 3_000), (True, 1_000)])
def test_a_prize_is_lowered_after_the_close_only_if_the_terms_say_so(
    mei: Member, lan: Member, bo: Member, takes_back: bool, left: int
) -> None:
    """Lan was first with three masks; with one Lan would be second."""
    published(
        metric=Metric.OWN_UNITS, period=PeriodKind.MONTH, reach=Version.Reach.RANK,
        rewards=[
            reward(3_000, first_rank=1, last_rank=1), reward(1_000, first_rank=2, last_rank=2),
        ],
        takes_back_after_close=takes_back,
    )  # fmt: skip
    told = buy(bo, "O-1", line(quantity=3))
    buy(lan, "O-2", line(quantity=2), day=1)
    complete_by(RELEASED + DAY)
    close()
    assert [wallet_balance(who) for who in (lan, mei)] == [3_000, 1_000]

    give_back(told, 2 * 10_990, quantity=2, at=CLOSED + DAY)

    assert [wallet_balance(who) for who in (lan, mei)] == [left, 1_000]


@pytest.mark.slow
def test_who_has_nothing_left_after_the_close_has_no_prize(lan: Member, bo: Member) -> None:
    published(
        metric=Metric.OWN_UNITS, period=PeriodKind.MONTH, reach=Version.Reach.RANK,
        rewards=[reward(3_000, first_rank=1, last_rank=1)], takes_back_after_close=True,
    )  # fmt: skip
    told = buy(bo)
    complete_by(RELEASED)
    close()

    give_back(told, 10_990, quantity=1, at=CLOSED + DAY)

    assert [row[1:] for row in awards(lan)] == [(0, 0, "taken_back")]
    assert wallet_balance(lan) == 0
