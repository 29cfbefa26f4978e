"""Home pages of distributors, with a button that clears an objectionable line."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from backoffice.base import ButtonsOnly, LargeTable, ReadOnlyAdmin, ReadOnlyInline
from backoffice.dialogs import ReasonForm, action_button
from backoffice.search import Search
from distribution.admin.search import search_distributors
from members.models import User
from sharing import services
from sharing.models import HomePage, HomeProduct


class HomeProductInline(ReadOnlyInline):
    model = HomeProduct
    fields = readonly_fields = ["position", "product"]
    hide_title = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[HomeProduct]:
        rows: QuerySet[HomeProduct] = super().get_queryset(request)
        return rows.select_related("product").order_by("position")


@admin.register(HomePage)
class HomePageAdmin(Search, ButtonsOnly, LargeTable, ReadOnlyAdmin):
    list_display = ["distributor", "line", "updated_at"]
    date_fields = ["updated_at"]
    sort_fields = ["updated_at"]
    list_select_related = ["distributor__member"]
    ordering = ["-updated_at", "-pk"]
    search_fields = ["distributor"]
    search_help_text = _("Nickname, whole id, or whole invite code of the distributor")
    search_related: ClassVar = {"distributor": search_distributors}
    fields = ["distributor", "line", "updated_at"]
    inlines = [HomeProductInline]
    actions_detail = ["clear"]

    def hidden_buttons(self, row: HomePage, by: Any) -> list[str]:
        return [] if row.line else ["clear"]

    @action_button(
        _("Clear the line"),
        question=_("The page shows no line until the distributor writes another one."),
        done=_("The line is cleared."),
        form=ReasonForm,
        icon="backspace",
    )
    def clear(self, row: HomePage, *, reason: str, by: User, at: datetime) -> None:
        services.clear_home(home=row, reason=reason, by=by, at=at)
