"""Move categories: to another place among their siblings, below another one, to the top.

A rule of a commission plan for a category also holds for those below it, so a move counts for
orders that are placed from then on.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from catalog.events import CATALOG_CATEGORY_MOVED
from catalog.models import Category, lock_tree
from common.errors import TwotierError
from events.services import record
from members.models import User

MAX_LEVELS = 6


class Place(StrEnum):
    """Where a category goes, seen from another one; ``INTO``: below it, as the last."""

    BEFORE = "before"
    AFTER = "after"
    INTO = "into"


class Step(models.TextChoices):
    """One step on the page, without a second category."""

    UP = "up", pgettext_lazy("step of a category", "up")
    DOWN = "down", pgettext_lazy("step of a category", "down")
    IN = "in", pgettext_lazy("step of a category", "below the one above")
    OUT = "out", pgettext_lazy("step of a category", "out, one level up")


class CategoryBelowItself(TwotierError):
    code = "category_below_itself"
    message = _("The category “%(category)s” would be below itself. It was not moved.")


class CategoryTooDeep(TwotierError):
    code = "category_too_deep"
    message = _(
        "Categories have at most %(limit)s levels; with those below it, “%(category)s” would have"
        " more. It was not moved."
    )


class CategoryMovedMeanwhile(TwotierError):
    code = "category_moved_meanwhile"
    message = _(
        "“%(category)s” is elsewhere since you opened the page. The page shows the tree as it is"
        " now; nothing was moved."
    )


class CategoryGone(TwotierError):
    code = "category_gone"
    message = _("The category no longer exists. Nothing was moved.")


class NoStepThere(TwotierError):
    code = "category_at_the_edge"
    message = _("“%(category)s” cannot go further in this direction. Nothing was moved.")


@dataclass(frozen=True, slots=True)
class Seen:
    """A category, and below which one the person has seen it; ``parent`` 0: at the top."""

    key: int
    parent: int


@transaction.atomic
def move_category(
    *, category: Seen, target: Seen, place: Place, by: User, at: datetime
) -> Category:
    """Move a category with all below it beside or below another one.

    :raises CategoryGone: either was deleted
    :raises CategoryMovedMeanwhile: either is below another one than the person has seen
    :raises CategoryBelowItself: the other one is itself, or below it
    :raises CategoryTooDeep: there would be more than ``MAX_LEVELS``
    """
    lock_tree()
    moved, beside = _current(category), _current(target)
    _move(moved, beside, place, by=by, at=at)
    return moved


@transaction.atomic
def shift_category(*, category: Seen, step: Step, by: User, at: datetime) -> Category:
    """Move a category one step: before or after its neighbour, below that above, or out.

    :raises NoStepThere: it has no neighbour there, or is at the top
    :raises TwotierError: see ``move_category``
    """
    lock_tree()
    moved = _current(category)
    beside, place = _neighbour(moved, step)
    _move(moved, beside, place, by=by, at=at)
    return moved


@transaction.atomic
def save_category(*, category: Category, by: User, at: datetime) -> None:
    """Save a category as a form has changed it; another parent moves it there as the last.

    :raises CategoryTooDeep: there would be more than ``MAX_LEVELS``
    :raises InvalidMove: the parent is below it
    """
    lock_tree()
    stored = Category.objects.select_related("parent").filter(pk=category.pk).first()
    # Both as they are now: the form was filled in before the lock.
    parent = Category.objects.filter(pk=category.parent_id).first()
    require_room(stored or category, parent)
    category.save()
    if stored is not None:
        _record_move(category, stored.parent, by=by, at=at)


def require_room(category: Category, under: Category | None) -> None:
    """Check the depth of a category, also of a new one, below another one or at the top.

    :raises CategoryTooDeep: there would be more than ``MAX_LEVELS``
    """
    level = under.level + 1 if under else 0
    present = category.level if category.pk else -1
    below = category.get_descendants() if category.pk else Category.objects.none()
    lowest = below.aggregate(lowest=models.Max("level"))["lowest"]
    height = 0 if lowest is None else lowest - present
    # A tree that is deeper already, such as the mall's, can still be made flatter.
    if level > present and level + height >= MAX_LEVELS:
        raise CategoryTooDeep(category=category.name, limit=MAX_LEVELS)


def siblings(category: Category) -> list[Category]:
    """Return the categories below the same parent in their order, with itself."""
    rows = Category.objects.filter(parent=category.parent_id)
    return list(rows.order_by("tree_id", "lft"))


def place_of(category: Category) -> tuple[Category, Place] | None:
    """Return where a category is, seen from another one; ``None`` if it is the only root."""
    row = siblings(category)
    place = row.index(category)
    if place + 1 < len(row):
        return row[place + 1], Place.BEFORE
    if place:
        return row[place - 1], Place.AFTER
    return (category.parent, Place.INTO) if category.parent else None


def _neighbour(category: Category, step: Step) -> tuple[Category, Place]:
    """Return the category to which a step leads, and the place seen from it."""
    if step == Step.OUT:
        if category.parent is None:
            raise NoStepThere(category=category.name)
        return category.parent, Place.AFTER
    row = siblings(category)
    place = row.index(category) + (1 if step == Step.DOWN else -1)
    if not 0 <= place < len(row):
        raise NoStepThere(category=category.name)
    where = {Step.UP: Place.BEFORE, Step.DOWN: Place.AFTER, Step.IN: Place.INTO}
    return row[place], where[step]


def _current(seen: Seen) -> Category:
    rows = Category.objects.select_related("parent").filter(pk=seen.key)
    category: Category | None = rows.first()
    if category is None:
        raise CategoryGone
    if (category.parent_id or 0) != seen.parent:
        raise CategoryMovedMeanwhile(category=category.name)
    return category


def _move(category: Category, beside: Category, place: Place, *, by: User, at: datetime) -> None:
    before = category.parent
    under = beside if place == Place.INTO else beside.parent
    if under and under.is_descendant_of(category, include_self=True):
        raise CategoryBelowItself(category=category.name)
    if beside == category:
        return
    require_room(category, under)
    position = {Place.BEFORE: "left", Place.AFTER: "right", Place.INTO: "last-child"}[place]
    category.move_to(beside, position)
    _record_move(category, before, by=by, at=at)


def _record_move(category: Category, before: Category | None, *, by: User, at: datetime) -> None:
    after = category.parent
    if before != after:
        record(
            CATALOG_CATEGORY_MOVED, category, at=at, by=by,
            before={"parent": before.code if before else ""},
            after={"parent": after.code if after else ""},
        )  # fmt: skip
