"""The tree of categories: moved by dragging, by keys, or by buttons."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from backoffice import menu, office
from backoffice.menu import Link
from backoffice.office import OfficePage
from catalog.category_tree import (
    MAX_LEVELS,
    Place,
    Seen,
    Step,
    move_category,
    place_of,
    shift_category,
)
from catalog.models import Category
from common import clock
from common.errors import TwotierError

DROP = re.compile(r"(\d{1,18}):(\d{1,18}):(\d{1,18}):(\d{1,18}):(before|after|into)", re.ASCII)
STEP = re.compile(r"(\d{1,18}):(\d{1,18}):(up|down|in|out)", re.ASCII)
PAGE, TREE = "admin/catalog/tree_page.html", "admin/catalog/tree.html"
CHANGE = "catalog.change_category"
ICONS = {
    Step.UP: "arrow_upward", Step.DOWN: "arrow_downward", Step.OUT: "arrow_back",
    Step.IN: "arrow_forward",
}  # fmt: skip


class UnreadableMove(TwotierError):
    code = "category_move_unreadable"
    message = gettext_lazy("This move cannot be read. Reload the page. Nothing was moved.")
    status = 400


def show_tree(request: HttpRequest) -> HttpResponse:
    """Show all categories in their order, with the number of products below each."""
    return office.render(request, PAGE, title=gettext_lazy("Categories"), **_context(request))


def move(request: HttpRequest) -> HttpResponse:
    """Move a category, and show the tree as it is now."""
    try:
        result = _move(request)
    except TwotierError as error:
        result = {"refusal": str(error)}
    if request.headers.get("HX-Request"):
        context = {**_context(request), **result}
        return TemplateResponse(request, TREE, context, headers=office.NO_STORE)
    if "refusal" in result:
        messages.error(request, result["refusal"])
    else:
        messages.success(request, result["done"])
    return HttpResponseRedirect(office.url("categories"))


def _move(request: HttpRequest) -> dict[str, Any]:
    """Make the move that a form asks for; return what the page says about it.

    ``step`` is ``12:3:up``: a category with its parent, and a step. ``drop`` is
    ``12:3:45:7:before``: two categories with their parents, and a place.
    """
    by: Any = request.user
    at = clock.now()
    if match := DROP.fullmatch(request.POST.get("drop", "")):
        category, target = Seen(int(match[1]), int(match[2])), Seen(int(match[3]), int(match[4]))
        before = _place_now(category)
        moved = move_category(category=category, target=target, place=Place(match[5]), by=by, at=at)
    elif match := STEP.fullmatch(request.POST.get("step", "")):
        category = Seen(int(match[1]), int(match[2]))
        before = _place_now(category)
        moved = shift_category(category=category, step=Step(match[3]), by=by, at=at)
    else:
        raise UnreadableMove
    return {"done": _sentence(moved), "moved": moved.pk, "undo": _undo(moved, before)}


def _place_now(seen: Seen) -> tuple[Category, Place] | None:
    category = Category.objects.select_related("parent").filter(pk=seen.key).first()
    return place_of(category) if category else None


def _undo(moved: Category, before: tuple[Category, Place] | None) -> str:
    """Return the ``drop`` that takes a category back to where it was."""
    if before is None:
        return ""
    beside, place = before
    return f"{moved.pk}:{moved.parent_id or 0}:{beside.pk}:{beside.parent_id or 0}:{place}"


def _sentence(category: Category) -> str:
    if category.parent is None:
        return _("“%(category)s” is at the top now.") % {"category": category.name}
    return _("“%(category)s” is below “%(parent)s” now.") % {
        "category": category.name, "parent": category.parent.name,
    }  # fmt: skip


def _context(request: HttpRequest) -> dict[str, Any]:
    rows = list(
        Category.objects.order_by("tree_id", "lft")
        .annotate(own=Count("products"))
        .select_related("parent")
    )
    below = _with_descendants(rows)
    may_change = request.user.has_perm(CHANGE)
    return {
        "rows": [_row(row, below[row.pk]) for row in rows],
        "may_move": may_change,
        "move_url": office.url("categories_move"),
        "add_url": _url("add") if request.user.has_perm("catalog.add_category") else "",
        "table_url": _url("changelist"),
        "max_levels": MAX_LEVELS,
    }


def _row(row: Any, count: int) -> dict[str, Any]:
    parent = row.parent_id or 0
    return {
        "key": row.pk,
        "parent": parent,
        "name": row.name,
        "code": row.code,
        "level": row.level + 1,
        "has_children": not row.is_leaf_node(),
        "own": row.own,
        "all": count,
        "url": _url("change", row.pk),
        "products_url": f"{menu.url_of('catalog.product')}?category={row.pk}",
        "steps": [
            {
                "value": f"{row.pk}:{parent}:{step}",
                "icon": ICONS[step],
                "name": step,
                "label": _("Move “%(category)s” %(step)s")
                % {"category": row.name, "step": step.label},
            }
            for step in (Step.UP, Step.DOWN, Step.OUT, Step.IN)
        ],
    }


def _with_descendants(rows: Sequence[Any]) -> Counter[int]:
    """Return the number of products of each category, with those below it."""
    counts: Counter[int] = Counter({row.pk: row.own for row in rows})
    for row in reversed(rows):  # children before their parents
        if row.parent_id:
            counts[row.parent_id] += counts[row.pk]
    return counts


def _url(page: str, *args: Any) -> str:
    return reverse(f"admin:catalog_category_{page}", args=args)


office.register(
    OfficePage(
        "categories", "catalog/tree", gettext_lazy("Categories"), "catalog.view_category",
        require_safe(show_tree), "account_tree",
    )
)  # fmt: skip
office.register(
    OfficePage(
        "categories_move", "catalog/tree/move", gettext_lazy("Categories"), CHANGE,
        require_POST(move), of="office:categories",
    )
)  # fmt: skip
menu.register_link("marketing", Link(gettext_lazy("Categories"), "account_tree",
                                     "office:categories", 15))  # fmt: skip
