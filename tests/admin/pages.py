"""Every page that the admin has, found by asking the admin."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, NamedTuple

from django.contrib import admin
from django.urls import reverse

PAGES: list[Any] = list(admin.site._registry.values())


def name(page: Any) -> str:
    return str(page.opts.label_lower)


def url(page: Any, what: str, *args: Any) -> str:
    return reverse(f"admin:{page.opts.app_label}_{page.opts.model_name}_{what}", args=args)


def row(page: Any) -> Any:
    """Any row; of a product and its like the one with the most to show."""
    return page.model._default_manager.order_by("pk").last()


def urls(page: Any) -> Iterator[str]:
    """Its list, form, history, and what the rights of a superuser open besides."""
    yield url(page, "changelist")
    yield url(page, "change", row(page).pk)
    yield url(page, "history", row(page).pk)
    if page.has_add_permission(_AsSuperuser()):
        yield url(page, "add")
    if page.has_delete_permission(_AsSuperuser(), row(page)):
        yield url(page, "delete", row(page).pk)


class Button(NamedTuple):
    page: Any
    action: Any

    @property
    def url(self) -> str:
        return reverse(f"admin:{self.action.action_name}", args=[row(self.page).pk])

    def __str__(self) -> str:
        return str(self.action.action_name)


def buttons() -> list[Button]:
    """All of them, wherever they are shown."""
    return [
        Button(page, action)
        for page in PAGES
        for action in {
            each.action_name: each
            for each in (
                *page._get_base_actions_list(),
                *page._get_base_actions_row(),
                *page._get_base_actions_detail(),
                *page._get_base_actions_submit_line(),
            )
        }.values()
    ]


class _Everything:
    is_active = is_superuser = is_staff = True

    def has_perm(self, _permission: str, _row: Any = None) -> bool:
        return True

    def has_module_perms(self, _app: str) -> bool:
        return True


class _AsSuperuser:
    user = _Everything()
    GET: ClassVar[dict[str, str]] = {}
