"""A budget holds: exactly as many awards as it allows, and an event for each of the rest."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from functools import partial

import pytest
from django.db import IntegrityError
from django.utils import translation

from events.delivery import deliver_due
from events.models import Delivery
from incentives.explanations import explain
from incentives.models import Award, AwardPosting, Budget, Metric, PeriodKind, Version
from incentives.services import budgets, locks
from incentives.services.catching_up import catch_up
from ledger.chart import Asset
from ledger.models import Account
from ledger.proof import differences
from members.models import Identity, Member
from members.services import Newcomer, join_many
from orders.models import Order
from orders.services import complete
from risk.models import Rule
from tests import shop
from tests.cast import CLOCK, NOON, member
from tests.concurrency import run_concurrently, run_during_transaction
from tests.incentives.engine.story import RELEASED, awards, buy, complete_by, events, give_back
from tests.incentives.offers import published, reward
from tests.shop import DAY, wallet_balance

CREDIT = Asset.STORE_CREDIT


@pytest.mark.django_db
@pytest.mark.slow
def test_what_exceeds_the_budget_is_refused_and_never_revived(lan: Member, bo: Member) -> None:
    version = published(metric=Metric.OWN_ORDERS, budget_amount=2_500)
    told = [buy(bo, f"O-{number}", day=number) for number in range(1, 4)]
    complete_by(RELEASED + 4 * DAY)

    assert [status for *_, status in awards(lan)] == ["granted", "granted", "refused"]
    [refused] = events("incentives.award_refused")
    assert (refused["reason"], refused["amount"]) == ("budget", 1_000)
    budget = Budget.objects.get(incentive=version.incentive)
    assert (budget.awards, budget.amount) == (2, 2_000)

    give_back(told[0], 10_990, quantity=1, at=RELEASED + 5 * DAY)

    # What was taken back is in the budget again; the refused award stays refused.
    budget.refresh_from_db()
    assert (budget.awards, budget.amount) == (1, 1_000)
    assert [status for *_, status in awards(lan)] == ["taken_back", "granted", "refused"]
    assert wallet_balance(lan) == 1_000

    buy(bo, "O-4", day=5)
    complete_by(RELEASED + 6 * DAY)
    assert awards(lan)[-1] == ("O-4:cash", 1_000, 1_000, "granted")


@pytest.mark.slow
@pytest.mark.django_db
def test_an_award_that_grows_beyond_the_budget_keeps_what_it_gave(lan: Member, bo: Member) -> None:
    published(
        metric=Metric.OWN_SALES, period=PeriodKind.MONTH, reach=Version.Reach.STEPS,
        rewards=[reward(kind="percent", rate=1_000)], budget_amount=1_500,
    )  # fmt: skip
    buy(bo, "O-1")
    complete_by(RELEASED)
    buy(bo, "O-2", day=1)
    complete_by(RELEASED + DAY)

    assert awards(lan) == [("from:1:cash", 2_198, 1_099, "granted")]
    assert events("incentives.award_refused")[0]["amount"] == 1_099
    with translation.override("en"):
        assert explain(Award.objects.get())[-1] == (
            "The rest is not given: the budget was used up."
        )


@pytest.mark.slow
@pytest.mark.django_db
def test_the_rest_follows_once_the_budget_has_something_again(
    mei: Member, lan: Member, bo: Member
) -> None:
    """With the next count of the member, not with the refund of another one."""
    published(
        metric=Metric.OWN_SALES, period=PeriodKind.MONTH, reach=Version.Reach.STEPS,
        rewards=[reward(kind="percent", rate=1_000)], budget_amount=2_500,
    )  # fmt: skip
    other = buy(lan, "O-0")
    buy(bo, "O-1", day=1)
    complete_by(RELEASED + DAY)
    buy(bo, "O-2", day=2)
    complete_by(RELEASED + 2 * DAY)
    give_back(other, 10_990, quantity=1, at=RELEASED + 3 * DAY)
    assert awards(lan) == [("from:1:cash", 2_198, 1_099, "granted")]

    buy(bo, "O-3", day=4)

    assert awards(lan) == [("from:1:cash", 2_198, 2_198, "granted")]
    assert Budget.objects.get().amount == 2_198


@pytest.mark.slow
@pytest.mark.django_db
def test_points_take_no_money_of_a_budget(lan: Member, bo: Member) -> None:
    version = published(
        metric=Metric.OWN_ORDERS, rewards=[reward(9_000, asset=Asset.POINTS)], budget_amount=5
    )
    buy(bo)
    complete_by(RELEASED)

    budget = version.incentive.budget
    assert (budget.awards, budget.amount) == (1, 0)
    assert wallet_balance(lan, Asset.POINTS) == 9_000


def town(size: int) -> list[Order]:
    """Return completed orders of as many buyers, which no worker has counted yet."""
    Rule.objects.update(enabled=False)
    shop.sku()
    shop.plan()
    people = [Newcomer(f"b{number}", NOON) for number in range(size)]
    members = join_many(Identity.Provider.MALL, people)
    shop.ingest(
        *(
            shop.order(row, number=f"O-{name}", received=True)
            for name, row in sorted(members.items())
        )
    )
    while complete(at=RELEASED):
        pass
    return list(Order.objects.order_by("pk"))


def spend_award(**terms: object) -> Version:
    """Publish ¥1 of store credit for each order of a buyer."""
    return published(metric=Metric.OWN_SPEND, rewards=[reward(100, asset=CREDIT)], **terms)


def deliver() -> None:
    while deliver_due(at=CLOCK):
        pass


def test_of_1000_parallel_orders_exactly_500_get_an_award(committed: str) -> None:
    spend_award(budget_awards=500)
    town(1_000)

    assert run_concurrently(*[deliver] * 8) == [None] * 8

    deliver()
    assert not Delivery.objects.exclude(last_error="").exists()
    assert Counter(Award.objects.values_list("status", flat=True)) == {
        "granted": 500, "refused": 500,
    }  # fmt: skip
    assert AwardPosting.objects.count() == 500
    assert Budget.objects.get().awards == 500
    refused = Award.objects.filter(status=Award.Status.REFUSED)
    assert Counter(refused.values_list("refusal", "posted")) == {("budget", 0): 500}
    told = events("incentives.award_refused")
    assert Counter((row["reason"], row["amount"]) for row in told) == {("budget", 100): 500}
    without = refused.values_list("member__public_id", flat=True)
    assert sorted(row["member"] for row in told) == sorted(without)
    award = refused.earliest("pk")
    with translation.override("en"):
        assert explain(award)[-1] == "Not given: the budget was used up."
    paid = Account.objects.filter(kind="wallet", asset=CREDIT, balance__gt=0)
    assert Counter(paid.values_list("balance", flat=True)) == {100: 500}
    assert differences() == []


def two_at_once() -> int:
    """Count two orders at once with a budget for one; return how many awards were given."""
    spend_award(budget_awards=1)
    first, second = town(2)
    run_during_transaction(
        partial(catch_up, orders=[first.pk], at=RELEASED),
        partial(catch_up, orders=[second.pk], at=RELEASED),
    )
    return Award.objects.filter(status=Award.Status.GRANTED).count()


def test_of_two_at_once_one_gets_the_last_award(committed: str) -> None:
    assert two_at_once() == 1


def test_control_without_the_lock_the_last_award_is_given_twice(
    committed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(budgets, "lock_rows", list)

    assert two_at_once() == 2


def test_two_counts_of_one_order_at_once_give_one_award(committed: str) -> None:
    spend_award()
    [order] = town(1)

    results = run_concurrently(
        *[partial(catch_up, orders=[order.pk], at=RELEASED + timedelta(seconds=1))] * 6
    )

    assert results == [None] * 6
    assert wallet_balance(member("b0"), CREDIT) == 100


def count_twice_without_the_lock(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Let a worker count an order while another one has counted it and has not committed."""
    spend_award()
    [order] = town(1)
    monkeypatch.setattr(locks, "lock_persons", lambda _persons: None)
    count = partial(catch_up, orders=[order.pk], at=RELEASED + timedelta(seconds=1))
    return run_during_transaction(count, count)


def test_control_without_the_lock_the_second_count_is_a_fault(
    committed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = count_twice_without_the_lock(monkeypatch)

    assert [type(result) for result in results] == [type(None), IntegrityError]
    assert wallet_balance(member("b0"), CREDIT) == 100
