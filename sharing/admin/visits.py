"""Visits of shares. Address and user agent are personal data, so only the row's page shows them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter

from backoffice.base import LargeTable, ReadOnlyAdmin, column, value_column
from backoffice.search import Search, spellings
from members.search import search_members
from sharing.models import Share, Visit


def shares_by_code(term: str) -> QuerySet[Share]:
    return Share.objects.filter(code__in=spellings(term))


class JoinedFilter(DropdownFilter):  # type: ignore[misc]  # unfold brings no types
    title = _("visitor")
    parameter_name = "visitor"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("member", _("a member")), ("new", _("a new member")), ("anonymous", _("anonymous")),
        ]  # fmt: skip

    def queryset(self, request: HttpRequest, queryset: QuerySet[Visit]) -> QuerySet[Visit]:
        kinds: dict[str, dict[str, Any]] = {
            "member": {"member__isnull": False},
            "new": {"is_new_member": True},
            "anonymous": {"member": None},
        }
        return queryset.filter(**kinds.get(str(self.value()), {}))


@admin.register(Visit)
class VisitAdmin(Search, LargeTable, ReadOnlyAdmin):
    list_display = ["at", "share", "sharer", "member", "joined_at", "is_new_member", "page_count"]
    columns = ["public_id"]
    date_fields = ["at", "joined_at"]
    chips = ["visitor"]
    sort_fields = []
    sort_with_dates = ["at"]
    list_select_related = ["share__member", "member"]
    list_filter = [JoinedFilter]
    search_fields = ["public_id"]
    search_help_text = _("Whole share code, whole id of the visit, nickname or id of the visitor")
    search_exact = ("public_id",)
    search_related: ClassVar = {"share": shares_by_code, "member": search_members}
    fields = [
        "public_id", "share", "sharer", "at", "member", "joined_at", "is_new_member", "page_list",
        "ip", "user_agent",
    ]  # fmt: skip
    readonly_fields = ["sharer", "page_list"]
    sharer = value_column(_("shared by"), "share.member")

    @column(_("pages"))
    def page_count(self, visit: Visit) -> int:
        return len(visit.pages)

    @column(_("pages"))
    def page_list(self, visit: Visit) -> str:
        return " → ".join(visit.pages)
