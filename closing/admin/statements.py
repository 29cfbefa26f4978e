# mypy: allow-subclassing-any, allow-any-generics
"""The provider's statements and their lines."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminSingleDateWidget

from backoffice.base import (
    ButtonsOnly,
    LargeTable,
    ReadOnlyAdmin,
    label_column,
    status_column,
    yuan_column,
)
from backoffice.dialogs import ReasonForm, action_button
from backoffice.fields import text_field, validate_day
from backoffice.pages import Page, PagesMixin
from closing import services
from closing.models import ProviderStatement, StatementLine
from closing.services.statement_import import IMPORT_PERMISSION
from closing.services.treasury import POST_PERMISSION
from members.models import User

STATUS_COLOURS = {"matched": "success", "suspended": "danger", "cleared": "info"}


class ImportForm(forms.Form):
    day = forms.DateField(
        label=_("day of the statement"), widget=UnfoldAdminSingleDateWidget,
        validators=[validate_day],
    )  # fmt: skip
    file = forms.FileField(label=_("the uncompressed file"), widget=UnfoldAdminFileFieldWidget)
    sha1 = text_field(
        _("the file's hash, as given by the provider"), 40,
        min_length=40, help_text=_("SHA1, 40 digits"),
    )  # fmt: skip


@admin.register(ProviderStatement)
class ProviderStatementAdmin(PagesMixin, LargeTable, ReadOnlyAdmin):
    list_display = ["day", "gateway", "rows", "last_balance", "imported_at", "by"]
    date_fields = ["day", "imported_at"]
    sort_fields = ["day", "imported_at"]
    list_select_related = ["by"]
    fields = ["day", "gateway", "rows", "last_balance", "sha1", "imported_at", "by"]
    last_balance = yuan_column(_("closing balance"), "closing_balance")

    def do_import(self, *, day: date, file: Any, sha1: str, by: User, at: datetime) -> object:
        imported = services.import_statement(day=day, content=file.read(), sha1=sha1, by=by, at=at)
        if not imported.is_new:
            return _("It is already imported. Nothing was changed.")
        return _("%(rows)s lines, %(suspended)s in suspense") % {
            "rows": imported.statement.rows, "suspended": imported.suspended,
        }  # fmt: skip

    pages = (Page("import", _("Import a statement"), IMPORT_PERMISSION, ImportForm, run=do_import),)


@admin.register(StatementLine)
class StatementLineAdmin(ButtonsOnly, LargeTable, ReadOnlyAdmin):
    list_display = ["number", "at", "kind", "yuan", "voucher", "status_badge"]
    columns = ["name", "provider_no", "balance_yuan"]
    date_fields = ["at"]
    amount_fields = sum_fields = ["amount"]
    chips = ["status"]
    sort_fields = ["at", "amount"]
    list_filter = [("status", ChoicesDropdownFilter)]
    search_fields = ["number", "voucher"]
    fields = [
        "statement", "line", "number", "at", "provider_no", "name", "kind", "yuan", "balance_yuan",
        "applicant", "remark", "voucher", "status_text", "attempt", "document", "cleared_at",
        "cleared_by", "cleared_reason",
    ]  # fmt: skip
    actions_detail = ["explain"]
    button_statuses: ClassVar = {"explain": [StatementLine.Status.SUSPENDED]}
    yuan = yuan_column(_("amount"), "amount")
    balance_yuan = yuan_column(_("balance after it"), "balance")
    status_text = label_column(_("status"), "status")
    status_badge = status_column(STATUS_COLOURS)

    def has_decide_permission(self, request: HttpRequest, *_row: Any) -> bool:
        return bool(request.user.has_perm(POST_PERMISSION))

    @action_button(
        _("Transfer with the bank"),
        question=_("This was a transfer between the provider and our bank. Explain it."),
        done=_("It is booked."),
        form=ReasonForm,
        icon="account_balance",
    )
    def explain(self, row: StatementLine, *, reason: str, by: User, at: datetime) -> None:
        services.clear_as_bank_transfer(row=row, reason=reason, by=by, at=at)
