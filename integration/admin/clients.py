# mypy: allow-subclassing-any, allow-any-generics
"""Clients of the API: create, rotate, revoke, resume."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.enums import ActionVariant

from backoffice.base import ButtonsOnly, ReadOnlyAdmin, column
from backoffice.dialogs import ReasonForm, action_button
from backoffice.fields import text_field
from backoffice.pages import Page, PagesMixin
from integration.clients import create_client, revoke_client, rotate_secret
from integration.models import SCOPES, ApiClient
from integration.pausing import MANAGE_PERMISSION, resume_client
from members.models import User


class ClientForm(forms.Form):
    name = text_field(_("name"), max_length=80)
    scopes = forms.MultipleChoiceField(
        label=_("scopes"), choices=list(SCOPES.items()), widget=forms.CheckboxSelectMultiple
    )


@admin.register(ApiClient)
class ApiClientAdmin(PagesMixin, ButtonsOnly, ReadOnlyAdmin):
    list_display = ["name", "key", "status_badge", "last_used_at", "created_at"]
    sortable_by = ()
    fields = [
        "name", "key", "scope_labels", "created_at", "rotated_at", "last_used_at",
        "paused_at", "revoked_at",
    ]  # fmt: skip
    readonly_fields = ["scope_labels"]
    actions_detail = ["resume", "revoke"]

    def hidden_buttons(self, row: ApiClient, by: User) -> list[str]:
        return [
            *([] if row.paused_at and not row.revoked_at else ["resume"]),
            *(["revoke"] if row.revoked_at else []),
        ]

    def is_page_offered(self, page: Page, row: Any, by: Any) -> bool:
        return row is None or row.revoked_at is None

    @column(_("status"), label={"in_use": "success", "paused": "danger", "revoked": "warning"})
    def status_badge(self, row: ApiClient) -> tuple[str, str]:
        if row.revoked_at:
            return "revoked", str(_("revoked"))
        return ("paused", str(_("paused"))) if row.paused_at else ("in_use", str(_("in use")))

    @column(_("scopes"))
    def scope_labels(self, row: ApiClient) -> str:
        return ", ".join(f"{scope} ({SCOPES[scope]})" for scope in row.scopes)

    def do_create(
        self, *, name: str, scopes: list[str], by: User, at: datetime, request: HttpRequest
    ) -> HttpResponse:
        client, secret = create_client(name=name, scopes=scopes, by=by, at=at)
        return self._show_secret(request, client, secret)

    def do_rotate(
        self, row: ApiClient, *, by: User, at: datetime, request: HttpRequest
    ) -> HttpResponse:
        return self._show_secret(request, row, rotate_secret(client=row, by=by, at=at))

    def _show_secret(self, request: HttpRequest, client: ApiClient, secret: str) -> HttpResponse:
        return self.show_page(
            request,
            title=client.name,
            intro=_("Copy the secret now: it is shown once."),
            lines=[f"KEY={client.key}", f"SECRET={secret}"],
            back=self.url("change", client.pk),
        )

    pages = (
        Page(
            "create", _("Create a client"), MANAGE_PERMISSION, ClientForm, run=do_create,
            needs_request=True, variant="primary",
            intro=_("One for each server of the mall. Give it only the scopes that it needs."),
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
        _("Revoke"),
        question=_("All its requests are refused from now on. This cannot be undone."),
        done=_("The client is revoked."),
        permission="decide",
        icon="block",
        variant=ActionVariant.DANGER,
    )
    def revoke(self, row: ApiClient, *, by: User, at: datetime) -> None:
        revoke_client(client=row, by=by, at=at)
