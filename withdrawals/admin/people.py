# mypy: allow-subclassing-any, allow-any-generics
"""Payees and real identities, masked; unmasking needs a reason and is recorded."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from backoffice.base import (
    NOTHING,
    LargeTable,
    ReadOnlyAdmin,
    admin_url,
    status_column,
    value_column,
)
from backoffice.pages import Page, PagesMixin
from backoffice.search import Search
from members.models import User
from members.search import search_members
from withdrawals import services
from withdrawals.admin.dialogs import ReasonPageForm
from withdrawals.admin.manual_payouts import UNMASK
from withdrawals.models import Payee, PayoutAuthorization, Person

AUTHORIZATION_COLOURS = {
    "asked": "warning",
    "wait_user_confirm": "info",
    "taking_effect": "success",
    "closed": "danger",
}
UNMASKED = {"name": _("real name"), "id_number": _("ID number"), "account": _("account to pay to")}


class MaskedAdmin(PagesMixin, Search, LargeTable, ReadOnlyAdmin):
    """Pages of a member's masked data, with a link to unmask it."""

    list_select_related = ["member"]
    search_help_text = _("Nickname, or whole id")
    search_related: ClassVar = {"member": search_members}

    def links(self, request: HttpRequest, row: Any = None) -> list[dict[str, Any]]:
        # A retired payee is not among the values that are unmasked.
        if row is None or getattr(row, "retired_at", None) or not request.user.has_perm(UNMASK):
            return []
        if not Person.objects.filter(pk=row.member_id).exists():
            return []
        url = admin_url(self.admin_site.name, "withdrawals", "person", "unmask", row.member_id)
        return [{"title": _("Unmask"), "url": url, "variant": "default"}]


@admin.register(Person)
class PersonAdmin(MaskedAdmin):
    list_display = ["member", "name_mask", "id_number_mask", "changed_at"]
    ordering = ("-pk",)
    search_fields = ["member__public_id"]
    fields = ["member", "name_mask", "id_number_mask", "changed_at"]

    def page_context(self, page: Page, row: Person) -> dict[str, Any]:
        return {"intro": str(row)}

    def do_unmask(
        self, row: Person, *, request: HttpRequest, reason: str, by: User, at: datetime
    ) -> HttpResponse:
        """Return the values in the response to the POST; they are not stored or linked."""
        values = services.unmask(member=row.member, reason=reason, by=by, at=at)
        return self.show_page(
            request, title=_("Unmask"), intro=str(row),
            values=[(label, values[name]) for name, label in UNMASKED.items() if values[name]],
        )  # fmt: skip

    pages = (
        Page(
            "unmask", _("Unmask"), UNMASK, ReasonPageForm, run=do_unmask, of_row=True,
            needs_request=True,
        ),
    )  # fmt: skip


@admin.register(Payee)
class PayeeAdmin(MaskedAdmin):
    list_display = ["member", "channel", "to_account", "at_bank", "since", "retired_at"]
    columns = ["public_id"]
    date_fields = ["since", "retired_at"]
    chips = ["channel"]
    sort_fields = ["since"]
    list_filter = [("channel", ChoicesDropdownFilter)]
    search_fields = ["public_id"]
    search_exact = ("public_id",)
    fields = ["member", "public_id", "channel", "to_account", "at_bank", "since", "retired_at"]
    # The labels of the fields themselves are the ledger's.
    to_account = value_column(_("account to pay to"), "account_mask")
    at_bank = value_column(_("name of the bank"), "bank", lambda bank: bank or NOTHING)


@admin.register(PayoutAuthorization)
class PayoutAuthorizationAdmin(Search, LargeTable, ReadOnlyAdmin):
    list_display = ["number", "member", "status_badge", "asked_at", "authorized_at", "closed_at"]
    date_fields = ["asked_at", "authorized_at", "closed_at"]
    chips = ["status"]
    sort_fields = ["asked_at"]
    list_select_related = ["member"]
    list_filter = [("status", ChoicesDropdownFilter)]
    search_fields = ["number"]
    search_exact = ("number",)
    search_help_text = _("Nickname, or whole id")
    search_related: ClassVar = {"member": search_members}
    fields = [
        "member", "number", "merchant", "app", "status", "asked_at", "authorized_at", "closed_at",
        "close_reason", "last_error", "poll_count", "next_poll_at",
    ]  # fmt: skip
    status_badge = status_column(AUTHORIZATION_COLOURS)
