"""Staff pin Lan's level, whatever she sells; each refusal moves nothing."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from common.errors import ReasonRequired, TwotierError, violated_constraint
from distribution.models import Level
from distribution.services import exit_distributor
from distribution.services.distributor_periods import DistributorExited, SelfChangeForbidden
from events.models import Event
from incentives.models import LevelPin
from incentives.services.levels import (
    LevelNotPinned,
    PinEndsTooEarly,
    end_levels_that_are_over,
    pin_level,
    unpin_level,
)
from members.models import Member, User
from tests.cast import NOON, link, staff
from tests.incentives.levels.ladder import (
    RELEASED,
    changes,
    level,
    level_of,
    review,
    rows,
    silver_and_gold,
    sold,
)
from tests.shop import DAY

pytestmark = pytest.mark.django_db

REASON = "Trains our new distributors"


def pin(who: Member, level: Level | None, **options: Any) -> LevelPin:
    return pin_level(
        **{
            "distributor": who.distributor, "level": level, "reason": REASON, "by": staff("Qian"),
            "at": NOON, **options,
        }
    )  # fmt: skip


def unpin(who: Member, **options: Any) -> None:
    unpin_level(
        **{
            "distributor": who.distributor, "reason": "Back to sales", "by": staff("Qian"),
            "at": NOON + DAY, **options,
        }
    )  # fmt: skip


def test_a_pin_counts_against_sales_in_both_directions(bo: Member, lan: Member) -> None:
    silver, gold = silver_and_gold()
    pin(lan, gold)
    assert level_of(lan) == "Gold"
    sold(bo, 100)
    review(RELEASED)
    assert level_of(lan) == "Gold"

    pin(lan, None, at=RELEASED)

    assert level_of(lan) == ""
    assert changes(lan) == [("", "Gold", "pin"), ("Gold", "", "pin")]
    assert silver.name not in str(changes(lan))


@pytest.mark.slow
def test_without_the_pin_sales_decide_at_once(bo: Member, lan: Member) -> None:
    """She rose to Silver while the pin held her at Gold."""
    _silver, gold = silver_and_gold()
    pin(lan, gold)
    sold(bo, 100)
    review(RELEASED)

    unpin(lan, at=RELEASED + DAY)

    assert changes(lan)[-1] == ("Gold", "Silver", "pin_over")


def test_a_pinned_distributor_is_not_warned(bo: Member, lan: Member) -> None:
    silver, _gold = silver_and_gold()
    sold(bo, 100)
    review(RELEASED)
    pin(lan, silver, at=RELEASED)

    review(RELEASED + 30 * DAY)

    assert not Event.objects.filter(name="incentives.level_warned").exists()


def test_a_pin_ends_by_itself(lan: Member) -> None:
    gold = level("Gold", 2)
    pin(lan, gold, until=NOON + 7 * DAY)

    assert end_levels_that_are_over(at=NOON + 6 * DAY) == 0
    assert level_of(lan) == "Gold"
    assert [end_levels_that_are_over(at=NOON + 8 * DAY) for _turn in range(2)] == [1, 0]

    assert changes(lan)[-1] == ("Gold", "", "pin_over")
    row = LevelPin.objects.get()
    assert row.ended_at == row.until
    ended = Event.objects.get(name="incentives.level_unpinned")
    assert (ended.actor_id, ended.at) == ("", NOON + 8 * DAY)


def test_a_new_pin_replaces_the_old_one(lan: Member) -> None:
    silver, gold = silver_and_gold()
    first = pin(lan, gold, until=NOON + 7 * DAY)

    second = pin(lan, silver, at=NOON + DAY)

    first.refresh_from_db()
    assert (first.ended_at, second.ended_at) == (NOON + DAY, None)
    assert end_levels_that_are_over(at=NOON + 30 * DAY) == 0
    assert level_of(lan) == "Silver"


def test_a_pin_that_has_run_out_is_replaced_before_it_was_swept(lan: Member) -> None:
    silver, gold = silver_and_gold()
    pin(lan, gold, until=NOON + DAY)

    pin(lan, silver, at=NOON + 2 * DAY)

    ended = LevelPin.objects.exclude(ended_at=None).get()
    assert ended.ended_at == NOON + DAY
    assert level_of(lan) == "Silver"


def test_who_pinned_it_and_why_is_on_record(lan: Member, qian: User) -> None:
    pin(lan, level("Gold", 2), reason="  Trains our \n new distributors ")

    recorded = Event.objects.get(name="incentives.level_pinned")
    assert (recorded.actor_id, recorded.data) == ("qian", {"reason": REASON})
    assert recorded.after == {"pinned": "Gold", "until": None}
    changed = Event.objects.get(name="distribution.level_changed")
    assert (changed.actor_id, changed.data["reason"]) == ("qian", REASON)


def test_a_pin_to_the_level_that_she_has_changes_nothing_now(lan: Member) -> None:
    pin(lan, None)

    assert (changes(lan), LevelPin.objects.in_force(NOON).count()) == ([], 1)


class TestRefusals:
    @pytest.mark.parametrize(
        ("options", "error"),
        [
            ({"reason": " "}, ReasonRequired),
            ({"reason": "x" * 201}, ReasonRequired),
            ({"until": NOON}, PinEndsTooEarly),
            ({"until": NOON - DAY}, PinEndsTooEarly),
        ],
    )
    def test_bad_input(
        self, lan: Member, options: dict[str, Any], error: type[TwotierError]
    ) -> None:
        gold = level("Gold", 2)
        refuses(error, lambda: pin(lan, gold, **options))

    def test_nobody_pins_their_own_level(self, lan: Member, qian: User) -> None:
        gold = level("Gold", 2)
        link(qian, lan)

        refuses(SelfChangeForbidden, lambda: pin(lan, gold, by=qian))
        refuses(SelfChangeForbidden, lambda: unpin(lan, by=qian))

    def test_who_has_exited_has_no_level(self, lan: Member, qian: User) -> None:
        gold = level("Gold", 2)
        exit_distributor(distributor=lan.distributor, by=qian, at=NOON, reason="Asked for it")

        refuses(DistributorExited, lambda: pin(lan, gold))

    @pytest.mark.slow
    def test_what_is_not_pinned_is_not_unpinned(self, lan: Member) -> None:
        refuses(LevelNotPinned, lambda: unpin(lan))
        pin(lan, level("Gold", 2), until=NOON + DAY)
        refuses(LevelNotPinned, lambda: unpin(lan, at=NOON + DAY))

    @pytest.mark.slow
    def test_a_pin_of_one_who_exits_ends_without_a_change(self, lan: Member, qian: User) -> None:
        pin(lan, level("Gold", 2), until=NOON + 7 * DAY)
        exit_distributor(distributor=lan.distributor, by=qian, at=NOON, reason="Asked for it")

        assert end_levels_that_are_over(at=NOON + 8 * DAY) == 1

        assert (level_of(lan), len(changes(lan))) == ("Gold", 1)

    @pytest.mark.slow
    @pytest.mark.parametrize(
        ("change", "guard"),
        [
            ({"reason": "other"}, "incentives_levelpin_append_only"),
            ({"until": None}, "incentives_levelpin_append_only"),
            ({"ended_at": None}, "level_pin_ends_once"),
        ],
    )
    def test_a_pin_stays_as_it_was_set(
        self, lan: Member, change: dict[str, Any], guard: str
    ) -> None:
        pin(lan, level("Gold", 2), until=NOON + 7 * DAY)
        unpin(lan)

        with pytest.raises(IntegrityError) as refused, transaction.atomic():
            LevelPin.objects.update(**change)
        assert violated_constraint(refused.value) == guard


def refuses(error: type[TwotierError], action: Any) -> None:
    before = (rows(), Event.objects.count())
    with pytest.raises(error):
        action()
    assert (rows(), Event.objects.count()) == before
