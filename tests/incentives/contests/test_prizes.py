"""The prizes of places: who gets what, when values are equal, and what cannot be split."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from incentives.models import Reward
from incentives.prizes import Contest, Left, Prize, prizes, standings, targets_by_member
from tests.cast import NOON

LAN, CHEN, MEI, BO = 1, 2, 3, 4
DAY = timedelta(days=1)


def cash(amount: int, first: int, last: int | None = None, asset: str = "cash") -> Reward:
    return Reward(
        kind="amount", asset=asset, amount=amount, first_rank=first, last_rank=last or first
    )


def gift(first: int, last: int | None = None) -> Reward:
    return Reward(kind="gift", gift_id=7, first_rank=first, last_rank=last or first)


PODIUM = [cash(10_000, 1), cash(8_000, 2), cash(5_000, 3)]


def won(values: dict[int, int], rewards: list[Reward], **terms: Any) -> list[tuple[int, int, int]]:
    """Return member, place and amount of each prize."""
    places = standings(sorted(values.items(), key=lambda item: (-item[1], item[0])))
    contest = Contest(rewards, **{"ties": "split", **terms})
    return [(prize.member, prize.rank, prize.amount) for prize in prizes(places, contest)]


def test_places_get_their_prizes() -> None:
    values = {LAN: 900, CHEN: 700, MEI: 500, BO: 100}
    assert won(values, PODIUM) == [(LAN, 1, 10_000), (CHEN, 2, 8_000), (MEI, 3, 5_000)]


def test_fewer_people_than_places_leave_prizes() -> None:
    assert won({LAN: 1}, PODIUM) == [(LAN, 1, 10_000)]
    assert won({}, PODIUM) == []


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        # Both are first and share the prizes of the first two places; the next one is third.
        ({LAN: 9, CHEN: 9, MEI: 5}, [(LAN, 1, 9_000), (CHEN, 1, 9_000), (MEI, 3, 5_000)]),
        # Two share places 2 and 3.
        ({LAN: 9, CHEN: 5, MEI: 5}, [(LAN, 1, 10_000), (CHEN, 2, 6_500), (MEI, 2, 6_500)]),
        # Two share place 3, and place 4 has no prize.
        (
            {LAN: 9, CHEN: 8, MEI: 5, BO: 5},
            [(LAN, 1, 10_000), (CHEN, 2, 8_000), (MEI, 3, 2_500), (BO, 3, 2_500)],
        ),
        # All four share 230 yuan.
        (
            {LAN: 1, CHEN: 1, MEI: 1, BO: 1},
            [(LAN, 1, 5_750), (CHEN, 1, 5_750), (MEI, 1, 5_750), (BO, 1, 5_750)],
        ),
    ],
)
def test_equal_values_share_the_prizes_of_their_places(
    values: dict[int, int], expected: list[tuple[int, int, int]]
) -> None:
    assert won(values, PODIUM) == expected


def test_the_odd_fen_go_to_who_was_earlier() -> None:
    reached = {LAN: NOON + DAY, CHEN: NOON}
    shared = won({LAN: 9, CHEN: 9}, [cash(101, 1), cash(100, 2)], reached_at=reached)
    assert shared == [(CHEN, 1, 101), (LAN, 1, 100)]


def test_each_gets_the_prize_of_the_better_place() -> None:
    values = {LAN: 9, CHEN: 9, MEI: 5}
    assert won(values, PODIUM, ties="each") == [
        (LAN, 1, 10_000), (CHEN, 1, 10_000), (MEI, 3, 5_000)
    ]  # fmt: skip


@pytest.mark.parametrize("left", [Left(amount=24_999), Left(awards=2)])
def test_each_only_if_the_budget_covers_all(left: Left) -> None:
    values = {LAN: 9, CHEN: 9, MEI: 5}
    assert won(values, PODIUM, ties="each", left=left) == won(values, PODIUM)


def test_each_if_the_budget_just_covers_all() -> None:
    values = {LAN: 9, CHEN: 9, MEI: 5}
    left = Left(awards=3, amount=25_000)
    assert won(values, PODIUM, ties="each", left=left) == won(values, PODIUM, ties="each")


def test_what_cannot_be_split_goes_to_who_reached_the_value_first() -> None:
    reached = {LAN: NOON + DAY, CHEN: NOON}
    assert won({LAN: 9, CHEN: 9, MEI: 5}, [gift(1)], reached_at=reached) == [(CHEN, 1, 1)]
    assert won({LAN: 9, CHEN: 9}, [gift(1, 2)], reached_at=reached) == [
        (CHEN, 1, 1), (LAN, 1, 1)
    ]  # fmt: skip


def test_assets_are_split_apart() -> None:
    rewards = [cash(100, 1), cash(40, 2, asset="points")]
    assert won({LAN: 9, CHEN: 9}, rewards) == [
        (LAN, 1, 50), (CHEN, 1, 50), (LAN, 1, 20), (CHEN, 1, 20)
    ]  # fmt: skip


def test_a_percentage_of_what_was_sold_is_capped() -> None:
    percent = Reward(kind="percent", asset="cash", rate=500, most=4_000, first_rank=1, last_rank=2)
    assert won({LAN: 100_000, CHEN: 59_999}, [percent]) == [(LAN, 1, 4_000), (CHEN, 2, 2_999)]


def test_less_than_a_fen_for_each_is_nothing() -> None:
    assert won(dict.fromkeys(range(1, 102), 5), [cash(100, 1)]) == []


def test_prizes_of_one_member_have_names_of_their_own() -> None:
    both = [gift(1), gift(1), cash(100, 1)]
    found = targets_by_member([Prize(LAN, 1, reward, 1) for reward in both])
    assert [(target.step, target.rank) for target in found[LAN]] == [
        ("place:gift", 1), ("place:gift:2", 1), ("place:cash", 1)
    ]  # fmt: skip


VALUES = st.dictionaries(st.integers(1, 40), st.integers(1, 5), max_size=30)
AMOUNTS = st.lists(st.integers(100, 100_000), min_size=1, max_size=6)


@pytest.mark.slow
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(VALUES, AMOUNTS)
def test_what_is_shared_adds_up_to_the_prizes(values: dict[int, int], amounts: list[int]) -> None:
    rewards = [cash(amount, place) for place, amount in enumerate(amounts, 1)]
    given_away = sum(amount for _, _, amount in won(values, rewards))
    assert given_away == sum(amounts[: len(values)])


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(VALUES, st.integers(1, 5))
def test_what_cannot_be_split_is_given_once_for_each_place(
    values: dict[int, int], places: int
) -> None:
    found = won(values, [gift(1, places)])
    assert len(found) == len({member for member, _, _ in found}) == min(places, len(values))
