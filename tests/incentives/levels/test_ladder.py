"""Operations say what each level asks for; nonsense is refused and moves nothing."""

from __future__ import annotations

from typing import Any

import pytest

from common.errors import TwotierError
from distribution.models import Level
from distribution.services import set_level
from events.models import Event
from incentives.ladder.outlook import Outlook, outlook
from incentives.models import LevelCondition
from incentives.services.ladder import (
    InvalidCondition,
    LadderNotInOrder,
    change_condition,
    remove_condition,
)
from members.models import Member, User
from tests.cast import NOON, staff
from tests.incentives.levels.ladder import RELEASED, YUAN, level, rows, silver_and_gold, sold

pytestmark = pytest.mark.django_db


def ask(level: Level, window: str = "month", **condition: Any) -> None:
    row = LevelCondition(level=level, window=window, **condition)
    change_condition(condition=row, by=staff("Qian"), at=NOON)


def test_a_change_is_on_record_with_both_values(qian: User) -> None:
    silver = level("Silver", 1)
    ask(silver, min_sales=100 * YUAN)

    ask(silver, min_sales=200 * YUAN, min_buyers=3)

    assert LevelCondition.objects.get().min_sales == 200 * YUAN
    event = Event.objects.latest("pk")
    assert (event.name, event.actor_id) == ("incentives.ladder_changed", "qian")
    assert (event.before or {})["min_sales"] == 100 * YUAN
    assert (event.after or {}) == {
        "window": "month", "min_sales": 200 * YUAN, "min_orders": None, "min_buyers": 3,
        "grace_days": 30,
    }  # fmt: skip


def test_a_level_may_leave_the_ladder(qian: User) -> None:
    silver = level("Silver", 1)
    ask(silver, min_sales=100 * YUAN)

    remove_condition(level=silver, by=qian, at=NOON)
    remove_condition(level=silver, by=qian, at=NOON)

    assert not LevelCondition.objects.exists()
    assert Event.objects.filter(name="incentives.ladder_changed").count() == 2


@pytest.mark.parametrize(
    "condition",
    [
        {"min_sales": 99 * YUAN},
        {"min_sales": 100 * YUAN, "min_orders": 4},
        {"min_sales": 100 * YUAN, "min_orders": 5},
    ],
)
def test_a_higher_level_is_never_easier(qian: User, condition: dict[str, int]) -> None:
    silver, gold = level("Silver", 1), level("Gold", 2)
    ask(silver, min_sales=100 * YUAN, min_orders=5)

    refuses(LadderNotInOrder, lambda: ask(gold, **condition))


def test_a_lower_level_is_never_harder(qian: User) -> None:
    silver, gold = level("Silver", 1), level("Gold", 2)
    ask(gold, min_sales=100 * YUAN)

    refuses(LadderNotInOrder, lambda: ask(silver, min_sales=101 * YUAN))


def test_levels_over_different_times_are_not_compared(qian: User) -> None:
    silver, gold = level("Silver", 1), level("Gold", 2)
    ask(silver, min_sales=100 * YUAN)

    ask(gold, "days_90", min_sales=50 * YUAN)

    assert LevelCondition.objects.count() == 2


@pytest.mark.parametrize(
    "condition",
    [{}, {"min_buyers": 5}, {"min_sales": 0}, {"min_orders": 1, "grace_days": 0},
     {"min_orders": 1, "grace_days": 366}, {"min_orders": 1, "min_buyers": 0}],
)  # fmt: skip
def test_a_level_asks_for_orders_and_gives_notice(qian: User, condition: dict[str, int]) -> None:
    silver = level("Silver", 1)

    refuses(InvalidCondition, lambda: ask(silver, **condition))


def refuses(error: type[TwotierError], action: Any) -> None:
    before = (rows(), Event.objects.count())
    with pytest.raises(error):
        action()
    assert (rows(), Event.objects.count()) == before


@pytest.mark.slow
def test_the_outlook_says_who_reaches_a_level_and_who_would_be_warned(
    bo: Member, lan: Member, mei: Member, qian: User
) -> None:
    silver, _gold = silver_and_gold()
    sold(bo, 100)
    set_level(distributor=mei.distributor, level=silver, by=qian, at=NOON, reason="?")

    everybody = outlook(silver.condition, at=RELEASED)
    newest = outlook(silver.condition, at=RELEASED, limit=1)

    assert everybody == Outlook(2, True, reaching=1, having=1, below=1)
    assert newest == Outlook(1, False, reaching=1, having=0, below=0)
