"""The history of an account or a role in words: rights, address, password, second factor."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice.panels import Line
from events.models import Event, Reference
from members.admin.timeline import actor_names
from members.models import User

LATEST = 30
FLAGS = {"is_active", "is_staff", "is_superuser"}


def lines_of(subject: Reference) -> list[Line]:
    """Return the latest events of an account or a role, and who caused them, in three queries."""
    rows = Event.objects.filter(subject_kind=subject.kind, subject_id=subject.id)
    latest = list(rows.order_by("-pk")[:LATEST])
    names = actor_names(latest)
    return [
        Line(row.at, " · ".join([row.title, *details(row)]), names[row.actor_kind, row.actor_id])
        for row in latest
    ]


def details(event: Event) -> list[str]:
    """Return what an event changed, in words."""
    before, after = event.before or {}, event.after or {}
    found = [_change(name, before.get(name), after[name]) for name in after]
    reason = event.data.get("reason")
    return [*filter(None, found), *([str(reason)] if reason else [])]


def _change(name: str, before: Any, after: Any) -> str:
    if name == "groups":
        text = _("roles: %(before)s → %(after)s")
        return text % {"before": _roles(before), "after": _roles(after)}
    if name == "permissions":
        added, removed = set(after or ()) - set(before or ()), set(before or ()) - set(after or ())
        return _number_of_rights(len(added), len(removed))
    if name in FLAGS:
        label = str(User._meta.get_field(name).verbose_name)  # type: ignore[union-attr]  # a column
        return f"{label}: {_yes(before)} → {_yes(after)}"
    if name == "email":
        return f"{before or '–'} → {after or '–'}"
    return ""


def _roles(names: Iterable[str] | None) -> str:
    return ", ".join(_(name) for name in names or ()) or _("none")


def _number_of_rights(added: int, removed: int) -> str:
    parts = []
    if added:
        text = ngettext("%(count)s right added", "%(count)s rights added", added)
        parts.append(text % {"count": added})
    if removed:
        text = ngettext("%(count)s right removed", "%(count)s rights removed", removed)
        parts.append(text % {"count": removed})
    return ", ".join(parts)


def _yes(value: Any) -> str:
    return _("yes") if value else _("no")
