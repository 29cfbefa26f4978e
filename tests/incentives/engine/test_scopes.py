"""Whom a count may concern is known, and locked, before anything is counted."""

from __future__ import annotations

import pytest

from incentives.models import Contribution, Metric, PeriodKind
from incentives.runs import all_runs
from incentives.services.scopes import scope_of
from ledger.chart import Asset
from members.models import Member
from orders.models import Order
from tests.incentives.engine.story import buy
from tests.incentives.offers import published, reward
from tests.shop import DAY, PLACED

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def test_an_incentive_that_shares_a_related_order_is_about_its_buyer(
    bo: Member, lan: Member, mei: Member, dan: Member
) -> None:
    """Lan is new by what Bo bought or by what Dan buys after the spending of buyers has ended."""
    credit = [reward(300, asset=Asset.STORE_CREDIT)]
    new = published(
        metric=Metric.NEW_DISTRIBUTORS, rewards=credit, period=PeriodKind.MONTH, most_per_member=3
    )
    spend = published(metric=Metric.OWN_SPEND, rewards=credit, ends_at=PLACED + DAY)
    buy(bo, "EARLY")
    buy(dan, "LATE", day=2)
    early, late = Order.objects.order_by("number")
    assert Contribution.objects.get(incentive=spend.incentive_id).order == early

    scope = scope_of(all_runs(), [late.pk])

    assert scope.orders == {new.incentive_id: {early.pk, late.pk}}
    assert scope.people == {bo.pk, lan.pk, mei.pk, dan.pk}
