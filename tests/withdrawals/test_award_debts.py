"""An award that is taken back cancels the withdrawal of its member, who would owe the money."""

from __future__ import annotations

import pytest

from incentives.models import Metric
from members.models import Member
from tests.cast import member
from tests.incentives.engine.story import RELEASED, buy, complete_by, give_back
from tests.incentives.offers import published, reward
from tests.shop import DAY, open_shop
from tests.withdrawals.factories import asked, cash, ready
from withdrawals.models import Withdrawal

pytestmark = pytest.mark.django_db

LATER = RELEASED + 3 * DAY


@pytest.fixture
def lan(db: None) -> Member:
    open_shop()
    return ready(member("Lan"), 10_000)


def test_a_withdrawal_before_its_payment_is_cancelled_for_the_debt(lan: Member) -> None:
    published(metric=Metric.OWN_ORDERS, rewards=[reward(1_000)])
    told = buy(member("Bo"))
    complete_by(RELEASED)
    withdrawal = asked(lan, 11_000, at=LATER)
    assert cash(lan) == (0, 11_000, 0)

    give_back(told, 10_990, quantity=1, at=LATER)

    withdrawal.refresh_from_db()
    assert withdrawal.status == Withdrawal.Status.CANCELLED
    assert cash(lan) == (10_000, 0, 0)


def test_without_a_debt_the_withdrawal_goes_on(lan: Member) -> None:
    published(metric=Metric.OWN_ORDERS, rewards=[reward(1_000)])
    told = buy(member("Bo"))
    complete_by(RELEASED)
    withdrawal = asked(lan, 10_000, at=LATER)

    give_back(told, 10_990, quantity=1, at=LATER)

    withdrawal.refresh_from_db()
    assert withdrawal.status == Withdrawal.Status.REQUESTED
    assert cash(lan) == (0, 10_000, 0)
