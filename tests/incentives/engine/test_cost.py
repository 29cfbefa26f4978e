"""What is counted, explained and shown reads what it is about, not all orders of the period."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incentives.explanations import explain
from incentives.models import Award, Contribution, Metric, PeriodKind, Progress, Version
from incentives.overview.progress import own_progress
from incentives.services.catching_up import catch_up
from ledger.chart import Asset
from members.models import Member
from orders.models import Attribution, Order
from orders.services import complete
from tests import shop
from tests.cast import member
from tests.incentives.engine.story import RELEASED
from tests.incentives.offers import published, reward
from tests.rows_read import reads_at_most, rows_read
from tests.shop import PLACED, distributor, make_referral

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

ORDERS, FEW = 90, 60
"""Nothing may read ``FEW`` rows, where the period has ``ORDERS`` orders."""
LATER = RELEASED + timedelta(days=1)


def in_steps() -> Version:
    return published(
        metric=Metric.OWN_SALES, period=PeriodKind.MONTH, reach=Version.Reach.STEPS,
        rewards=[reward(2_000, threshold=20_000), reward(3_000, threshold=10**9)],
    )  # fmt: skip


def for_each() -> Version:
    return published(metric=Metric.OWN_ORDERS, rewards=[reward(10, asset=Asset.POINTS)])


def for_each_in_a_month() -> Version:
    return published(
        metric=Metric.OWN_SALES, period=PeriodKind.MONTH,
        rewards=[reward(kind="percent", asset=Asset.CASH, rate=500)],
    )  # fmt: skip


def first_sales() -> Version:
    return published(metric=Metric.FIRST_SALE)


def new_distributors() -> Version:
    return published(
        metric=Metric.NEW_DISTRIBUTORS, rewards=[reward(700, asset=Asset.STORE_CREDIT)],
        period=PeriodKind.MONTH, most_per_member=3,
    )  # fmt: skip


def sell(buyer: Member, count: int) -> list[int]:
    """Sell orders of one day, complete them, and count all but the last one."""
    told = [
        shop.order(
            buyer, number=f"O-{place}", received=True, placed_at=PLACED + timedelta(minutes=place)
        )
        for place in range(count)
    ]
    shop.ingest(*told)
    while complete(at=LATER):
        pass
    keys = list(Order.objects.order_by("pk").values_list("pk", flat=True))
    catch_up(orders=keys[:-1], at=LATER)
    return keys


@pytest.mark.parametrize("offer", [in_steps, for_each, for_each_in_a_month])
def test_counting_an_order_reads_no_other_order_of_its_period(
    lan: Member, bo: Member, offer: Callable[[], Version]
) -> None:
    offer()
    *_, last = sell(bo, ORDERS)

    with reads_at_most(FEW):
        catch_up(orders=[last], at=LATER)

    assert Contribution.objects.filter(order=last).exists()
    assert Award.objects.filter(posted__gt=0).count() == (ORDERS if "each" in offer.__name__ else 1)


def test_the_limit_shows_what_a_sum_of_the_period_reads(lan: Member, bo: Member) -> None:
    """The control: what the test above would refuse."""
    in_steps()
    sell(bo, ORDERS)
    place = Progress.objects.get()
    rows = Contribution.objects.filter(
        incentive=place.incentive_id, member=lan, period_start=place.period_start
    )
    with CaptureQueriesContext(connection) as queries:
        assert rows.count() == ORDERS - 1

    assert rows_read(queries[0]["sql"]) > FEW


@pytest.fixture
def others(mei: Member) -> Member:
    """A buyer of another distributor below Mei."""
    chen, dan = member("Chen"), member("Dan")
    distributor(chen)
    make_referral(mei, chen)
    make_referral(chen, dan)
    return dan


@pytest.mark.parametrize("offer", [first_sales, new_distributors])
def test_who_counts_once_is_found_without_the_orders_of_other_distributors(
    lan: Member, bo: Member, others: Member, offer: Callable[[], Version]
) -> None:
    """The order that counts changes: any other one of Lan's might count in its place."""
    offer()
    shop.ingest(shop.order(bo, number="L-1", received=True))
    shop.ingest(shop.order(bo, number="L-2", received=True))
    first, *_ = sell(others, ORDERS)
    assert Contribution.objects.filter(value__gt=0).count() == 2, "of Lan, and of Chen"

    with reads_at_most(FEW):
        catch_up(orders=[first], at=LATER)


def test_who_sold_before_the_run_is_found_without_the_orders_of_other_distributors(
    lan: Member, bo: Member, others: Member
) -> None:
    shop.ingest(shop.order(bo, number="L-1", received=True))
    shop.ingest(shop.order(bo, number="L-2", received=True, placed_at=PLACED + 2 * shop.DAY))
    published(
        metric=Metric.NEW_DISTRIBUTORS, rewards=[reward(700, asset=Asset.STORE_CREDIT)],
        period=PeriodKind.MONTH, most_per_member=3, starts_at=PLACED + shop.DAY,
    )  # fmt: skip
    _, second, *_ = sell(others, ORDERS)

    with reads_at_most(FEW):
        catch_up(orders=[second], at=LATER)

    assert not Contribution.objects.filter(value__gt=0).exists()


def test_the_limit_shows_what_attributions_read_without_the_buyers(
    lan: Member, others: Member
) -> None:
    """The control: attributions have no index of the distributor."""
    sell(others, ORDERS)
    own = Attribution.objects.filter(tier1__member=lan)
    with CaptureQueriesContext(connection) as queries:
        assert not own.exists()

    assert rows_read(queries[0]["sql"]) > FEW


def test_a_limit_of_awards_still_compares_all_orders_of_the_day(lan: Member, bo: Member) -> None:
    """The first two orders of a day give; if one goes, the next one takes its place."""
    published(metric=Metric.OWN_ORDERS, rewards=[reward(10, asset=Asset.POINTS)], most_per_member=2)
    keys = sell(bo, 4)
    catch_up(orders=keys, at=LATER)
    told = shop.order(bo, number="O-0", received=True, placed_at=PLACED)
    row = shop.refund(10_990, number="R-1", at=LATER, quantity=1)

    shop.ingest(shop.with_refund(told, row), at=LATER)
    catch_up(orders=keys[:1], at=LATER)

    assert [
        award.step for award in Award.objects.filter(posted__gt=0).order_by("pk")
    ] == [f"order:{key}:points" for key in keys[1:3]]  # fmt: skip


@pytest.mark.usefixtures("in_english")
def test_an_explanation_lists_some_orders_and_has_the_sums_of_all(lan: Member, bo: Member) -> None:
    in_steps()
    keys = sell(bo, ORDERS)
    catch_up(orders=keys[-1:], at=LATER)

    with CaptureQueriesContext(connection) as queries:
        sentences = explain(Award.objects.get())

    assert len([text for text in sentences if text.startswith("Order ")]) == 20
    assert f"{ORDERS - 20} more orders count." in sentences
    assert "Together ¥9,891.00." in sentences
    assert len(queries) <= 8
    assert all("LIMIT 20" in row["sql"] for row in queries if "orders_order" in row["sql"])


def test_later_orders_of_a_friend_are_not_compared_with_each_other(lan: Member, bo: Member) -> None:
    """Bo was brought a day before his first order; what he orders after that day never counts."""
    published(
        metric=Metric.REFERRED_BUYERS, rewards=[reward(10, asset=Asset.POINTS)], friend_days=1
    )
    *_, last = sell(bo, ORDERS)

    with reads_at_most(FEW):
        catch_up(orders=[last], at=LATER)


def test_own_progress_reads_no_orders(lan: Member, bo: Member) -> None:
    versions = [in_steps(), for_each_in_a_month()]
    sell(bo, ORDERS)
    rows = list(Version.objects.filter(pk__in=[row.pk for row in versions]))

    with CaptureQueriesContext(connection) as queries:
        progress = own_progress(rows, lan, at=LATER)

    assert progress[versions[1].pk].awards == ORDERS - 1
    assert not [row for row in queries if "incentives_contribution" in row["sql"]]
