# mypy: allow-subclassing-any, allow-any-generics
"""The provider's bills and their rows."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.widgets import (
    UnfoldAdminFileFieldWidget,
    UnfoldAdminSingleDateWidget,
    UnfoldAdminTextInputWidget,
)

from closing import services
from closing.admin.pages import Page, PagesMixin
from closing.models import ProviderStatement, StatementLine
from common.admin import LargeTable, ReadOnlyAdmin, column
from common.dialogs import ReasonForm, decision
from common.money import format_yuan
from distribution.admin.base import DecisionOnly
from members.models import User

COLOURS = {"matched": "success", "suspended": "danger", "cleared": "info"}


class BillForm(forms.Form):
    day = forms.DateField(label=_("day of the bill"), widget=UnfoldAdminSingleDateWidget)
    file = forms.FileField(label=_("the plain file, unpacked"), widget=UnfoldAdminFileFieldWidget)
    sha1 = forms.CharField(
        label=_("the file's hash, as the provider says it"), min_length=40, max_length=40,
        widget=UnfoldAdminTextInputWidget, help_text=_("SHA1, 40 digits"),
    )  # fmt: skip


@admin.register(ProviderStatement)
class BillFileAdmin(PagesMixin, LargeTable, ReadOnlyAdmin):
    list_display = ["day", "gateway", "rows", "last_balance", "imported_at", "by"]
    list_select_related = ["by"]
    fields = ["day", "gateway", "rows", "last_balance", "sha1", "imported_at", "by"]
    pages = (Page("import", _("Import a bill"), "closing.import_bill", BillForm),)

    def do_import(self, *, day: date, file: Any, sha1: str, by: User, at: datetime) -> object:
        done = services.import_statement(day=day, content=file.read(), sha1=sha1, by=by, at=at)
        if not done.is_new:
            return _("It has been imported before. Nothing was changed.")
        return _("%(rows)s rows, %(suspended)s of them in suspense") % {
            "rows": done.statement.rows, "suspended": done.suspended,
        }  # fmt: skip

    @column(_("closing balance"))
    def last_balance(self, row: ProviderStatement) -> str:
        return format_yuan(row.closing_balance)


@admin.register(StatementLine)
class BillRowAdmin(DecisionOnly, LargeTable, ReadOnlyAdmin):
    list_display = ["number", "booked", "kind", "yuan", "voucher", "state"]
    list_filter = [("status", ChoicesDropdownFilter)]
    search_fields = ["number", "voucher"]
    fields = [
        "statement", "line", "number", "at", "provider_no", "name", "kind", "yuan", "balance_yuan",
        "applicant", "remark", "voucher", "status_label", "attempt", "document", "cleared_at",
        "cleared_by", "cleared_reason",
    ]  # fmt: skip
    actions_detail = ["explain"]

    def has_decide_permission(self, request: HttpRequest, *_row: Any) -> bool:
        return bool(request.user.has_perm("closing.post_documents"))

    def get_actions_detail(self, request: HttpRequest, object_id: str) -> list[Any]:
        row = self.get_object(request, unquote(str(object_id)))
        if row is None or row.status != StatementLine.Status.SUSPENDED:
            return []
        found: list[Any] = super().get_actions_detail(request, object_id)
        return found

    @decision(
        _("To or from the bank"),
        question=_("It was money between the provider and our bank: say which."),
        done=_("It is booked."),
        form=ReasonForm,
        icon="account_balance",
    )
    def explain(self, row: StatementLine, *, reason: str, by: User, at: datetime) -> None:
        services.explain_line(row=row, reason=reason, by=by, at=at)

    @column(_("booked at"))
    def booked(self, row: StatementLine) -> datetime:
        return row.at

    @column(_("amount"))
    def yuan(self, row: StatementLine) -> str:
        return format_yuan(row.amount)

    @column(_("balance after it"))
    def balance_yuan(self, row: StatementLine) -> str:
        return format_yuan(row.balance)

    @column(_("status"))
    def status_label(self, row: StatementLine) -> str:
        return str(row.get_status_display())

    @column(_("status"), label=COLOURS)
    def state(self, row: StatementLine) -> tuple[str, str]:
        return row.status, str(row.get_status_display())
