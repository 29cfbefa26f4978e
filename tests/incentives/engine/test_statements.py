"""Counting takes the same number of statements for one order and for many."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incentives.models import Award, Metric, PeriodKind, Version
from incentives.services.catching_up import catch_up
from ledger.chart import Asset
from members.models import Member
from orders.models import Order
from orders.services import complete
from tests import shop
from tests.cast import member
from tests.incentives.engine.story import RELEASED
from tests.incentives.offers import published, reward
from tests.shop import DAY, PLACED, make_referral

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def statements(orders: list[int]) -> int:
    with CaptureQueriesContext(connection) as seen:
        catch_up(orders=orders, at=RELEASED + 20 * DAY)
    return len(seen)


def test_statements_do_not_grow_with_orders_and_people(lan: Member, bo: Member) -> None:
    published(metric=Metric.OWN_SALES, rewards=[reward(100)])
    published(
        metric=Metric.OWN_ORDERS, rewards=[reward(100, threshold=1)], period=PeriodKind.MONTH,
        reach=Version.Reach.STEPS,
    )  # fmt: skip
    published(metric=Metric.REFERRED_BUYERS, rewards=[reward(50, asset=Asset.POINTS)])
    published(metric=Metric.FIRST_SALE, rewards=[reward(70)])
    published(
        metric=Metric.NEW_DISTRIBUTORS, rewards=[reward(30, asset=Asset.STORE_CREDIT)],
        period=PeriodKind.MONTH, most_per_member=3,
    )  # fmt: skip
    friends = [member(f"F{number}") for number in range(12)]
    for friend in friends:
        make_referral(lan, friend)
    told = [
        shop.order(friend, number=f"O-{place}", received=True, placed_at=PLACED + place * DAY)
        for place, friend in enumerate(friends)
    ]
    shop.ingest(*told)
    while complete(at=RELEASED + 20 * DAY):
        pass
    keys = list(Order.objects.order_by("pk").values_list("pk", flat=True))

    first = statements(keys[:1])
    assert statements(keys[1:2]) <= first
    assert statements(keys[2:]) <= first
    assert Award.objects.filter(status="granted").count() == 12 + 2 + 12 + 1
