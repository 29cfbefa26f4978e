"""Orders are facts: they are looked at here, and come in through ``ingest_orders`` alone."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter

from common import clock
from common.admin import LargeTable, ModelAdmin, ReadOnlyAdmin, ReadOnlyInline, column
from common.money import format_yuan
from distribution.models import Distributor
from events.services import record
from members.models import Identity, Member, User
from orders.events import ORDERS_POLICY_CHANGED
from orders.models import Attribution, Order, OrderLine, Policy, Refund

STATUS_COLOURS = {
    "placed": "info", "paid": "info", "shipped": "info", "received": "warning",
    "completed": "success", "closed": "danger",
}  # fmt: skip
REFUND_STATUS_COLOURS = {
    "requested": "warning", "approved": "warning", "done": "success", "rejected": "danger",
    "withdrawn": "info",
}  # fmt: skip


class StatusFilter(DropdownFilter):
    """A status that the database derives has no choices of its own."""

    title = _("status")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(model_admin.model.Status.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(status=self.value()) if self.value() else queryset


class LineInline(ReadOnlyInline):
    model = OrderLine
    fields = readonly_fields = [
        "number", "sku", "quantity", "price", "line_discount", "freight", "goods", "refunded_quantity",
        "refunded",
    ]  # fmt: skip
    hide_title = True

    def has_view_permission(self, *args: Any) -> bool:
        return True  # whoever may see the order

    def get_queryset(self, request: HttpRequest) -> QuerySet[OrderLine]:
        found: QuerySet[OrderLine] = super().get_queryset(request)
        return found.select_related("sku", "order").order_by("number")

    @column(_("unit price"))
    def price(self, line: OrderLine) -> str:
        return format_yuan(line.unit_price)

    @column(_("discount of the line"))
    def line_discount(self, line: OrderLine) -> str:
        return format_yuan(line.discount)

    @column(_("shipping of the line"))
    def freight(self, line: OrderLine) -> str:
        return format_yuan(line.shipping)

    @column(_("paid for goods"))
    def goods(self, line: OrderLine) -> str:
        return format_yuan(line.paid)

    @column(_("refunded amount"))
    def refunded(self, line: OrderLine) -> str:
        return format_yuan(line.refunded_amount)


@admin.register(Order)
class OrderAdmin(LargeTable, ReadOnlyAdmin):
    list_display = [
        "number", "buyer", "state", "goods", "placed_at", "paid_at", "received_at", "release_at",
    ]  # fmt: skip
    list_select_related = ["buyer"]
    list_filter = [StatusFilter]
    search_fields = ["number"]
    search_help_text = _("Whole order number, or the buyer's nickname or id outside")
    fields = [
        "number", "public_id", "buyer", "status_label", "placed_at", "paid_at", "shipped_at",
        "received_at", "closed_at", "release_at", "completed_at", "tier1_text", "tier2_text", "refunds",
    ]  # fmt: skip
    inlines = [LineInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Order]:
        found: QuerySet[Order] = super().get_queryset(request)
        return found.prefetch_related("lines__refunds")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Order], search_term: str
    ) -> tuple[QuerySet[Order], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        by_number = Order.objects.filter(number=term).values_list("pk", flat=True)
        known = Identity.objects.filter(external_id=term).values_list("member", flat=True)
        named = Member.objects.filter(nickname=term).values_list("pk", flat=True)
        buyers = {*known, *named}
        if found := list(by_number):
            return queryset.filter(pk__in=found), False
        return queryset.filter(buyer__in=buyers), False

    @column(_("status"))
    def status_label(self, order: Order) -> str:
        return str(self.state(order)[1])

    @column(_("status"), label=STATUS_COLOURS)
    def state(self, order: Order) -> tuple[str, str]:
        return order.status, str(Order.Status(order.status).label)

    @column(_("paid for goods"))
    def goods(self, order: Order) -> str:
        return format_yuan(sum(line.paid for line in order.lines.all()))

    @column(_("tier 1"))
    def tier1_text(self, order: Order) -> str:
        return _tier(order, 1)

    @column(_("tier 2"))
    def tier2_text(self, order: Order) -> str:
        return _tier(order, 2)

    @column(_("refunds"))
    def refunds(self, order: Order) -> str:
        rows = [
            (refund.number, line.number, refund.quantity, format_yuan(refund.amount),
             Refund.Status(refund.status).label)
            for line in order.lines.all()
            for refund in line.refunds.all()
        ]  # fmt: skip
        return format_html_join("", "<p>{} · {}: {} × · {} · {}</p>", rows) or "–"


def _tier(order: Order, tier: int) -> str:
    """Who stands in a tier, why, and what they were when the order was placed."""
    kept = Attribution.objects.select_related(
        f"tier{tier}__member", f"tier{tier}_level", f"tier{tier}_segment"
    ).get(pk=order.pk)
    why = str(Attribution.Reason(getattr(kept, f"tier{tier}_reason")).label)
    who = getattr(kept, f"tier{tier}")
    if who is None:
        return why
    status = Distributor.Status(getattr(kept, f"tier{tier}_status")).label
    also = (getattr(kept, f"tier{tier}_level"), getattr(kept, f"tier{tier}_segment"))
    return " · ".join(map(str, [who, why, status, *filter(None, also)]))


@admin.register(Refund)
class RefundAdmin(LargeTable, ReadOnlyAdmin):
    list_display = [
        "number", "order", "line_number", "quantity", "goods", "state", "requested_at", "done_at",
    ]  # fmt: skip
    list_select_related = ["line__order"]
    list_filter = [StatusFilter]
    search_fields = ["number"]
    search_help_text = _("Whole refund number or order number")
    fields = [
        "number", "public_id", "order", "line_number", "quantity", "goods", "refunded_freight",
        "reason", "status_label", "requested_at", "approved_at", "done_at", "rejected_at",
        "withdrawn_at",
    ]  # fmt: skip

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Refund], search_term: str
    ) -> tuple[QuerySet[Refund], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        lines = OrderLine.objects.filter(order__number=term).values_list("pk", flat=True)
        return queryset.filter(number=term) | queryset.filter(line__in=list(lines)), False

    @column(_("order"))
    def order(self, refund: Refund) -> str:
        return str(refund.line.order)

    @column(_("line"))
    def line_number(self, refund: Refund) -> int:
        return refund.line.number

    @column(_("amount"))
    def goods(self, refund: Refund) -> str:
        return format_yuan(refund.amount)

    @column(_("refunded freight"))
    def refunded_freight(self, refund: Refund) -> str:
        return format_yuan(refund.freight)

    @column(_("status"))
    def status_label(self, refund: Refund) -> str:
        return str(self.state(refund)[1])

    @column(_("status"), label=REFUND_STATUS_COLOURS)
    def state(self, refund: Refund) -> tuple[str, str]:
        return refund.status, str(Refund.Status(refund.status).label)


@admin.register(Policy)
class PolicyAdmin(ModelAdmin):
    """One row of settings. A change is recorded, and touches no order that is there already."""

    list_display = ["title", "protection_days", "self_purchase", "refund_alarm_days"]
    list_display_links = ["title"]
    ordering = ["pk"]
    fields = ["protection_days", "self_purchase", "refund_alarm_days"]

    def has_add_permission(self, *args: Any) -> bool:
        return False

    def has_delete_permission(self, *args: Any) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        if not form.changed_data:
            return
        assert isinstance(request.user, User), "the admin lets nobody else in"
        kept = Policy.objects.select_for_update().get(pk=obj.pk)
        before = {name: getattr(kept, name) for name in form.changed_data}
        super().save_model(request, obj, form, change)
        record(
            ORDERS_POLICY_CHANGED, obj, at=clock.now(), by=request.user, before=before,
            after={name: form.cleaned_data[name] for name in form.changed_data},
        )  # fmt: skip

    @column(_("settings"))
    def title(self, policy: Policy) -> str:
        return str(policy)
