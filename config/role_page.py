"""The page "Roles": what each role may see and do, who has it, and what nobody does alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.db.models import Prefetch, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy

from backoffice import menu, office
from backoffice.impacts import Effect
from backoffice.impacts import register as register_effects
from backoffice.menu import Link
from backoffice.names import staff_name
from backoffice.panels import BODY, Panel
from backoffice.panels import register as register_panel
from backoffice.reach import Holder, places
from backoffice.settings_index import Change
from backoffice.settings_index import people as count_people
from config.duties import FOUR_EYES, SEPARATIONS, broken_separations, read_out

PERMISSION = "members.view_user"
TITLE = gettext_lazy("Roles")


def show_roles(request: HttpRequest) -> HttpResponse:
    """Show every role in sentences."""
    may_edit = request.user.is_superuser
    rows = [_role(group, may_edit=may_edit) for group in _groups()]
    superusers = _active_staff().filter(is_superuser=True)
    return office.render(
        request, "admin/backoffice/roles.html", title=TITLE, roles=rows,
        superusers=[_person(user) for user in superusers],
        separations=[_separation(separation, rows) for separation in SEPARATIONS],
        four_eyes=list(FOUR_EYES.values()), warnings=_warnings(),
    )  # fmt: skip


def _active_staff() -> QuerySet[Any]:
    staff = get_user_model()._default_manager.filter(is_active=True, is_staff=True)
    return staff.order_by("username")


def _groups() -> list[Group]:
    people = Prefetch("user_set", _active_staff(), to_attr="people")
    groups = Group.objects.prefetch_related("permissions__content_type", people).order_by("name")
    return list(groups)


def _names(group: Group) -> set[str]:
    return {f"{row.content_type.app_label}.{row.codename}" for row in group.permissions.all()}


def _role(group: Group, *, may_edit: bool) -> dict[str, Any]:
    permissions = _names(group)
    duties, _others = read_out(permissions)
    opened = places(Holder(permissions))
    people: list[Any] = group.people  # type: ignore[attr-defined]  # prefetched
    return {
        "title": gettext(group.name),
        "duties": duties,
        "permissions": permissions,
        "places": [place for place in opened if place.buttons],
        "looked_at": [place.title for place in opened if not place.buttons],
        "people": [_person(user) for user in people],
        "warnings": broken_separations(permissions),
        "url": reverse("admin:auth_group_change", args=[group.pk]) if may_edit else "",
    }


def _person(user: Any) -> dict[str, str]:
    return {"name": staff_name(user), "url": reverse("admin:members_user_change", args=[user.pk])}


def _separation(separation: Any, roles: list[dict[str, Any]]) -> dict[str, Any]:
    """Return which roles have which of two permissions that nobody should have together."""

    def having(permission: str) -> list[str]:
        return [role["title"] for role in roles if permission in role["permissions"]]

    return {
        "sentence": separation.sentence,
        "first": having(separation.first),
        "second": having(separation.second),
    }


def _warnings() -> list[dict[str, Any]]:
    """Return the people, besides superusers, who have by several roles what nobody should have."""
    people = (
        _active_staff()
        .filter(is_superuser=False)
        .prefetch_related("user_permissions__content_type", "groups__permissions__content_type")
    )
    return [
        {**_person(user), "sentences": broken}
        for user in people
        if (broken := broken_separations(_permissions_of(user)))
    ]


def _permissions_of(user: Any) -> set[str]:
    """Return the permissions of a member of staff that were loaded with the account."""
    rows = [*user.user_permissions.all()]
    rows += [row for group in user.groups.all() for row in group.permissions.all()]
    return {f"{row.content_type.app_label}.{row.codename}" for row in rows}


def _rights_of(_request: HttpRequest, user: Any) -> dict[str, Any]:
    """Return the context of the panel on the page of a member of staff."""
    if user.is_superuser:
        return {"notice": gettext("A superuser may see and do everything.")}
    roles = ", ".join(gettext(name) for name in user.groups.values_list("name", flat=True))
    permissions = {
        f"{row.content_type.app_label}.{row.codename}"
        for row in Permission.objects.filter(Q(user=user) | Q(group__user=user)).select_related(
            "content_type"
        )
    }
    shown = _read_out(permissions)
    return {**shown, "facts": [(gettext("roles"), roles or gettext("none")), *shown["facts"]]}


def _duties_of(_request: HttpRequest, group: Group) -> dict[str, Any]:
    """Return the context of the panel on the page of a role."""
    permissions = {
        f"{row.content_type.app_label}.{row.codename}"
        for row in group.permissions.select_related("content_type")
    }
    return _read_out(permissions)


def _read_out(permissions: set[str]) -> dict[str, Any]:
    duties, others = read_out(permissions)
    facts = [(title, " ".join(map(str, sentences))) for title, sentences in duties]
    if others:
        facts.append((gettext("further rights"), str(len(others))))
    broken = " ".join(map(str, broken_separations(permissions)))
    notice = gettext("Two people should have this:") + f" {broken}" if broken else ""
    return {"facts": facts, "notice": notice}


@register_effects("auth.group.permissions", order=10)
def changed_duties(change: Change, _at: datetime) -> Iterator[Effect]:
    """Say which sentences a change of a role's rights adds and removes, and for how many people."""
    before, after = _sentences(change.before), _sentences(change.after)
    people = change.row.user_set.filter(is_active=True, is_staff=True).count()
    text = gettext("have this role.")
    if change.after - change.before:
        text = gettext("have this role. A right is added: they review and sign nothing for a day.")
    yield Effect(count_people(people), text)
    yield from (Effect(gettext("new"), text) for text in after if text not in before)
    yield from (Effect(gettext("gone"), text) for text in before if text not in after)
    known = set(broken_separations(change.before))
    for sentence in broken_separations(change.after):
        if sentence not in known:
            yield Effect(gettext("Two people should have this:"), sentence)


def _sentences(permissions: set[str]) -> list[str]:
    """Return sentences with their subject: to see something is not to do it."""
    duties, _others = read_out(permissions)
    return [f"{title}: {sentence}" for title, sentences in duties for sentence in sentences]


office.register(office.OfficePage("roles", "roles", TITLE, PERMISSION, show_roles, "badge"))
menu.register_link("settings", Link(TITLE, "admin_panel_settings", "office:roles", 65))
register_panel(
    Panel("rights", gettext_lazy("what this account may do"), "members.user", "", BODY,
          _rights_of, 120)
)  # fmt: skip
register_panel(
    Panel("duties", gettext_lazy("what this role may do"), "auth.group", "", BODY, _duties_of, 10)
)
