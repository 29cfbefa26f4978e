"""A close that a crash interrupted goes on, and gives what is due now."""

from __future__ import annotations

from datetime import timedelta

import pytest

from distribution.models import Level
from incentives.models import Award, PeriodClosing, Policy
from incentives.services.closing import count_closing
from tests.incentives.contests.pool_stage import (
    CLOSES,
    MONTH_END,
    NOVEMBER,
    pool,
    raise_to,
    sold,
    stored,
)
from tests.incentives.contests.stage import CLOSES as WEEK_CLOSES
from tests.incentives.contests.stage import (
    PRICE,
    WEEK_START,
    close,
    contest,
    count_and_crash,
    locks_of_people,
    open_stage,
    release,
    sell,
    winners,
)

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


@pytest.mark.parametrize("confirm_above", [1, 1_000_000])
def test_what_a_count_ended_is_set_again_by_the_next_one(confirm_above: int) -> None:
    """The settings leave nothing for Lan in the second count, and all of it in the third one."""
    open_stage()
    gold = Level.objects.create(rank=1, name="Gold")
    version = pool(gold, confirm_above=confirm_above)
    raise_to(gold, "Lan")
    sold(Lan=90_000)
    closing = PeriodClosing.objects.create(
        incentive=version.incentive, period_start=NOVEMBER, closed_at=CLOSES, status="counting"
    )
    count_and_crash(closing, at=CLOSES)
    assert winners() == [("Lan", None, 900, 0, "waiting")]
    leave(1)
    count_and_crash(closing, at=CLOSES)
    assert winners() == [("Lan", None, 0, 0, "taken_back")]

    leave(60)
    count_and_crash(closing, at=CLOSES)

    assert winners() == [("Lan", None, 900, 0, "waiting")]
    close(CLOSES)
    assert stored().paid == stored().pool == 900
    waits = confirm_above == 1
    assert winners() == [("Lan", None, 900, 0 if waits else 900, "waiting" if waits else "granted")]
    assert Award.objects.get().postings.count() == (0 if waits else 1)


@pytest.mark.parametrize("takes_back", [True, False])
def test_a_prize_that_a_count_ended_is_set_again_by_the_next_one(*, takes_back: bool) -> None:
    open_stage()
    version = contest(takes_back_after_close=takes_back)
    sell("Lan", PRICE)
    release()
    closing = PeriodClosing.objects.create(
        incentive=version.incentive, period_start=WEEK_START, closed_at=WEEK_CLOSES,
        status="counting",
    )  # fmt: skip
    for percent, status in ((60, "waiting"), (1, "taken_back"), (60, "waiting")):
        leave(percent)
        count_and_crash(closing)
        assert [status for *_, status in winners()] == [status]

    close()

    assert winners() == [("Lan", 1, 10_000, 10_000, "granted")]


def test_a_close_locks_each_person_once() -> None:
    """In a transaction of its own, so that no two wait for each other."""
    open_stage()
    version = contest()
    for name in ("Lan", "Chen"):
        sell(name, PRICE)
    release()
    closing = PeriodClosing.objects.create(
        incentive=version.incentive, period_start=WEEK_START, closed_at=WEEK_CLOSES,
        status="counting",
    )  # fmt: skip

    with locks_of_people() as locks:
        count_closing(closing=closing, at=WEEK_CLOSES)

    assert len(locks) == len(set(locks)) == 2


def leave(percent: int) -> None:
    """Let all that an order gives be so much of it; of masks 1 % are commissions."""
    Policy.objects.update(most_of_an_order=100 * percent)
