# mypy: allow-subclassing-any, allow-any-generics
"""The roles of staff, which are Django's groups."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as BaseGroupAdmin
from django.contrib.auth.models import Group, Permission
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from backoffice.base import ModelAdmin, column
from backoffice.impacts import effects
from backoffice.panels import PanelsMixin
from backoffice.previews import Preview, PreviewedForm, PreviewLine, token_of
from backoffice.settings_index import Change
from common import clock
from members.admin.staff import PermissionsFieldMixin, SavedByVerbs, chosen
from members.rights import change_group, delete_group

admin.site.unregister(Group)


def names_of(permissions: QuerySet[Permission]) -> set[str]:
    rows = permissions.values_list("content_type__app_label", "codename")
    return {f"{app}.{codename}" for app, codename in rows}


@admin.register(Group)
class GroupAdmin(  # type: ignore[misc]  # unfold types get_inlines otherwise
    SavedByVerbs, PreviewedForm, PanelsMixin, PermissionsFieldMixin, BaseGroupAdmin, ModelAdmin
):
    """Only superusers change groups, because a group can grant every permission."""

    list_display = ["role"]

    @column(_("role"), ordering="name")
    def role(self, group: Group) -> str:
        return gettext(group.name)

    def heading(self, row: Group) -> str:
        return gettext(row.name)

    def has_add_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return bool(request.user.is_superuser)

    has_change_permission = has_delete_permission = has_add_permission

    def preview_of(self, row: Group, form: Any) -> Preview | None:
        before, after = (
            names_of(row.permissions.all()),
            names_of(chosen(row.permissions, form, "permissions")),
        )
        if before == after:
            return None
        change = Change(row, "permissions", before, after)
        line = PreviewLine(
            gettext("rights"), str(len(before)), str(len(after)), gettext("Counts at once."),
            effects("auth.group.permissions", change, at=clock.now()),
        )  # fmt: skip
        return Preview([line], token_of(row.pk, sorted(before), sorted(after)))

    def save_model(self, request: HttpRequest, obj: Group, form: Any, change: Any) -> None:
        by: Any = request.user
        permissions = form.cleaned_data["permissions"]
        if change:
            permissions = chosen(obj.permissions, form, "permissions")
        change_group(group=obj, permissions=permissions, by=by, at=clock.now())

    def delete_model(self, request: HttpRequest, obj: Group) -> None:
        by: Any = request.user
        delete_group(group=obj, by=by, at=clock.now())
