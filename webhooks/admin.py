# mypy: allow-subclassing-any, allow-any-generics
"""Endpoints of the clients, and what was sent to them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter
from unfold.enums import ActionVariant

from backoffice import menu
from backoffice.base import (
    NOTHING,
    ButtonsOnly,
    LargeTable,
    ReadOnlyAdmin,
    ReadOnlyInline,
    column,
    label_column,
    status_column,
    value_column,
)
from backoffice.dialogs import action_button
from backoffice.references import describe
from backoffice.search import Search
from members.models import User
from webhooks import endpoints
from webhooks.messages import title_of_type
from webhooks.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint

menu.register(
    "system",
    (_("Webhook endpoints"), "webhook", "webhooks.webhookendpoint"),
    (_("Webhook deliveries"), "send", "webhooks.webhookdelivery"),
)


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(ButtonsOnly, ReadOnlyAdmin):
    list_display = [
        "client", "host", "status_badge", "failures", "last_success_at", "switched_off_at",
    ]  # fmt: skip
    list_display_links = ["client", "host"]
    list_select_related = ["client"]
    list_filter = [("status", ChoicesDropdownFilter)]
    sortable_by = ()
    fields = [
        "client", "public_id", "host", "description", "event_types", "status_text", "reason",
        "switched_off_at", "failures", "failing_since", "last_success_at", "created_at",
    ]  # fmt: skip
    actions_detail = ["switch_on", "switch_off"]
    button_statuses = {
        "switch_on": [WebhookEndpoint.Status.OFF],
        "switch_off": [WebhookEndpoint.Status.ACTIVE],
    }
    status_text = label_column(_("status"), "status")
    status_badge = status_column({"active": "success", "off": "danger", "removed": "info"})

    def is_open(self, row: WebhookEndpoint) -> bool:
        return row.status != WebhookEndpoint.Status.REMOVED

    @column(_("address"))
    def host(self, row: WebhookEndpoint) -> str:
        return row.url.partition("?")[0]  # behind it may be a token

    @column(_("events"))
    def event_types(self, row: WebhookEndpoint) -> Any:
        return ", ".join(row.types) or _("all")

    @column(_("switched off"))
    def reason(self, row: WebhookEndpoint) -> str:
        return str(row.get_off_reason_display()) or NOTHING

    @action_button(
        _("Switch on"),
        question=_("Everything that waits is sent to this endpoint, in its order."),
        done=_("The endpoint is switched on."),
        icon="play_arrow",
        variant=ActionVariant.PRIMARY,
    )
    def switch_on(self, row: WebhookEndpoint, *, by: User, at: datetime) -> None:
        endpoints.switch_on(endpoint=row, by=by, at=at)

    @action_button(
        _("Switch off"),
        question=_("Nothing more is sent. Events are queued until it is switched on."),
        done=_("The endpoint is switched off."),
        icon="pause",
        variant=ActionVariant.DANGER,
    )
    def switch_off(self, row: WebhookEndpoint, *, by: User, at: datetime) -> None:
        endpoints.switch_off(endpoint=row, reason=WebhookEndpoint.OffReason.STAFF, by=by, at=at)


class StateFilter(DropdownFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("waiting", _("waiting")), ("delivered", _("delivered"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value():
            return queryset.filter(delivered_at__isnull=self.value() == "waiting")
        return queryset


class AttemptInline(ReadOnlyInline):
    model = WebhookAttempt
    fields = ["at", "status", "milliseconds", "error", "answer"]


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(Search, ButtonsOnly, LargeTable, ReadOnlyAdmin):
    list_display = [
        "created_at", "type", "about", "endpoint", "state", "attempts", "due_at",
    ]  # fmt: skip
    columns = ["delivered_at", "public_id"]
    date_fields = ["created_at", "delivered_at"]
    chips = ["state"]
    sort_fields = ["created_at"]
    list_display_links = ["created_at", "type"]
    list_select_related = ["endpoint__client", "message"]
    list_filter = [StateFilter]
    search_fields = ["subject"]
    search_help_text = _("Whole subject, id or message id")
    search_exact = ("subject", "public_id", "message__public_id")
    fields = [
        "public_id", "endpoint", "type", "about", "message_id_sent", "body", "state_text",
        "attempts", "due_at", "delivered_at",
    ]  # fmt: skip
    inlines = [AttemptInline]
    actions_detail = ["redeliver"]
    actions_row = ["redeliver"]
    type = value_column(_("event"), "message.type", title_of_type)
    about = value_column(_("subject"), "subject", lambda text: describe(*text.partition(":")[::2]))
    message_id_sent = value_column(_("message id"), "message.public_id")

    @column(_("body"))
    def body(self, row: WebhookDelivery) -> str:
        return bytes(row.message.body).decode()

    @column(_("state"))
    def state_text(self, row: WebhookDelivery) -> Any:
        return _("delivered") if row.delivered_at else _("waiting")

    @column(_("state"), label={"delivered": "success", "waiting": "info"})
    def state(self, row: WebhookDelivery) -> tuple[str, Any]:
        return row.status, self.state_text(row)

    @action_button(
        _("Send again"),
        question=_("The same message is sent to the endpoint again, under the same id."),
        done=_("It is queued. A worker sends it shortly."),
        icon="replay",
    )
    def redeliver(self, row: WebhookDelivery, *, by: User, at: datetime) -> None:
        endpoints.redeliver(endpoint=row.endpoint, deliveries=Q(pk=row.pk), by=by, at=at)
