# mypy: allow-subclassing-any, allow-any-generics
"""Orders and refunds, read-only: only ``ingest_orders`` writes them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import OuterRef, Q, QuerySet, Subquery, Sum
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter

from backoffice import menu
from backoffice.base import (
    NOTHING,
    LargeTable,
    ReadOnlyAdmin,
    ReadOnlyInline,
    admin_url,
    column,
    value_column,
    yuan_column,
)
from backoffice.panels import PanelsMixin
from backoffice.search import Search, spellings
from backoffice.timeline import format_moment
from members.search import keys_of_person
from orders import person  # noqa: F401 - registers the panel and the search
from orders.models import (
    Order,
    OrderLine,
    OrderShare,
    Refund,
)
from orders.search import has_number

STATUS_COLOURS = {
    "placed": "info", "paid": "info", "shipped": "info", "received": "warning",
    "completed": "success", "closed": "danger",
    "requested": "warning", "approved": "warning", "done": "success", "rejected": "danger",
    "withdrawn": "info",
}  # fmt: skip


class StatusColumns:
    """Columns of a status that the database derives, which has no choices."""

    @column(_("status"))
    def status_text(self, row: Any) -> str:
        return str(row.Status(row.status).label)

    @column(_("status"), label=STATUS_COLOURS)
    def status_badge(self, row: Any) -> tuple[str, str]:
        return row.status, self.status_text(row)


class StatusFilter(DropdownFilter):
    """Filters by a status that the database derives, which has no choices."""

    title = _("status")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(model_admin.model.Status.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(status=self.value()) if self.value() else queryset


class LineInline(ReadOnlyInline):
    model = OrderLine
    fields = readonly_fields = [
        "number", "sku", "quantity", "price", "line_discount", "freight", "goods",
        "refunded_quantity", "refunded",
    ]  # fmt: skip
    hide_title = True

    price = yuan_column(_("unit price"), "unit_price")
    line_discount = yuan_column(_("discount of the line"), "discount")
    freight = yuan_column(_("shipping of the line"), "shipping")
    goods = yuan_column(_("paid for goods"), "paid")
    refunded = yuan_column(_("refunded amount"), "refunded_amount")

    def has_view_permission(self, *args: Any) -> bool:
        return True  # of everyone who may see the order

    def get_queryset(self, request: HttpRequest) -> QuerySet[OrderLine]:
        lines: QuerySet[OrderLine] = super().get_queryset(request)
        return lines.select_related("sku", "order").order_by("number")


class ShareInline(ReadOnlyInline):
    model = OrderShare
    fields = readonly_fields = [
        "share_link", "shared_by", "channel", "label", "poster_template", "reason", "visited_at",
        "tier",
    ]  # fmt: skip
    hide_title = True

    shared_by = value_column(_("shared by"), "share.member")
    label = value_column(_("label"), "share.label")
    poster_template = value_column(_("poster template"), "share.template")

    def has_view_permission(self, *args: Any) -> bool:
        return True  # of everyone who may see the order

    def get_queryset(self, request: HttpRequest) -> QuerySet[OrderShare]:
        rows: QuerySet[OrderShare] = super().get_queryset(request)
        return rows.select_related("share__member", "visit")

    @column(_("share"))
    def share_link(self, row: OrderShare) -> str:
        url = admin_url(self.admin_site.name, "sharing", "share", "change", row.share_id)
        return format_html('<a href="{}">{}</a>', url, row.share)

    @column(_("channel"))
    def channel(self, row: OrderShare) -> str:
        return str(row.share.get_channel_display())

    @column(_("visited at"))
    def visited_at(self, row: OrderShare) -> str:
        return format_moment(row.visit.at) if row.visit else NOTHING


@admin.register(Order)
class OrderAdmin(PanelsMixin, StatusColumns, Search, LargeTable, ReadOnlyAdmin):
    list_display = [
        "number", "buyer", "status_badge", "paid_goods", "placed_at", "paid_at", "received_at",
        "release_at",
    ]  # fmt: skip
    columns = ["shipped_at", "completed_at", "closed_at", "public_id"]
    date_fields = ["placed_at", "paid_at", "received_at", "release_at"]
    amount_fields = sum_fields = ["paid_goods"]
    amounts_need_dates = True
    chips = ["status"]
    sort_fields = ["placed_at"]
    sort_with_dates = ["paid_goods"]
    list_select_related = ["buyer"]
    list_filter = [StatusFilter]
    search_fields = ["number"]
    search_help_text = _("Start or end of the order number, or the buyer's nickname or external id")
    fields = ["public_id", "region", "protection_days", "share"]
    inlines = [LineInline, ShareInline]
    paid_goods = yuan_column(_("paid for goods"), "paid_goods")

    class Media:
        css: ClassVar = {"all": ["twotier/admin/order.css"]}

    def get_inlines(self, request: HttpRequest, obj: Any) -> list[Any]:
        """Leave the share out where the order came by none."""
        inlines: list[Any] = super().get_inlines(request, obj)
        if obj and not OrderShare.objects.filter(order=obj).exists():
            return [inline for inline in inlines if inline is not ShareInline]
        return inlines

    def get_queryset(self, request: HttpRequest) -> QuerySet[Order]:
        orders: QuerySet[Order] = super().get_queryset(request)
        lines = OrderLine.objects.filter(order=OuterRef("pk")).order_by().values("order")
        paid = Subquery(lines.annotate(sum=Sum("paid")).values("sum"))
        return orders.annotate(paid_goods=paid)

    def search(self, rows: QuerySet[Order], term: str) -> QuerySet[Order]:
        numbered = Order.objects.filter(number__in=spellings(term))
        if keys := list(numbered.values_list("pk", flat=True)):
            return rows.filter(pk__in=keys)
        buyers = set(keys_of_person(term).values_list("pk", flat=True))
        return rows.filter(has_number(term) | Q(buyer__in=buyers))


@admin.register(Refund)
class RefundAdmin(StatusColumns, Search, LargeTable, ReadOnlyAdmin):
    list_display = [
        "number", "order", "line_number", "quantity", "goods", "status_badge", "requested_at",
        "done_at",
    ]  # fmt: skip
    columns = ["kind", "reason", "public_id"]
    date_fields = ["requested_at", "done_at"]
    amount_fields = sum_fields = ["amount"]
    chips = ["status"]
    sort_fields = ["requested_at"]
    sort_with_dates = ["amount"]
    list_select_related = ["line__order"]
    list_filter = [StatusFilter]
    search_fields = ["number"]
    search_help_text = _("Whole refund number or order number")
    fields = [
        "number", "public_id", "order", "line_number", "kind", "quantity", "goods",
        "refunded_freight",
        "reason", "status_text", "requested_at", "approved_at", "done_at", "rejected_at",
        "withdrawn_at",
    ]  # fmt: skip
    order = value_column(_("order"), "line.order")
    line_number = value_column(_("line"), "line.number")
    goods = yuan_column(_("amount"), "amount")
    refunded_freight = yuan_column(_("refunded freight"), "freight")

    def search(self, rows: QuerySet[Refund], term: str) -> QuerySet[Refund]:
        lines = OrderLine.objects.filter(order__number__in=spellings(term))
        keys = list(lines.values_list("pk", flat=True))
        return rows.filter(Q(number__in=spellings(term)) | Q(line__in=keys))


menu.register(
    "orders",
    (_("Orders"), "receipt_long", "orders.order"),
    (_("Refunds"), "assignment_return", "orders.refund"),
    (_("Order policy"), "tune", "orders.policy"),
)
