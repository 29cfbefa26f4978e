"""Every award says which orders count, what refunds took off, and why it is as it is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from distribution.models import Distributor
from distribution.services import change_status
from incentives.explanations import explain
from incentives.models import Award, Metric, PeriodKind, Version
from incentives.services.publication import stop
from ledger.chart import Asset
from members.models import Member
from tests.cast import staff
from tests.incentives.engine.story import RELEASED, buy, close, complete_by, give_back
from tests.incentives.offers import published, reward
from tests.shop import DAY, PLACED, line, refund

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


def explained() -> list[str]:
    return explain(Award.objects.get())


def test_an_award_of_a_step_names_its_orders_and_what_is_coming(lan: Member, bo: Member) -> None:
    published(
        metric=Metric.OWN_SALES, name="Sprint", period=PeriodKind.MONTH,
        reach=Version.Reach.STEPS, rewards=[reward(threshold=10_000)],
    )  # fmt: skip
    told = buy(bo, "O-1", line(quantity=2))
    give_back(told, 10_990, quantity=1, at=PLACED + 4 * DAY)
    complete_by(RELEASED)
    buy(bo, "O-2", day=1)

    assert explained() == [
        "Sprint, version 1: paid from 2026-11-01 and before 2026-12-01.",
        "Order O-1 counts ¥109.90: completed on 2026-11-12 12:00.",
        "¥109.90 of paid orders may still come.",
        "Together ¥109.90.",
        "Refund R-1 of order O-1 took ¥109.90 off on 2026-11-06 12:00.",
        "Given on 2026-11-12 12:00: cash ¥10.00.",
        "Given: cash ¥10.00.",
    ]


@pytest.mark.slow
def test_an_award_of_one_order_says_that_it_was_taken_back(lan: Member, bo: Member) -> None:
    published(metric=Metric.OWN_ORDERS, name="Each", rewards=[reward(50, asset=Asset.POINTS)])
    told = buy(bo)
    complete_by(RELEASED)
    give_back(told, 10_990, quantity=1, at=RELEASED + DAY)

    assert explained() == [
        "Each, version 1, from 2026-11-02.",
        "Together 0.",
        "Refund R-1 of order O-1 took ¥109.90 off on 2026-11-13 12:00.",
        "Given on 2026-11-12 12:00: 50 points.",
        "Taken back on 2026-11-13 12:00: 50 points.",
        "Taken back: too little counts any more.",
    ]


@pytest.mark.slow
def test_a_refund_after_the_days_of_an_order_is_named_as_too_late(lan: Member, bo: Member) -> None:
    published(metric=Metric.OWN_ORDERS, name="Each")
    told = buy(bo)
    complete_by(RELEASED)
    give_back(told, 10_990, quantity=1, at=PLACED + 16 * DAY)

    assert (
        "Refund R-1 of order O-1 over ¥109.90 on 2026-11-18 12:00 came more than 15 days after the"
        " day of payment and changes nothing."
    ) in explained()


@pytest.mark.slow
def test_an_order_that_was_open_at_its_release_names_when_it_completed(
    lan: Member, bo: Member
) -> None:
    published(metric=Metric.OWN_ORDERS, name="Each")
    done = refund(10_990, quantity=1, at=RELEASED + 3 * DAY)
    buy(bo, "O-1", line(quantity=2), refunds=(replace(done, requested_at=RELEASED - DAY),))
    complete_by(RELEASED + 4 * DAY)

    assert "Order O-1 counts 1: completed on 2026-11-16 12:00." in explained()


@pytest.mark.slow
def test_a_lower_step_that_gave_a_part_is_named(lan: Member, bo: Member) -> None:
    published(
        metric=Metric.OWN_ORDERS, period=PeriodKind.MONTH, reach=Version.Reach.STEPS,
        rewards=[reward(500, threshold=1), reward(800, threshold=2)],
    )  # fmt: skip
    buy(bo, "O-1")
    buy(bo, "O-2", day=1)
    complete_by(RELEASED + DAY)

    assert limited(Award.objects.get(step__startswith="from:2")) == [
        (
            "Limited to ¥3.00: an earlier step gave the rest, or the orders leave no more after"
            " commissions (¥32.96) and older incentives."
        )
    ]


@pytest.mark.slow
def test_a_prize_that_was_shared_is_not_blamed_on_commissions(
    mei: Member, lan: Member, bo: Member
) -> None:
    published(
        metric=Metric.OWN_UNITS, period=PeriodKind.MONTH, reach=Version.Reach.RANK,
        rewards=[reward(1_000, first_rank=1, last_rank=1)],
    )  # fmt: skip
    buy(bo)
    buy(lan, "O-2", day=1)
    complete_by(RELEASED + DAY)
    close()

    for award in Award.objects.all():
        assert limited(award) == [
            (
                "The prize is ¥5.00: it was shared on a tie, lowered after a refund, or limited by"
                " what your own orders leave for awards."
            )
        ]


def limited(award: Award) -> list[str]:
    return [text for text in explain(award) if text.startswith(("Limited", "The prize"))]


@pytest.mark.slow
def test_a_refund_after_the_close_of_a_stopped_campaign_is_named_as_too_late(
    lan: Member, bo: Member
) -> None:
    """Stopped on the 10th, it closes with the beginning of the 26th, and nobody has told yet."""
    version = published(
        metric=Metric.OWN_SALES, name="Sprint", period=PeriodKind.CAMPAIGN,
        reach=Version.Reach.STEPS, rewards=[reward(threshold=10_000)],
    )  # fmt: skip
    told = buy(bo)
    complete_by(RELEASED)
    stop(incentive=version.incentive, by=staff("Feng"), at=PLACED + 8 * DAY, reason="sold out")
    give_back(told, 10_990, quantity=1, at=PLACED + 25 * DAY)

    said = explained()

    assert said[0] == "Sprint, version 1: paid from 2026-11-01 and before 2026-11-11."
    assert (
        "Refund R-1 of order O-1 over ¥109.90 on 2026-11-27 12:00 came after the close and changes"
        " nothing."
    ) in said
    assert said[-1] == "Given: cash ¥10.00."


def test_what_is_held_says_why_and_that_it_goes_on(lan: Member, bo: Member) -> None:
    published(metric=Metric.OWN_ORDERS)
    change_status(
        distributor=Distributor.objects.get(member=lan), to=Distributor.Status.FROZEN,
        by=staff("Qian"), at=PLACED, reason="checked",
    )  # fmt: skip
    buy(bo)
    complete_by(RELEASED)

    assert explained()[-1] == (
        "Held: the distributor is frozen. It goes on by itself when this ends."
    )


@pytest.mark.slow
def test_what_the_budget_refused_says_so(lan: Member, bo: Member) -> None:
    published(metric=Metric.OWN_ORDERS, budget_awards=1)
    buy(bo, "O-1")
    buy(bo, "O-2", day=1)
    complete_by(RELEASED + DAY)

    refused = Award.objects.get(status=Award.Status.REFUSED)
    assert explain(refused)[-1] == "Not given: the budget was used up."
