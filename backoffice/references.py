"""Say in words what an event, an alarm or a case is about, and lead to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.apps import apps
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from backoffice.access import StrOrPromise

_kinds: dict[str, tuple[StrOrPromise, Callable[[str], StrOrPromise]]] = {}


def register_kind(kind: str, title: StrOrPromise, label: Callable[[str], StrOrPromise]) -> None:
    """Name a kind of subject that is no model, such as ``closing.control``, and its ids."""
    _kinds[kind] = (title, label)


def kind_name(kind: str) -> str:
    """Return the name of ``orders.order`` or of a room; the kind itself if there is none."""
    if kind in _kinds:
        return str(_kinds[kind][0])
    room, _dot, model = kind.partition(".")
    try:
        if model:
            return capfirst(str(apps.get_model(room, model)._meta.verbose_name))
        return str(apps.get_app_config(room).verbose_name)
    except LookupError:
        return kind


def describe(kind: str, public_id: str) -> str:
    """Return the kind and the id in words: ``Order e20260001``."""
    if kind in _kinds:
        return str(_kinds[kind][1](public_id))
    return f"{kind_name(kind)} {public_id}".strip()


def link_to(kind: str, public_id: str) -> Any:
    """Return the words as a link to the list in which the id finds the row."""
    room, _dot, model = kind.partition(".")
    try:
        url = reverse(f"admin:{room}_{model}_changelist")
    except NoReverseMatch:
        return describe(kind, public_id)
    return format_html(
        '<a href="{}?q={}" class="text-link underline">{}</a> <span data-id>{}</span>',
        url, public_id, kind_name(kind), public_id,
    )  # fmt: skip


def describe_actor(kind: str, public_id: str, name: str = "") -> str:
    """Return who did something: a person's name, a member's id, or the system."""
    if not kind:
        return _("the system")
    return name or describe(kind, public_id)
