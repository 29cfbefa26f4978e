# mypy: allow-subclassing-any, allow-any-generics
"""All gifts, sent or not; people decide at the desk."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from backoffice import menu
from backoffice.base import LargeTable, ReadOnlyAdmin, column, status_column, value_column
from backoffice.menu import Link
from backoffice.search import Search
from incentives.admin.gifts_queue import gift_name
from incentives.models import GiftTask
from members.search import search_members

GIFT_COLOURS = {"open": "warning", "sent": "success", "cancelled": "info"}


@admin.register(GiftTask)
class GiftTaskAdmin(Search, LargeTable, ReadOnlyAdmin):
    list_display = ["recipient", "gift", "incentive", "status_badge", "opened_at", "done_at"]
    columns = ["note", "done_by", "public_id"]
    date_fields = ["opened_at", "done_at"]
    chips = ["status"]
    sort_fields = ["opened_at"]
    list_select_related = ["award__member", "award__version", "sku__product", "done_by"]
    list_filter = [("status", ChoicesDropdownFilter)]
    search_fields = ["public_id"]
    search_help_text = _("Nickname, code of the SKU, or whole id")
    fields = [
        "recipient", "gift", "incentive", "status", "opened_at", "note", "done_at", "done_by",
        "public_id",
    ]  # fmt: skip
    empty_text = _("No incentive has given a gift yet.")
    recipient = value_column(_("member"), "award.member")
    incentive = value_column(_("incentive"), "award.version.name")
    status_badge = status_column(GIFT_COLOURS)

    def search(self, rows: QuerySet[GiftTask], term: str) -> QuerySet[GiftTask]:
        found = Q(award__member__in=search_members(term)) | Q(sku__code=term)
        return rows.filter(found | Q(public_id=term.lower()))

    @column(_("gift"))
    def gift(self, row: GiftTask) -> str:
        return gift_name(row)


menu.register("incentives", (_("Gifts"), "redeem", "incentives.gifttask"))
menu.register_link("marketing", Link(_("Gifts"), "redeem", "incentives.gifttask", 37))
