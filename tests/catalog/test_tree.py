"""The category tree survives concurrent writes."""

from __future__ import annotations

from contextlib import nullcontext
from functools import partial
from unittest import mock

import pytest
from mptt.exceptions import InvalidMove

from catalog.models import Category, goods
from tests.concurrency import run_concurrently

WRITERS, EACH = 6, 5


def is_a_tree() -> bool:
    """Check the tree numbers against a rebuild from the parents."""
    columns = ("id", "tree_id", "lft", "rght", "level")
    before = set(Category.objects.values_list(*columns))
    Category.objects.rebuild()  # type: ignore[attr-defined]
    return before == set(Category.objects.values_list(*columns))


def grow(writer: int) -> None:
    root = Category.objects.get(code="root")
    for place in range(EACH):
        Category.objects.create(code=f"{writer}-{place}", name=f"{place}{writer}", parent=root)


def all_grow() -> list[object]:
    Category.objects.create(code="root", name="root")
    return run_concurrently(*[partial(grow, writer) for writer in range(WRITERS)])


@pytest.mark.usefixtures("committed")
def test_concurrent_writers_keep_a_valid_tree() -> None:
    assert all_grow() == [None] * WRITERS
    assert Category.objects.count() == WRITERS * EACH + 1
    assert is_a_tree()


@pytest.mark.usefixtures("committed")
def test_control_without_the_lock_the_tree_is_corrupted() -> None:
    with mock.patch.object(goods, "lock_tree", nullcontext):
        results = all_grow()
    # A deadlock shows the same race earlier.
    assert results != [None] * WRITERS or not is_a_tree()


@pytest.mark.django_db
def test_a_category_cannot_be_its_own_descendant() -> None:
    food = Category.objects.create(code="food", name="食品")
    nuts = Category.objects.create(code="nuts", name="坚果", parent=food)
    food.parent = nuts
    with pytest.raises(InvalidMove):
        food.save()
    assert is_a_tree()
