# mypy: allow-subclassing-any, allow-any-generics
"""Vouchers for the accounting system: the file of a month, its formats and its accounts."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
)

from backoffice import menu, office
from backoffice.base import ModelAdmin
from backoffice.fields import MonthField
from backoffice.pages import download
from closing.journal import Journal
from closing.journal_columns import FIELDS, Entry
from closing.models import JournalAccount, JournalFormat
from closing.services.journal_export import EXPORT_PERMISSION, export_journal, preview_journal
from common import clock
from common.errors import TwotierError
from common.money import yuan_text
from ledger.models import Period

NAME = "journal"
CSV = "text/csv"
GROUPINGS = [("day", _("one voucher a day")), ("month", _("one voucher for the month"))]
SHOWN = 12


class JournalForm(forms.Form):
    month = MonthField(label=_("month"))
    format = forms.ModelChoiceField(
        JournalFormat.objects.all(), label=_("format"), empty_label=None,
        widget=UnfoldAdminSelectWidget,
    )  # fmt: skip
    grouping = forms.ChoiceField(
        label=_("vouchers"), choices=GROUPINGS, widget=UnfoldAdminSelectWidget
    )
    first_number = forms.IntegerField(
        label=_("number of the first voucher"), min_value=1, max_value=999_999, initial=1,
        help_text=_("The next free number of the accounting system."),
        widget=UnfoldAdminIntegerFieldWidget,
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    form = JournalForm(
        request.POST if request.method == "POST" else None,
        initial={"month": f"{_last_month():%Y-%m}"},
    )
    preview: Journal | None = None
    if request.method == "POST" and form.is_valid():
        given = _given(form, request.user)
        try:
            if "preview" not in request.POST:
                vouchers, content = export_journal(**given, at=clock.now())
                return download(content, f"vouchers-{vouchers.month:%Y-%m}.csv", CSV)
            preview = preview_journal(**given)
        except TwotierError as error:
            messages.error(request, str(error))
    return office.render(
        request,
        "admin/closing/desk/journal.html",
        title=office_page.title,
        form=form,
        preview=preview,
        rows=[_row(entry) for entry in preview.entries[:SHOWN]] if preview else [],
        more=max(0, len(preview.entries) - SHOWN) if preview else 0,
        total=yuan_text(preview.total) if preview else "",
        formats_url=reverse("admin:closing_journalformat_changelist"),
        accounts_url=reverse("admin:closing_journalaccount_changelist"),
    )


def _given(form: JournalForm, by: Any) -> dict[str, Any]:
    values = form.cleaned_data
    return {
        "month": values["month"], "file_format": values["format"],
        "by_day": values["grouping"] == "day", "first_number": values["first_number"], "by": by,
    }  # fmt: skip


def _row(entry: Entry) -> dict[str, Any]:
    return {
        "day": entry.day.isoformat(),
        "voucher": f"{entry.word}-{entry.number}",
        "summary": entry.summary,
        "account": f"{entry.account} {entry.account_name}",
        "debit": yuan_text(entry.debit) if entry.debit else "",
        "credit": yuan_text(entry.credit) if entry.credit else "",
    }


def _last_month() -> date:
    """Return the last closed month, or else the month before this one."""
    closed = Period.objects.filter(closed_at__isnull=False).order_by("-month").first()
    if closed:
        return closed.month
    return (clock.business_day(clock.now()).replace(day=1) - timedelta(days=1)).replace(day=1)


office_page = office.register(
    office.OfficePage(
        NAME, "journal", _("Journal vouchers"), EXPORT_PERMISSION, page, "receipt_long"
    )
)


class JournalFormatForm(forms.ModelForm):
    class Meta:
        model = JournalFormat
        fields = ("name", "word", "encoding", "date_pattern", "columns")
        widgets: ClassVar = {"columns": UnfoldAdminTextareaWidget(attrs={"rows": 16})}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if "columns" in self.fields:
            listed = "; ".join(f"{name}: {label}" for name, (label, _show) in FIELDS.items())
            self.fields["columns"].help_text = _(
                "One column a line: title = field, or title = \"fixed text\". Fields: %(fields)s."
            ) % {"fields": listed}  # fmt: skip


@admin.register(JournalFormat)
class JournalFormatAdmin(ModelAdmin):
    form = JournalFormatForm
    list_display = ["name", "word", "encoding", "date_pattern"]


@admin.register(JournalAccount)
class JournalAccountAdmin(ModelAdmin):
    list_display = ["code", "name", "asset", "kind"]
    fields = ["asset", "kind", "code", "name"]
    list_filter = [("asset", ChoicesDropdownFilter)]


menu.register(
    "closing",
    (_("Formats of vouchers"), "view_column", "closing.journalformat"),
    (_("Accounts of the books"), "menu_book", "closing.journalaccount"),
)
