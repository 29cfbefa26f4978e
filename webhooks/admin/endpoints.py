# mypy: allow-subclassing-any, allow-any-generics
"""Endpoints of the clients: create, change, test, switch, give a new secret, send again."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.enums import ActionVariant

from backoffice.base import (
    NOTHING,
    ButtonsOnly,
    ReadOnlyAdmin,
    StrOrPromise,
    column,
    label_column,
    status_column,
)
from backoffice.dialogs import DialogForm, action_button
from backoffice.pages import Page, PagesMixin, Preview
from backoffice.panels import PanelsMixin
from backoffice.secrets_page import show_secret
from common.clock import day_start
from integration.models import ApiClient
from members.models import User
from webhooks import endpoints
from webhooks.admin.endpoint_forms import ChangeForm, DaysForm, NewEndpointForm
from webhooks.admin.health import health_words, shown_url
from webhooks.admin.words import types_words
from webhooks.models import WebhookEndpoint
from webhooks.queries import happened_between

CHANGE = "webhooks.change_webhookendpoint"
Status = WebhookEndpoint.Status
QUEUED = _("%(count)s deliveries are queued. A worker sends them shortly.")


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(PagesMixin, PanelsMixin, ButtonsOnly, ReadOnlyAdmin):
    list_display = ["host", "client", "status_badge", "health", "failures", "last_success_at"]
    columns = ["description", "event_types", "switched_off_at", "created_at", "public_id"]
    chips = ["status"]
    list_display_links = ["host"]
    list_select_related = ["client"]
    list_filter = [("status", ChoicesDropdownFilter)]
    sortable_by = ()
    fields = [
        "client", "host", "description", "event_types", "status_text", "reason",
        "switched_off_at", "failures", "failing_since", "last_success_at", "created_at",
        "public_id",
    ]  # fmt: skip
    actions_detail = ["switch_on", "send_test", "send_waiting", "switch_off", "remove"]
    button_statuses = {
        "switch_on": [Status.OFF],
        "send_test": [Status.ACTIVE],
        "send_waiting": [Status.ACTIVE],
        "switch_off": [Status.ACTIVE],
    }
    status_text = label_column(_("status"), "status")
    status_badge = status_column({"active": "success", "off": "danger", "removed": "info"})

    def is_open(self, row: WebhookEndpoint) -> bool:
        return row.status != Status.REMOVED

    def is_page_offered(self, page: Page, row: Any, by: Any) -> bool:
        return row is None or self.is_open(row)

    @column(_("address"))
    def host(self, row: WebhookEndpoint) -> str:
        return shown_url(row)

    @column(_("health of the endpoint"))
    def health(self, row: WebhookEndpoint) -> str:
        return health_words(row)

    @column(_("events"))
    def event_types(self, row: WebhookEndpoint) -> str:
        return types_words(row.types)

    @column(_("switched off"))
    def reason(self, row: WebhookEndpoint) -> str:
        return str(row.get_off_reason_display()) or NOTHING

    def initial_of_row(self, page: Page, row: WebhookEndpoint) -> dict[str, Any]:
        if page.name != "edit":
            return {}
        return {"description": row.description, "types": row.types}

    def do_create(
        self, *, client: ApiClient, url: str, description: str, types: list[str], by: User,
        at: datetime, request: HttpRequest,
    ) -> HttpResponse:  # fmt: skip
        row, secret = endpoints.create_endpoint(
            client=client, url=url, description=description, types=types, by=by, at=at
        )
        return self._show_secret(request, row, secret)

    def do_change(
        self, row: WebhookEndpoint, *, url: str, description: str, types: list[str], by: User,
        at: datetime,
    ) -> StrOrPromise:  # fmt: skip
        endpoints.change_endpoint(
            endpoint=row, url=url or row.url, description=description, types=types, by=by, at=at
        )
        return _("The endpoint is changed. What waits goes to it as it is now.")

    def do_rotate(
        self, row: WebhookEndpoint, *, by: User, at: datetime, request: HttpRequest
    ) -> HttpResponse:
        secret = endpoints.rotate_secret(endpoint=row, by=by, at=at)
        return self._show_secret(request, row, secret)

    def _show_secret(self, request: HttpRequest, row: WebhookEndpoint, secret: str) -> HttpResponse:
        return show_secret(
            request, title=str(row), back=self.url("change", row.pk),
            intro=_(
                "Give it to the server that is called: it checks the signature of each call with"
                " it. For a day, calls are signed with the previous secret, too."
            ),
            pairs=[(_("secret"), secret)], lines=[f"WEBHOOK_SECRET={secret}"],
        )  # fmt: skip

    def preview_redelivery(self, row: WebhookEndpoint, *, first: date, last: date) -> Preview:
        count = row.deliveries.filter(_of_days(first, last)).count()
        limit = endpoints.MAX_REDELIVERIES
        lines = [str(_("%(count)s deliveries are sent again.") % {"count": f"{count:,}"})]
        if count > limit:
            lines.append(str(_("The oldest %(limit)s first; repeat it for the others.") % {
                "limit": f"{limit:,}"
            }))  # fmt: skip
        lines.append(str(_("Each keeps its id, so the receiver recognises what it has.")))
        return Preview(f"{first}:{last}", lines, _("Send again") if count else "")

    def do_redeliver(
        self, row: WebhookEndpoint, *, first: date, last: date, by: User, at: datetime
    ) -> StrOrPromise:
        chosen = _of_days(first, last)
        count = endpoints.redeliver(endpoint=row, deliveries=chosen, by=by, at=at)
        return QUEUED % {"count": f"{count:,}"}

    pages = (
        Page(
            "create", _("Create an endpoint"), CHANGE, NewEndpointForm, run=do_create,
            needs_request=True, variant="primary",
            intro=_("Events of the shop are sent to this address, signed with a secret."),
        ),
        Page(
            "edit", _("Change the endpoint"), CHANGE, ChangeForm, run=do_change, of_row=True,
            intro=_("What waits goes to the new address."),
        ),
        Page(
            "rotate", _("New secret"), CHANGE, forms.Form, run=do_rotate, of_row=True,
            needs_request=True,
            intro=_(
                "For a day, calls are signed with the new secret and with the previous one, so that"
                " the receiver can be changed meanwhile."
            ),
        ),
        Page(
            "redeliver_days", _("Send days again"), CHANGE, DaysForm, run=do_redeliver,
            preview=preview_redelivery, of_row=True,
            intro=_("For a receiver that lost what it had: events of these days are sent again."),
        ),
    )  # fmt: skip

    @action_button(
        _("Switch on"),
        question=_("Everything that waits is sent to this endpoint, in its order."),
        done=_("The endpoint is switched on."),
        form=DialogForm,
        icon="play_arrow",
        variant=ActionVariant.PRIMARY,
    )
    def switch_on(self, row: WebhookEndpoint, *, by: User, at: datetime) -> None:
        endpoints.switch_on(endpoint=row, by=by, at=at)

    @action_button(
        _("Send a test"),
        question=_("A message that is no event is sent; its answer appears in the deliveries."),
        done=_("The test is queued. Its answer appears below in a moment."),
        form=DialogForm,
        icon="send",
    )
    def send_test(self, row: WebhookEndpoint, *, by: User, at: datetime) -> None:
        endpoints.send_trial(endpoint=row, at=at)

    @action_button(
        _("Try what failed now"),
        question=_("Deliveries that wait for their next attempt are tried at once."),
        done=_("They are due now. A worker sends them shortly."),
        form=DialogForm,
        icon="fast_forward",
    )
    def send_waiting(self, row: WebhookEndpoint, *, by: User, at: datetime) -> StrOrPromise | None:
        failed = Q(delivered_at=None, attempts__gt=0)
        count = endpoints.redeliver(endpoint=row, deliveries=failed, by=by, at=at)
        return None if count else _("Nothing waits for another attempt.")

    @action_button(
        _("Switch off"),
        question=_("Nothing more is sent. Events are queued until it is switched on."),
        done=_("The endpoint is switched off."),
        form=DialogForm,
        icon="pause",
        variant=ActionVariant.DANGER,
    )
    def switch_off(self, row: WebhookEndpoint, *, by: User, at: datetime) -> None:
        endpoints.switch_off(endpoint=row, reason=WebhookEndpoint.OffReason.STAFF, by=by, at=at)

    @action_button(
        _("Remove"),
        question=_("What waits is never sent, and the endpoint cannot be brought back."),
        done=_("The endpoint is removed."),
        form=DialogForm,
        icon="delete",
        variant=ActionVariant.DANGER,
        back_to_list=True,
    )
    def remove(self, row: WebhookEndpoint, *, by: User, at: datetime) -> None:
        endpoints.remove_endpoint(endpoint=row, by=by, at=at)


def _of_days(first: date, last: date) -> Q:
    return happened_between(day_start(first), day_start(last + timedelta(days=1)))
