"""Categories are moved by people: where they go, what is refused, and two people at once."""

from __future__ import annotations

from contextlib import nullcontext
from functools import partial
from typing import Any
from unittest import mock

import pytest

from catalog import category_tree
from catalog.category_tree import (
    MAX_LEVELS,
    CategoryBelowItself,
    CategoryGone,
    CategoryMovedMeanwhile,
    CategoryTooDeep,
    NoStepThere,
    Place,
    Seen,
    Step,
    move_category,
    place_of,
    save_category,
    shift_category,
)
from catalog.models import CatalogHistory, Category, goods
from events.models import Event
from members.models import User
from tests.cast import NOON, staff
from tests.catalog.test_tree import is_a_tree
from tests.concurrency import run_concurrently

RACERS = 6
ATTEMPTS = 10


def tree() -> list[str]:
    """Return the categories in their order, indented by their level."""
    assert is_a_tree()
    rows = Category.objects.order_by("tree_id", "lft")
    return ["." * row.level + row.code for row in rows]


def seen(code: str) -> Seen:
    row = Category.objects.get(code=code)
    return Seen(row.pk, row.parent_id or 0)


def move(code: str, target: str, place: Place, by: User) -> Category:
    return move_category(category=seen(code), target=seen(target), place=place, by=by, at=NOON)


def shift(code: str, step: Step, by: User) -> Category:
    return shift_category(category=seen(code), step=step, by=by, at=NOON)


@pytest.fixture
def food(db: None) -> Category:
    """Food with nuts and tea, and home."""
    food = Category.objects.create(code="food", name="Food")
    for code in ("nuts", "tea"):
        Category.objects.create(code=code, name=code.title(), parent=food)
    Category.objects.create(code="home", name="Home")
    return food


START = ["food", ".nuts", ".tea", "home"]


@pytest.mark.parametrize(
    ("move_to", "after"),
    [
        (("tea", "nuts", Place.BEFORE), ["food", ".tea", ".nuts", "home"]),
        (("nuts", "tea", Place.AFTER), ["food", ".tea", ".nuts", "home"]),
        (("home", "food", Place.BEFORE), ["home", "food", ".nuts", ".tea"]),
        (("food", "home", Place.AFTER), ["home", "food", ".nuts", ".tea"]),
        (("home", "nuts", Place.BEFORE), ["food", ".home", ".nuts", ".tea"]),
        (("nuts", "food", Place.BEFORE), ["nuts", "food", ".tea", "home"]),
        (("nuts", "home", Place.AFTER), ["food", ".tea", "home", "nuts"]),
        (("food", "home", Place.INTO), ["home", ".food", "..nuts", "..tea"]),
        (("nuts", "tea", Place.INTO), ["food", ".tea", "..nuts", "home"]),
        (("nuts", "food", Place.INTO), ["food", ".tea", ".nuts", "home"]),
        (("nuts", "nuts", Place.AFTER), START),
    ],
)
def test_a_category_goes_where_it_is_dropped(
    food: Category, qian: User, move_to: tuple[str, str, Place], after: list[str]
) -> None:
    assert tree() == START
    move(*move_to, qian)

    assert tree() == after


@pytest.mark.parametrize(
    ("code", "step", "after"),
    [
        ("tea", Step.UP, ["food", ".tea", ".nuts", "home"]),
        ("nuts", Step.DOWN, ["food", ".tea", ".nuts", "home"]),
        ("home", Step.UP, ["home", "food", ".nuts", ".tea"]),
        ("tea", Step.IN, ["food", ".nuts", "..tea", "home"]),
        ("nuts", Step.OUT, ["food", ".tea", "nuts", "home"]),
        ("home", Step.IN, ["food", ".nuts", ".tea", ".home"]),
    ],
)
def test_a_category_goes_one_step(
    food: Category, qian: User, code: str, step: Step, after: list[str]
) -> None:
    shift(code, step, qian)

    assert tree() == after


@pytest.mark.parametrize(
    ("code", "step"),
    [("nuts", Step.UP), ("tea", Step.DOWN), ("food", Step.OUT), ("nuts", Step.IN)],
)
def test_at_the_edge_there_is_no_further_step(
    food: Category, qian: User, code: str, step: Step
) -> None:
    with pytest.raises(NoStepThere):
        shift(code, step, qian)
    assert tree() == START


@pytest.mark.parametrize(
    ("target", "place"),
    [("nuts", Place.INTO), ("nuts", Place.BEFORE), ("food", Place.INTO)],
)
def test_a_category_is_not_moved_below_itself(
    food: Category, qian: User, target: str, place: Place
) -> None:
    with pytest.raises(CategoryBelowItself):
        move("food", target, place, qian)
    assert (tree(), Event.objects.count()) == (START, 0)


def test_a_tree_has_a_limit_of_levels(food: Category, qian: User) -> None:
    parent = Category.objects.get(code="home")
    for level in range(2, MAX_LEVELS):
        parent = Category.objects.create(code=f"l{level}", name=f"{level}", parent=parent)
    before = tree()
    with pytest.raises(CategoryTooDeep):
        move("food", f"l{MAX_LEVELS - 1}", Place.INTO, qian)  # nuts would be too deep
    assert tree() == before
    move("food", f"l{MAX_LEVELS - 1}", Place.BEFORE, qian)


def test_a_tree_that_is_too_deep_can_be_made_flatter(food: Category, qian: User) -> None:
    parent = Category.objects.get(code="tea")
    for level in range(3, MAX_LEVELS + 3):  # as a mall may send it
        parent = Category.objects.create(code=f"l{level}", name=f"{level}", parent=parent)
    shift("l4", Step.OUT, qian)

    assert is_a_tree()


def test_a_move_is_an_event_and_counts_from_now_on(food: Category, qian: User) -> None:
    shift("tea", Step.UP, qian)
    assert (Event.objects.count(), CatalogHistory.objects.count()) == (0, 0)
    shift("tea", Step.OUT, qian)
    event = Event.objects.get()

    assert (event.name, event.before, event.after) == (
        "catalog.category_moved", {"parent": "food"}, {"parent": ""},
    )  # fmt: skip
    assert CatalogHistory.objects.get().value == food.pk


def test_the_second_of_two_people_learns_of_the_first_move(food: Category, qian: User) -> None:
    """Both have seen the tea below food."""
    tea, nuts, home = seen("tea"), seen("nuts"), seen("home")
    move_category(category=tea, target=home, place=Place.INTO, by=qian, at=NOON)
    after = tree()
    with pytest.raises(CategoryMovedMeanwhile):
        shift_category(category=tea, step=Step.UP, by=qian, at=NOON)
    with pytest.raises(CategoryMovedMeanwhile):
        move_category(category=nuts, target=tea, place=Place.BEFORE, by=qian, at=NOON)

    assert tree() == after


def test_a_deleted_category_is_not_moved(food: Category, qian: User) -> None:
    home = seen("home")
    Category.objects.get(code="home").delete()
    with pytest.raises(CategoryGone):
        shift_category(category=home, step=Step.UP, by=qian, at=NOON)


def test_a_form_moves_and_records(food: Category, qian: User) -> None:
    tea = Category.objects.get(code="tea")
    tea.parent = Category.objects.get(code="home")
    save_category(category=tea, by=qian, at=NOON)

    assert tree() == ["food", ".nuts", "home", ".tea"]
    assert Event.objects.get().after == {"parent": "home"}


@pytest.mark.parametrize("code", ["food", "nuts", "tea", "home"])
def test_a_move_can_be_undone(food: Category, qian: User, code: str) -> None:
    category = Category.objects.get(code=code)
    before = place_of(category)
    assert before
    beside, place = before
    away = Category.objects.create(code="away", name="Away")
    before_move = tree()
    move(code, away.code, Place.BEFORE, qian)
    move(code, beside.code, place, qian)

    assert tree() == before_move


def move_into_the_next(racer: int) -> Any:
    return move(f"r{racer}", f"r{(racer + 1) % RACERS}", Place.INTO, staff("Qian"))


def all_move_in_a_circle() -> list[Any]:
    staff("Qian")
    for racer in range(RACERS):
        Category.objects.create(code=f"r{racer}", name=f"r{racer}")
    return run_concurrently(*[partial(move_into_the_next, racer) for racer in range(RACERS)])


def is_as_if_one_after_the_other(results: list[Any]) -> bool:
    expected = (Category, CategoryBelowItself, CategoryMovedMeanwhile, CategoryTooDeep)
    refused = [result for result in results if isinstance(result, Exception)]
    return all(isinstance(result, expected) for result in results) and bool(refused) and is_a_tree()


@pytest.mark.usefixtures("committed")
def test_a_circle_of_moves_is_refused_at_one_place() -> None:
    assert is_as_if_one_after_the_other(all_move_in_a_circle())


@pytest.mark.usefixtures("committed")
def test_control_without_the_lock_the_circle_corrupts_the_tree() -> None:
    with (
        mock.patch.object(category_tree, "lock_tree", nullcontext),
        mock.patch.object(goods, "lock_tree", nullcontext),
    ):
        # A deadlock shows the same race earlier.
        assert any(_goes_wrong() for _attempt in range(ATTEMPTS))


def _goes_wrong() -> bool:
    goes_wrong = not is_as_if_one_after_the_other(all_move_in_a_circle())
    Category.objects.all()._raw_delete("default")  # type: ignore[attr-defined]
    return goes_wrong
