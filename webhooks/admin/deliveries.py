# mypy: allow-subclassing-any, allow-any-generics
"""What was sent to endpoints, what they answered, and sending it again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter, RelatedDropdownFilter

from backoffice.base import (
    NOTHING,
    ButtonsOnly,
    LargeTable,
    ReadOnlyAdmin,
    ReadOnlyInline,
    column,
    value_column,
)
from backoffice.dialogs import DialogForm, action_button
from backoffice.references import describe
from backoffice.search import Search
from backoffice.timeline import format_moment
from members.models import User
from webhooks import endpoints
from webhooks.admin.health import last_answers
from webhooks.admin.words import DELIVERY_COLOURS, ERRORS, STATES, answer_words, state_of
from webhooks.masking import masked_body, masked_text
from webhooks.messages import title_of_type
from webhooks.models import WebhookAttempt, WebhookDelivery

CONDITIONS = {
    "waiting": Q(delivered_at=None, attempts=0),
    "retrying": Q(delivered_at=None, attempts__gt=0),
    "delivered": Q(delivered_at__isnull=False),
}


class StateFilter(DropdownFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(STATES.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        condition = CONDITIONS.get(str(self.value()))
        return queryset.filter(condition) if condition else queryset


class AttemptInline(ReadOnlyInline):
    model = WebhookAttempt
    fields = ["at", "status", "milliseconds", "error_words", "masked_answer"]
    readonly_fields = fields

    @column(_("why it failed"))
    def error_words(self, row: WebhookAttempt) -> str:
        return str(ERRORS.get(row.error, row.error)) or NOTHING

    @column(_("answer"))
    def masked_answer(self, row: WebhookAttempt) -> SafeString | str:
        text = masked_text(row.answer)
        return format_html("<code>{}</code>", text) if text else NOTHING


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(Search, ButtonsOnly, LargeTable, ReadOnlyAdmin):
    list_display = [
        "created_at", "type", "about", "endpoint", "state", "attempts", "last_answer", "due",
    ]  # fmt: skip
    columns = ["delivered_at", "public_id", "message_id_sent"]
    date_fields = ["created_at", "delivered_at"]
    chips = ["state"]
    sort_fields = ["created_at"]
    list_display_links = ["created_at", "type"]
    list_select_related = ["endpoint__client", "message"]
    list_filter = [StateFilter, ("endpoint", RelatedDropdownFilter)]
    search_fields = ["subject"]
    search_help_text = _("Whole subject, id or message id")
    search_exact = ("subject", "public_id", "message__public_id")
    fields = [
        "endpoint", "type", "about", "state_text", "attempts", "due", "delivered_at", "public_id",
        "message_id_sent", "body",
    ]  # fmt: skip
    inlines = [AttemptInline]
    actions_detail = ["redeliver"]
    actions_row = ["redeliver"]
    type = value_column(_("event"), "message.type", title_of_type)
    about = value_column(_("subject"), "subject", lambda text: describe(*text.partition(":")[::2]))
    message_id_sent = value_column(_("message id"), "message.public_id")
    due = value_column(_("next attempt at"), "next_attempt_at", format_moment)

    def prepare_rows(self, request: HttpRequest, rows: Sequence[Any]) -> None:
        answers = last_answers(rows)
        for row in rows:
            row.last_answer = answers.get(row.pk)

    @column(_("body, personal data masked"))
    def body(self, row: WebhookDelivery) -> SafeString:
        text = masked_body(bytes(row.message.body))
        return format_html('<pre class="tt-body" tabindex="0">{}</pre>', text)

    @column(_("last answer"))
    def last_answer(self, row: WebhookDelivery) -> str:
        return answer_words(getattr(row, "last_answer", None))

    @column(_("state"), label=DELIVERY_COLOURS)
    def state(self, row: WebhookDelivery) -> tuple[str, Any]:
        state = state_of(row)
        return state, STATES[state]

    @column(_("state"))
    def state_text(self, row: WebhookDelivery) -> Any:
        return STATES[state_of(row)]

    @action_button(
        _("Send again"),
        question=_("The same message is sent to the endpoint again, under the same id."),
        done=_("It is queued. A worker sends it shortly."),
        form=DialogForm,
        icon="replay",
    )
    def redeliver(self, row: WebhookDelivery, *, by: User, at: datetime) -> None:
        endpoints.redeliver(endpoint=row.endpoint, deliveries=Q(pk=row.pk), by=by, at=at)
