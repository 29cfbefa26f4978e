# mypy: allow-subclassing-any, allow-any-generics
"""Clients of the API: create, change, give a new secret, switch off and on, revoke."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from backoffice.ages import age_text
from backoffice.base import ButtonsOnly, ReadOnlyAdmin, StrOrPromise, column
from backoffice.dialogs import DialogForm, ReasonForm, action_button
from backoffice.fields import text_field
from backoffice.pages import Page, PagesMixin
from backoffice.panels import PanelsMixin
from backoffice.secrets_page import show_secret
from common import clock
from integration.client_changes import (
    change_scopes,
    end_old_secret,
    switch_off_client,
    switch_on_client,
)
from integration.clients import create_client, revoke_client, rotate_secret
from integration.models import SCOPES, ApiClient
from integration.pausing import MANAGE_PERMISSION, resume_client
from members.models import User


class ScopesForm(forms.Form):
    scopes = forms.MultipleChoiceField(
        label=_("what it may do"), choices=list(SCOPES.items()),
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )  # fmt: skip


class ClientForm(ScopesForm):
    field_order = ("name", "scopes")
    name = text_field(_("name"), max_length=80)


@admin.register(ApiClient)
class ApiClientAdmin(PagesMixin, PanelsMixin, ButtonsOnly, ReadOnlyAdmin):
    list_display = ["name", "status_badge", "scope_labels", "last_used", "created_at"]
    columns = ["key", "rotated_at"]
    sortable_by = ()
    fields = [
        "name", "key", "status_text", "created_at", "rotated_at", "last_used_at", "paused_at",
        "switched_off_at", "revoked_at",
    ]  # fmt: skip
    actions_detail = ["resume", "switch_on", "end_old_secret", "switch_off", "revoke"]

    def hidden_buttons(self, row: ApiClient, by: User) -> list[str]:
        shown = {
            "resume": row.paused_at,
            "switch_on": row.switched_off_at,
            "end_old_secret": row.old_secret_encrypted,
            "switch_off": not row.switched_off_at,
            "revoke": True,
        }
        return [name for name, is_shown in shown.items() if row.revoked_at or not is_shown]

    def is_page_offered(self, page: Page, row: Any, by: Any) -> bool:
        return row is None or row.revoked_at is None

    @column(
        _("status"),
        label={"in_use": "success", "paused": "danger", "off": "warning", "revoked": "info"},
    )
    def status_badge(self, row: ApiClient) -> tuple[str, str]:
        if row.revoked_at:
            return "revoked", str(_("revoked"))
        if row.switched_off_at:
            return "off", str(_("switched off"))
        return ("paused", str(_("paused"))) if row.paused_at else ("in_use", str(_("in use")))

    @column(_("status"))
    def status_text(self, row: ApiClient) -> str:
        return self.status_badge(row)[1]

    @column(_("what it may do"))
    def scope_labels(self, row: ApiClient) -> str:
        return gettext(", ").join(str(SCOPES[scope]) for scope in SCOPES if scope in row.scopes)

    @column(_("last used"))
    def last_used(self, row: ApiClient) -> str:
        return age_text(row.last_used_at, clock.now()) if row.last_used_at else gettext("never")

    def initial_of_row(self, page: Page, row: ApiClient) -> dict[str, Any]:
        return {"scopes": row.scopes} if page.name == "scopes" else {}

    def do_create(
        self, *, name: str, scopes: list[str], by: User, at: datetime, request: HttpRequest
    ) -> HttpResponse:
        client, secret = create_client(name=name, scopes=scopes, by=by, at=at)
        return self._show_secret(request, client, secret)

    def do_rotate(
        self, row: ApiClient, *, by: User, at: datetime, request: HttpRequest
    ) -> HttpResponse:
        return self._show_secret(request, row, rotate_secret(client=row, by=by, at=at))

    def do_change_scopes(
        self, row: ApiClient, *, scopes: list[str], by: User, at: datetime
    ) -> StrOrPromise:
        change_scopes(client=row, scopes=scopes, by=by, at=at)
        return _("It may do this from its next request on.")

    def _show_secret(self, request: HttpRequest, client: ApiClient, secret: str) -> HttpResponse:
        return show_secret(
            request, title=client.name, back=self.url("change", client.pk),
            intro=_("Give both to the server that signs its requests with them."),
            pairs=[(_("access key"), client.key), (_("secret"), secret)],
            lines=[f"KEY={client.key}", f"SECRET={secret}"],
        )  # fmt: skip

    pages = (
        Page(
            "create", _("Create a client"), MANAGE_PERMISSION, ClientForm, run=do_create,
            needs_request=True, variant="primary",
            intro=_("One for each server of the mall. Give it only the scopes that it needs."),
        ),
        Page(
            "scopes", _("Change what it may do"), MANAGE_PERMISSION, ScopesForm,
            run=do_change_scopes, of_row=True,
            intro=_("Counts from its next request on. Give it only what it needs."),
        ),
        Page(
            "rotate", _("New secret"), MANAGE_PERMISSION, forms.Form, run=do_rotate,
            needs_request=True, of_row=True,
            intro=_(
                "The present secret stays valid until the next new one, so that the server can be"
                " changed meanwhile. The one before it ends now."
            ),
        ),
    )  # fmt: skip

    @action_button(
        _("Resume"),
        question=_("Its orders are taken in again. Make sure that the cause is removed."),
        done=_("The client is resumed."),
        permission="decide",
        form=ReasonForm,
        icon="play_circle",
        variant=ActionVariant.PRIMARY,
    )
    def resume(self, row: ApiClient, *, reason: str, by: User, at: datetime) -> None:
        resume_client(client=row, reason=reason, by=by, at=at)

    @action_button(
        _("End the previous secret"),
        question=_("Requests that are signed with the previous secret are refused from now on."),
        done=_("Only the present secret is valid."),
        form=DialogForm,
        icon="key_off",
    )
    def end_old_secret(self, row: ApiClient, *, by: User, at: datetime) -> None:
        end_old_secret(client=row, by=by, at=at)

    @action_button(
        _("Switch off"),
        question=_(
            "All its requests are refused, and nothing is sent to its endpoints, until it is"
            " switched on again. Its orders do not arrive meanwhile."
        ),
        done=_("The client is switched off."),
        form=ReasonForm,
        icon="pause",
        variant=ActionVariant.DANGER,
    )
    def switch_off(self, row: ApiClient, *, reason: str, by: User, at: datetime) -> None:
        switch_off_client(client=row, reason=reason, by=by, at=at)

    @action_button(
        _("Switch on"),
        question=_("Its requests are accepted again, and what waits for its endpoints is sent."),
        done=_("The client is switched on."),
        form=DialogForm,
        icon="play_arrow",
        variant=ActionVariant.PRIMARY,
    )
    def switch_on(self, row: ApiClient, *, by: User, at: datetime) -> None:
        switch_on_client(client=row, by=by, at=at)

    @action_button(
        _("Revoke"),
        question=_("All its requests are refused from now on. This cannot be undone."),
        done=_("The client is revoked."),
        permission="decide",
        icon="block",
        variant=ActionVariant.DANGER,
    )
    def revoke(self, row: ApiClient, *, by: User, at: datetime) -> None:
        revoke_client(client=row, by=by, at=at)
