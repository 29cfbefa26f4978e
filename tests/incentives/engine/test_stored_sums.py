"""The stored sums of a period move by what changes, and a control compares them with the orders."""

from __future__ import annotations

import pytest
from django.db.models import F

from closing.controls import run_control
from closing.models import Control
from incentives.models import Metric, PeriodKind, Progress, Version
from members.models import Member
from tests.cast import CLOCK
from tests.incentives.engine.story import RELEASED, buy, complete_by, give_back
from tests.incentives.offers import published, reward
from tests.shop import DAY, line

pytestmark = pytest.mark.django_db


@pytest.fixture
def monthly(lan: Member) -> Version:
    """Lan gets 10 %, and Mei 5 %, of what Bo pays."""
    return published(
        metric=Metric.OWN_SALES, period=PeriodKind.MONTH, reach=Version.Reach.STEPS,
        rewards=[reward(threshold=10_000)],
    )  # fmt: skip


def sums() -> dict[str, int]:
    row = Progress.objects.get()
    return {name: getattr(row, name) for name in Progress.SUMS}


def control() -> list[tuple[str, int | None, int | None]]:
    return [
        (row.subject, row.expected, row.actual)
        for row in run_control(Control.AWARDS, CLOCK.date())
        if row.subject.startswith("progress")
    ]


def test_sums_follow_each_order_and_refund(monthly: Version, bo: Member) -> None:
    told = buy(bo, "O-1", line(quantity=2))
    buy(bo, "O-2", day=1)
    assert sums() == {
        "value": 0, "coming": 32_970, "orders": 0, "coming_orders": 2, "paid": 0, "commissions": 0,
        "room": 0,
    }  # fmt: skip

    complete_by(RELEASED)
    assert sums() == {
        "value": 21_980, "coming": 10_990, "orders": 1, "coming_orders": 1, "paid": 21_980,
        "commissions": 3_297, "room": 2_198,
    }  # fmt: skip

    give_back(told, 10_990, quantity=1, at=RELEASED + DAY)
    assert sums() == {
        "value": 10_990, "coming": 10_990, "orders": 1, "coming_orders": 1, "paid": 10_990,
        "commissions": 1_648, "room": 1_099,
    }  # fmt: skip

    give_back(told, 10_990, number="R-2", quantity=1, at=RELEASED + DAY)
    assert sums()["orders"] == sums()["value"] == sums()["paid"] == sums()["commissions"] == 0
    assert control() == []


def test_an_order_that_is_told_again_moves_nothing(monthly: Version, bo: Member) -> None:
    buy(bo)
    complete_by(RELEASED)
    before = sums()

    buy(bo)

    assert sums() == before
    assert control() == []


@pytest.mark.parametrize("column", Progress.SUMS)
def test_the_control_names_a_sum_that_its_orders_do_not_make(
    monthly: Version, bo: Member, column: str
) -> None:
    buy(bo)
    complete_by(RELEASED)
    row = Progress.objects.get()
    expected = getattr(row, column)

    Progress.objects.update(**{column: F(column) + 1})

    subject = f"progress {monthly.incentive.public_id} {row.member.public_id} 2026-11-01 {column}"
    assert control() == [(subject, expected, expected + 1)]
