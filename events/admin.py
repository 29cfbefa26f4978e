"""The record of events and their pending deliveries."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Concat
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter

from backoffice import menu
from backoffice.base import LargeTable, ReadOnlyAdmin, column, value_column
from backoffice.dialogs import action_button
from backoffice.references import describe, describe_actor, link_to
from backoffice.search import Search
from events import (
    delivery,
    recorded_changes,  # noqa: F401 - registers the history of settings
)
from events.models import Delivery, Event


def _json(value: Any) -> str:
    if value in (None, {}):
        return "–"
    text = json.dumps(value, ensure_ascii=False, indent=2, cls=DjangoJSONEncoder)
    return format_html('<pre class="whitespace-pre-wrap">{}</pre>', text)


@admin.register(Event)
class EventAdmin(Search, LargeTable, ReadOnlyAdmin):
    list_display = ["at", "what", "subject_reference", "actor", "request_id"]
    date_fields = ["at"]
    sort_fields = []
    sort_with_dates = ["at"]
    list_display_links = ["at"]
    search_fields = ["subject_id"]
    search_help_text = _("Whole name, subject, actor or request")
    search_exact = ("name", "subject_id", "actor_id", "request_id")
    fields = [
        "what", "name", "subject_reference", "actor", "at", "recorded_at", "request_id",
        "before_json", "after_json", "data_json",
    ]  # fmt: skip

    def search(self, rows: QuerySet[Event], term: str) -> QuerySet[Event]:
        kind, _colon, subject = term.partition(":")
        if subject:
            return rows.filter(subject_kind=kind, subject_id=subject)
        return super().search(rows, term)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        staff = get_user_model().objects.filter(username=OuterRef("actor_id"))
        name = Concat("last_name", "first_name")
        rows: QuerySet[Any] = super().get_queryset(request)
        named: QuerySet[Any] = rows.annotate(actor_name=Subquery(staff.values(text=name)))
        return named

    @column(_("event"))
    def what(self, event: Event) -> str:
        return event.title

    @column(_("subject"))
    def subject_reference(self, event: Event) -> Any:
        return link_to(event.subject_kind, event.subject_id)

    @column(_("actor"))
    def actor(self, event: Any) -> str:
        is_staff = event.actor_kind == get_user_model()._meta.label_lower
        name = (event.actor_name or event.actor_id) if is_staff else ""
        return describe_actor(event.actor_kind, event.actor_id, name)

    @column(_("before"))
    def before_json(self, event: Event) -> str:
        return _json(event.before)

    @column(_("after"))
    def after_json(self, event: Event) -> str:
        return _json(event.after)

    @column(_("data"))
    def data_json(self, event: Event) -> str:
        return _json(event.data)


class StuckFilter(DropdownFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("stuck", _("stuck")), ("waiting", _("waiting"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> QuerySet[Delivery]:
        if self.value() == "stuck":
            return queryset.filter(attempts__gte=Delivery.STUCK_AFTER)
        if self.value() == "waiting":
            return queryset.filter(attempts__lt=Delivery.STUCK_AFTER)
        return queryset


@admin.register(Delivery)
class DeliveryAdmin(Search, LargeTable, ReadOnlyAdmin):
    list_display = [
        "event_name", "about", "follower", "status_badge", "attempts", "due_at", "error",
    ]  # fmt: skip
    date_fields = ["due_at"]
    chips = ["state"]
    sort_fields = ["due_at"]
    list_display_links = ["event_name"]
    list_select_related = ["event"]
    list_filter = [StuckFilter]
    ordering = ("due_at", "id")
    search_fields = ["subject"]
    search_help_text = _("Whole subject or follower")
    search_exact = ("subject", "follower")
    about = value_column(_("subject"), "event.subject", lambda subject: describe(*subject))
    event_name = value_column(_("event"), "event.title")
    fields = ["event", "follower", "about", "attempts", "due_at", "last_error"]
    actions_row = ["retry_delivery"]
    actions_detail = ["retry_delivery"]

    def has_retry_permission(self, request: HttpRequest, *_row: Any) -> bool:
        # Not has_change_permission: that would open the form.
        return request.user.has_perm("events.change_delivery")

    @action_button(
        _("Try again now"),
        question=_("Pending events of this follower and subject are delivered now."),
        done=_("It is scheduled now. A worker delivers it shortly."),
        permission="retry",
        back_to_list=True,
        icon="replay",
    )
    def retry_delivery(self, row: Delivery, *, by: Any, at: datetime) -> None:
        delivery.retry(delivery=row, at=at)

    @column(_("state"), label={"stuck": "danger", "waiting": "info"})
    def status_badge(self, row: Delivery) -> tuple[str, Any]:
        stuck = row.attempts >= Delivery.STUCK_AFTER
        return ("stuck", _("stuck")) if stuck else ("waiting", _("waiting"))

    @column(_("last error"))
    def error(self, row: Delivery) -> str:
        return row.last_error[:80] or "–"


menu.register(
    "system",
    (_("History"), "history", "events.event"),
    (_("Deliveries"), "outbox", "events.delivery"),
)
