"""An order that does not count because of who bought it says so; nothing of it is stored."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incentives.models import Contribution, Metric, PeriodKind
from incentives.not_counted import holds_between, not_counted
from incentives.runs import all_runs
from members.models import Member
from orders.models import Order, Policy
from risk.models import RuleName
from risk.services import release
from tests.cast import NOON, member, staff
from tests.incentives.engine.story import RELEASED, buy, complete_by, everything, merge, work
from tests.incentives.offers import published, reward
from tests.incentives.shared_holds import hold_for_sharing
from tests.shop import DAY, PLACED, get_order, make_referral, sku

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

RULES = [RuleName.SHARED_IDENTITY, RuleName.SHARED_PAYEE]
CREDIT = {"asset": "store_credit"}


def told(*numbers: str) -> list[tuple[str, str, str, bool]]:
    """Return (order, metric, earner, whether they bought it) of what does not count."""
    orders = Order.objects.filter(number__in=numbers).order_by("pk")
    found = not_counted(list(orders.values_list("pk", flat=True)), all_runs())
    return [
        (row.order.number, row.version.metric, Member.objects.get(pk=row.earner).nickname,
         row.is_own)
        for row in found
    ]  # fmt: skip


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("holder", ["Lan", "Bo"])
def test_the_order_of_who_shares_something_with_the_distributor(
    lan: Member, bo: Member, rule: str, holder: str
) -> None:
    published(metric=Metric.OWN_ORDERS)
    held, other = (lan, bo) if holder == "Lan" else (bo, lan)
    hold = hold_for_sharing(held, other, rule)
    buy(bo)
    complete_by(RELEASED)
    before = everything()

    assert told("O-1") == [("O-1", "own_orders", "Lan", False)]
    found = not_counted([get_order().pk], all_runs())
    assert holds_between(found) == {(bo.pk, lan.pk): [hold]}
    assert everything() == before
    assert not Contribution.objects.exists()

    release(hold=hold, by=staff("Feng"), at=RELEASED + DAY, reason="mother and daughter")
    work()

    assert told("O-1") == []
    assert Contribution.objects.get().value == 1


def test_a_hold_that_is_found_later_says_why_what_counted_counts_no_more(
    lan: Member, bo: Member
) -> None:
    published(metric=Metric.OWN_ORDERS)
    buy(bo)
    complete_by(RELEASED)
    assert told("O-1") == []

    hold_for_sharing(lan, bo, RuleName.SHARED_IDENTITY)
    work()

    assert Contribution.objects.get().value == 0
    assert told("O-1") == [("O-1", "own_orders", "Lan", False)]


def test_only_incentives_that_would_count_the_order_say_so(lan: Member, bo: Member) -> None:
    tea = sku("tea", price=5_000)
    few = {"rewards": [reward(100)]}
    published(metric=Metric.OWN_SALES, **few)
    published(metric=Metric.OWN_UNITS, products=[tea.product_id], **few)
    published(metric=Metric.OWN_ORDERS, channels=["moments"], **few)
    published(metric=Metric.OWN_ORDERS, starts_at=PLACED + DAY, **few)
    published(metric=Metric.OWN_SPEND, rewards=[reward(100, **CREDIT)])
    hold_for_sharing(lan, bo, RuleName.SHARED_IDENTITY)
    buy(bo)
    complete_by(RELEASED)

    assert told("O-1") == [("O-1", "own_sales", "Lan", False)]
    assert Contribution.objects.get(value__gt=0).version.metric == "own_spend"


def test_a_first_sale_says_it_of_the_order_that_would_be_the_first(lan: Member, bo: Member) -> None:
    published(metric=Metric.FIRST_SALE)
    hold_for_sharing(lan, bo, RuleName.SHARED_IDENTITY)
    buy(bo, "O-1")
    buy(bo, "O-2", day=1)
    complete_by(RELEASED + DAY)

    assert told("O-1", "O-2") == [("O-1", "first_sale", "Lan", False)]


def test_a_friend_who_shares_something_with_the_bringer(chen: Member, bo: Member) -> None:
    dan = member("Dan")
    make_referral(chen, dan, at=NOON)
    published(metric=Metric.REFERRED_BUYERS, rewards=[reward(800, **CREDIT)])
    hold_for_sharing(chen, dan, RuleName.SHARED_IDENTITY)
    buy(dan)
    complete_by(RELEASED)

    assert told("O-1") == [("O-1", "referred_buyers", "Chen", False)]


def test_a_new_distributor_who_sold_to_an_account_of_the_upline(
    mei: Member, lan: Member, bo: Member
) -> None:
    published(
        metric=Metric.NEW_DISTRIBUTORS, rewards=[reward(700, **CREDIT)], most_per_member=3,
        period=PeriodKind.MONTH,
    )  # fmt: skip
    published(metric=Metric.OWN_ORDERS)
    hold_for_sharing(mei, bo, RuleName.SHARED_IDENTITY)
    buy(bo)
    complete_by(RELEASED)

    assert told("O-1") == [("O-1", "new_distributors", "Mei", False)]


def test_a_new_distributor_who_sold_to_an_account_of_their_own(
    mei: Member, lan: Member, bo: Member
) -> None:
    """What Lan and Bo share concerns Mei: Lan is no new distributor by it."""
    published(
        metric=Metric.NEW_DISTRIBUTORS, rewards=[reward(700, **CREDIT)], most_per_member=3,
        period=PeriodKind.MONTH,
    )  # fmt: skip
    hold = hold_for_sharing(lan, bo, RuleName.SHARED_IDENTITY)
    buy(bo)
    complete_by(RELEASED)

    [found] = not_counted([get_order().pk], all_runs())

    assert (found.earner, found.other, found.is_own) == (mei.pk, lan.pk, False)
    assert holds_between([found]) == {(bo.pk, lan.pk): [hold]}


def test_the_own_purchase_of_a_distributor(lan: Member) -> None:
    Policy.objects.update(self_purchase=Policy.SelfPurchase.SELF)
    published(metric=Metric.OWN_ORDERS)
    buy(lan)
    complete_by(RELEASED)

    assert told("O-1") == [("O-1", "own_orders", "Lan", True)]
    assert holds_between(not_counted([get_order().pk], all_runs())) == {}


def test_what_a_second_account_of_the_distributor_bought(lan: Member) -> None:
    second = member("Lan 2")
    make_referral(lan, second, at=NOON)
    published(metric=Metric.OWN_ORDERS)
    buy(second)
    assert told("O-1") == []

    merge(second, lan)
    complete_by(RELEASED)

    assert told("O-1") == [("O-1", "own_orders", "Lan", True)]


def test_what_a_friend_bought_who_is_the_bringer(chen: Member, bo: Member) -> None:
    second = member("Chen 2")
    make_referral(chen, second, at=NOON)
    published(metric=Metric.REFERRED_BUYERS, rewards=[reward(800, **CREDIT)])
    buy(second)
    complete_by(RELEASED)
    assert told("O-1") == []

    merge(second, chen)

    assert told("O-1") == [("O-1", "referred_buyers", "Chen", True)]


def test_only_the_first_order_would_have_counted_for_a_friend(chen: Member, bo: Member) -> None:
    second = member("Chen 2")
    make_referral(chen, second, at=NOON)
    published(metric=Metric.REFERRED_BUYERS, rewards=[reward(800, **CREDIT)])
    for number in ("O-1", "O-2", "O-3"):
        buy(second, number, day=int(number[-1]))
    complete_by(RELEASED + 3 * DAY)

    merge(second, chen)

    assert told("O-1", "O-2", "O-3") == [("O-1", "referred_buyers", "Chen", True)]
    assert told("O-2", "O-3") == []


def test_who_had_bought_before_would_count_for_nobody(chen: Member, bo: Member) -> None:
    """Another referrer would get nothing either: Chen was no new friend."""
    second = member("Chen 2")
    buy(chen, "OLD", placed_at=NOON - DAY)
    make_referral(chen, second, at=NOON)
    published(metric=Metric.REFERRED_BUYERS, rewards=[reward(800, **CREDIT)])
    buy(second, "O-1")
    buy(chen, "O-2", day=1)
    complete_by(RELEASED + DAY)

    merge(second, chen)

    assert told("OLD", "O-1", "O-2") == []


def test_others_are_told_nothing_at_a_small_cost(lan: Member, bo: Member) -> None:
    published(metric=Metric.OWN_ORDERS)
    published(metric=Metric.REFERRED_BUYERS, rewards=[reward(800, **CREDIT)])
    buy(bo)
    key, runs = get_order().pk, all_runs()

    with CaptureQueriesContext(connection) as queries:
        assert not_counted([key], runs) == []

    assert len(queries) <= 8
    assert not_counted([key], []) == []
    assert not_counted([], runs) == []
