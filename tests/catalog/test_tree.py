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
    """Check the numbers of the tree against the parents, whatever the order of siblings."""
    rows = list(Category.objects.order_by("tree_id", "lft"))
    above: list[Category] = []
    roots: list[int] = []
    for row in rows:
        while above and above[-1].rght < row.lft:
            above.pop()
        if row.parent_id is None:
            above.clear()
            roots.append(row.tree_id)
        parent = above[-1] if above else None
        descendants = sum(
            row.tree_id == other.tree_id and row.lft < other.lft < row.rght for other in rows
        )
        is_right = (
            row.parent_id == (parent.pk if parent else None)
            and row.level == len(above)
            and row.rght == row.lft + 2 * descendants + 1
            and (row.lft == 1) == (parent is None)
            and (parent is None or (row.tree_id == parent.tree_id and row.rght < parent.rght))
        )
        if not is_right:
            return False
        above.append(row)
    return len(set(roots)) == len(roots)


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
