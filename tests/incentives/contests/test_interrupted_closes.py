"""A close that a crash interrupted goes on, and gives what is due now."""

from __future__ import annotations

from datetime import timedelta

import pytest

from distribution.models import Level
from incentives.models import PeriodClosing
from tests.incentives.contests.pool_stage import (
    CLOSES,
    MONTH_END,
    NOVEMBER,
    pool,
    raise_to,
    sold,
    stored,
)
from tests.incentives.contests.stage import close, count_and_crash, open_stage, winners

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def test_a_pool_is_shared_among_those_who_share_now() -> None:
    open_stage()
    gold = Level.objects.create(rank=1, name="Gold")
    version = pool(gold)
    raise_to(gold, "Lan", "Chen")
    sold(Lan=90_000, Chen=45_000)
    closing = PeriodClosing.objects.create(
        incentive=version.incentive, period_start=NOVEMBER, closed_at=CLOSES, status="counting"
    )
    count_and_crash(closing, at=CLOSES)
    assert {(name, due) for name, _, due, _, _ in winners()} == {("Lan", 900), ("Chen", 450)}

    raise_to(None, "Chen", at=MONTH_END - timedelta(seconds=1))
    close(CLOSES)

    assert {(name, given, status) for name, _, _, given, status in winners()} == {
        ("Lan", 1_350, "granted"), ("Chen", 0, "taken_back"),
    }  # fmt: skip
    assert stored().paid == stored().pool == 1_350
