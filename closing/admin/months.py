# mypy: allow-subclassing-any, allow-any-generics
"""Accounting months with their signatures and reports, and bonuses paid with the wages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldBooleanSwitchWidget

from backoffice import office
from backoffice.base import (
    NOTHING,
    LargeTable,
    ReadOnlyAdmin,
    StrOrPromise,
    column,
    value_column,
    yuan_column,
)
from backoffice.fields import MonthField, text_field
from backoffice.pages import Page, PagesMixin, download
from backoffice.sheets import Cell, Sheet, Yuan
from closing import month_checks, report_sheets, services
from closing.models import Payroll
from closing.month_checks import Check
from closing.queries import member_statement, withholding_lines
from closing.services.exports import VIEW_PERMISSION
from closing.services.payroll import EXPORT_PERMISSION
from common import clock
from common.money import yuan_text
from ledger import months
from ledger.models import Period
from members.models import Member, User
from members.search import MemberField

FORMATS = [("print", _("printable page")), ("xlsx", "XLSX")]


class MonthForm(forms.Form):
    month = MonthField(label=_("month"))


class ExportForm(MonthForm):
    unmasked = forms.BooleanField(
        label=_("with real names and ID numbers in full"), required=False,
        widget=UnfoldBooleanSwitchWidget,
    )  # fmt: skip
    reason = text_field(
        _("reason"), required=False,
        help_text=_("Required for full names. Your name and reason are recorded."),
    )  # fmt: skip


class WithholdingForm(ExportForm):
    field_order = ("month", "format", "unmasked", "reason")
    format = forms.ChoiceField(
        label=_("as"), choices=FORMATS, widget=UnfoldAdminSelectWidget,
        help_text=_("Names are masked on the page."),
    )  # fmt: skip


class StatementForm(MonthForm):
    field_order = ("member", "month", "format")
    member = MemberField()
    format = forms.ChoiceField(label=_("as"), choices=FORMATS, widget=UnfoldAdminSelectWidget)


@admin.register(Period)
class PeriodAdmin(PagesMixin, LargeTable, ReadOnlyAdmin):
    list_display = [
        "month_text", "first_signer", "second_signer", "closed_at", "transfer_count",
        "short_chain",
    ]  # fmt: skip
    list_select_related = ["first_signer", "second_signer"]
    fields = [
        "month_text", "first_signer", "first_signed_at", "second_signer", "closed_at", "hashed_at",
        "transfer_count", "content_hash", "chain_hash",
    ]  # fmt: skip

    month_text = value_column(_("month"), "month", "{:%Y-%m}".format)

    @column(_("hash chained to the previous month"))
    def short_chain(self, row: Period) -> str:
        return f"{row.chain_hash[:12]}…" if row.chain_hash else NOTHING

    def initial(self, page: Page) -> dict[str, Any]:
        if page.name != "sign":
            return {}
        return {"month": f"{months.next_month_to_close(clock.now()):%Y-%m}"}

    def run_page(
        self, request: HttpRequest, page: Page, *args: Any, **context: Any
    ) -> HttpResponse:
        """Show what is missing above the form that signs a month."""
        if page.name == "sign":
            by: Any = request.user
            state = month_checks.month_state(by=by, at=clock.now())
            context["steps"] = [_step(check, by) for check in state.checks]
            context["may_sign"] = state.may_sign
        return super().run_page(request, page, *args, **context)

    def show_page(
        self, request: HttpRequest, *, title: StrOrPromise, **context: Any
    ) -> TemplateResponse:
        """Leave the form out while something is missing, unless it was posted all the same."""
        if request.method != "POST" and not context.get("may_sign", True):
            context |= {"form": None, "submit": ""}
        return super().show_page(request, title=title, **context)

    def do_sign(self, *, month: date, by: User, at: datetime) -> Any:
        period = services.sign_month(month=month, by=by, at=at)
        if period.closed_at:
            return _("%(month)s is closed permanently.") % {"month": period}
        return _("You have signed %(month)s. A second person must sign, too.") % {"month": period}

    def do_withholding(
        self, *, month: date, format: str, unmasked: bool, reason: str, by: User, at: datetime  # noqa: A002
    ) -> HttpResponse:  # fmt: skip
        if format == "xlsx":
            file = services.export_withholding(
                month=month, unmasked=unmasked, reason=reason, by=by, at=at
            )
            return download(file, f"withholding-{month:%Y-%m}.xlsx")
        table = report_sheets.withholding_by_payment("", withholding_lines(month))
        return _printable(
            f"{_('Withholding detail')} {month:%Y-%m}",
            [_("Amounts in yuan"), _("This is not a tax receipt.")],
            _without_column(table, str(_("version"))),  # of the tax regime
        )

    def do_statement(
        self, *, member: Member, month: date, format: str, **_by_and_at: Any  # noqa: A002
    ) -> HttpResponse:  # fmt: skip
        statement = member_statement(member, month)
        if format == "xlsx":
            file = services.export_statement(statement)
            return download(file, f"statement-{member.public_id}-{month:%Y-%m}.xlsx")
        return _printable(
            f"{_('Settlement statement')} {month:%Y-%m}",
            [str(member), member.public_id, _("Amounts in yuan")],
            report_sheets.movements_by_reason(statement),
            _without_column(report_sheets.wallet_movements("", statement), str(_("key"))),
            report_sheets.paid_withdrawals(statement),
        )

    pages = (
        Page(
            "sign", _("Sign a month"), "ledger.sign_period", MonthForm, run=do_sign,
            intro=_("Two people sign a month. The second signature closes it permanently."),
        ),
        Page(
            "withholding", _("Withholding detail"), VIEW_PERMISSION, WithholdingForm,
            run=do_withholding,
        ),
        Page(
            "statement", _("Member's statement"), "ledger.view_transfer", StatementForm,
            run=do_statement,
        ),
    )  # fmt: skip


@admin.register(Payroll)
class PayrollAdmin(PagesMixin, LargeTable, ReadOnlyAdmin):
    list_display = ["month_text", "member", "yuan", "at", "by"]
    date_fields = ["month", "at"]
    amount_fields = sum_fields = ["amount"]
    sort_fields = ["month", "at", "amount"]
    list_select_related = ["member", "by"]
    search_fields = ["member__public_id"]
    fields = ["month_text", "member", "yuan", "at", "by"]
    month_text = value_column(_("month"), "month", "{:%Y-%m}".format)
    yuan = yuan_column(_("amount"), "amount")

    def do_hand_over(self, *, month: date, by: User, at: datetime) -> Any:
        bonuses = services.hand_over_bonuses(month=month, by=by, at=at)
        return _("%(count)s members have their bonus with the wages of %(month)s.") % {
            "count": len(bonuses), "month": f"{month:%Y-%m}",
        }  # fmt: skip

    def do_export(
        self, *, month: date, unmasked: bool, reason: str, by: User, at: datetime
    ) -> HttpResponse:
        file = services.export_payroll(month=month, unmasked=unmasked, reason=reason, by=by, at=at)
        return download(file, f"payroll-{month:%Y-%m}.xlsx")

    pages = (
        Page("hand_over", _("Hand over bonuses"), EXPORT_PERMISSION, MonthForm, run=do_hand_over),
        Page("export", _("Export as XLSX"), EXPORT_PERMISSION, ExportForm, run=do_export),
    )


def _step(check: Check, by: User) -> dict[str, Any]:
    return {
        "name": check.name,
        "is_done": check.is_done,
        "text": check.text,
        "ways": [(way.text, way.target.url(by)) for way in check.ways],
    }


def _without_column(sheet: Sheet, title: str) -> Sheet:
    place = list(map(str, sheet.titles)).index(title)
    titles = [*sheet.titles[:place], *sheet.titles[place + 1 :]]
    return Sheet(sheet.name, titles, [[*row[:place], *row[place + 1 :]] for row in sheet.rows])


def _printable(title: str, lead: Sequence[StrOrPromise], *sheets: Sheet) -> HttpResponse:
    tables = [
        {
            "title": sheet.name,
            "headers": sheet.titles,
            "rows": [[(_text(cell), isinstance(cell, Yuan)) for cell in row] for row in sheet.rows],
        }
        for sheet in sheets
    ]
    page = render_to_string(
        "admin/closing/printable.html",
        {"title": title, "lead": lead, "tables": tables, "language": get_language()},
    )
    return HttpResponse(page, headers=office.NO_STORE)


def _text(cell: Cell) -> str:
    if isinstance(cell, Yuan):
        return yuan_text(cell.fen)
    if isinstance(cell, datetime):
        return clock.format_moment(cell)
    return str(cell)
