# mypy: allow-any-generics
"""Which pages and buttons a set of permissions opens, found by asking the pages themselves."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _

from backoffice import menu, office, queues
from backoffice.access import StrOrPromise, is_allowed

BUTTONS = ("list", "row", "detail", "submit_line")


class Holder:
    """Stands for a person with exactly these permissions; it asks no database."""

    is_active = is_staff = is_authenticated = True
    is_superuser = False
    pk = member_id = None

    def __init__(self, permissions: Collection[str]) -> None:
        self.permissions = frozenset(permissions)

    def has_perm(self, permission: str, _row: Any = None) -> bool:
        return permission in self.permissions

    def has_module_perms(self, app: str) -> bool:
        return any(name.startswith(f"{app}.") for name in self.permissions)


@dataclass(frozen=True)
class Place:
    """A page that opens, and what can be done there."""

    title: StrOrPromise
    buttons: list[str]


def places(holder: Holder) -> list[Place]:
    """Return the queues, pages and tables that open, each with its buttons."""
    tables = menu.tables()
    found: dict[str, list[str]] = {}
    for queue in queues.of(holder):
        for decision in queue.desk.decisions if queue.desk else ():
            if not decision.permission or holder.has_perm(decision.permission):
                found.setdefault(str(queue.title), []).append(str(decision.title))
    by_model = {page.opts.label_lower: page for page in admin.site._registry.values()}
    for title, _icon, model in tables.values():
        if model in by_model and menu.may_open(holder, model):
            found.setdefault(str(title), []).extend(_buttons(by_model[model], holder))
    for page in _own_pages(holder):
        found.setdefault(str(page.title), [])
    return [Place(title, sorted(set(buttons))) for title, buttons in found.items()]


def _own_pages(holder: Holder) -> Iterator[office.OfficePage]:
    """Yield the pages that need a permission and are no part of another page."""
    for page in office.pages():
        is_listed = bool(page.permission) and "<" not in page.path and not page.of
        if is_listed and not page.name.startswith("queue_") and is_allowed(holder, page.permission):
            yield page


def _buttons(page: Any, holder: Holder) -> Iterator[str]:
    """Yield what a holder may do on the list and the rows of a model."""
    request: Any = HttpRequest()
    request.user = holder
    rights = (
        (_("add"), page.has_add_permission),
        (_("edit"), page.has_change_permission),
        (_("delete"), page.has_delete_permission),
    )
    yield from (title for title, may in rights if may(request))
    for place in BUTTONS:
        for action in getattr(page, f"_get_base_actions_{place}")():
            if _is_offered(page, action, request):
                yield str(action.description)
    for beside in getattr(page, "pages", ()):
        if holder.has_perm(beside.permission):
            yield str(beside.title)


def _is_offered(page: Any, action: Any, request: HttpRequest) -> bool:
    needed: Iterable[str] = getattr(action.method, "allowed_permissions", ())
    return all(_has(page, name, request) for name in needed)


def _has(page: Any, name: str, request: HttpRequest) -> bool:
    if "." in name:
        return bool(request.user.has_perm(name))
    return bool(getattr(page, f"has_{name}_permission")(request))
