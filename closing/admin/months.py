# mypy: allow-subclassing-any, allow-any-generics
"""Accounting months: signatures, and the documents to print and export."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget

from backoffice.base import LargeTable, ReadOnlyAdmin, StrOrPromise
from backoffice.fields import MonthField
from backoffice.pages import Page, PagesMixin, download
from closing import controls, services
from closing.admin.forms import ExportForm
from closing.models import Control
from closing.queries import MemberStatement, member_statement, withholding_lines, withholding_totals
from closing.services.exports import VIEW_PERMISSION
from common import clock
from common.money import format_yuan
from ledger import months
from ledger.models import Period
from members.models import Member, User
from members.search import MemberField
from withdrawals.models import Policy

FORMATS = [("print", _("printable page")), ("xlsx", "XLSX")]


class SignForm(forms.Form):
    month = MonthField(label=_("month"))


class WithholdingForm(ExportForm):
    field_order = ("month", "format", "unmasked", "reason")
    format = forms.ChoiceField(
        label=_("as"), choices=FORMATS, widget=UnfoldAdminSelectWidget,
        help_text=_("Names are masked on the page."),
    )  # fmt: skip


class StatementForm(forms.Form):
    member = MemberField(label=_("whole id of the member"))
    month = MonthField(label=_("month"))
    format = forms.ChoiceField(label=_("as"), choices=FORMATS, widget=UnfoldAdminSelectWidget)


@admin.register(Period)
class PeriodAdmin(PagesMixin, LargeTable, ReadOnlyAdmin):
    list_display = [
        "month", "first_signer", "second_signer", "closed_at", "transfer_count", "short_chain",
    ]  # fmt: skip
    list_select_related = ["first_signer", "second_signer"]
    fields = [
        "month", "first_signer", "first_signed_at", "second_signer", "closed_at", "hashed_at",
        "transfer_count", "content_hash", "chain_hash",
    ]  # fmt: skip
    pages = (
        Page("sign", _("Sign a month"), "ledger.sign_period", SignForm),
        Page("withholding", _("Withholding detail"), VIEW_PERMISSION, WithholdingForm),
        Page("statement", _("Member's statement"), "ledger.view_transfer", StatementForm),
    )

    @admin.display(description=_("hash chained to the previous month"))
    def short_chain(self, row: Period) -> str:
        return f"{row.chain_hash[:12]}…" if row.chain_hash else "–"

    def initial(self, page: Page) -> dict[str, Any]:
        if page.name != "sign":
            return {}
        return {"month": f"{months.next_month_to_close(clock.now()):%Y-%m}"}

    def page_context(self, page: Page, row: Any) -> dict[str, Any]:
        if page.name != "sign":
            return {}
        at = clock.now()
        month = months.next_month_to_close(at)
        last = clock.business_day(months.month_end(month)) - controls.ONE_DAY
        findings = controls.findings(last)
        return {
            "intro": _(
                "The next month to close is %(month)s. The second signature closes it "
                "permanently. Current differences by control:"
            )
            % {"month": f"{month:%Y-%m}"},
            "table": {
                "headers": [_("control"), _("differences")],
                "rows": [[str(Control(name).label), len(rows)] for name, rows in findings.items()],
            },
        }

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
        return _withholding_page(month)

    def do_statement(
        self, *, member: Member, month: date, format: str, **_by_and_at: Any  # noqa: A002
    ) -> HttpResponse:  # fmt: skip
        statement = member_statement(member, month)
        if format == "xlsx":
            file = services.export_statement(statement)
            return download(file, f"statement-{member.public_id}-{month:%Y-%m}.xlsx")
        return _statement_page(statement)


def _withholding_page(month: date) -> HttpResponse:
    lines = withholding_lines(month)
    sums = withholding_totals(lines)
    rows: list[list[Any]] = []
    for line in lines:
        entry, own = line.entry, line.sums
        person = getattr(entry.member, "person", None)
        rows.append([
            str(entry.member), person.name_mask if person else "–",
            person.id_number_mask if person else "–", entry.attempt.withdrawal.public_id, line.at,
            _Fen(own.income), _Fen(own.withheld), _Fen(own.fee), _Fen(own.net),
            Policy.Regime(entry.regime).label,
        ])  # fmt: skip
    total = [_("total"), "", "", "", "", _Fen(sums.income), _Fen(sums.withheld),
             _Fen(sums.fee), _Fen(sums.net), ""]  # fmt: skip
    headers = [
        _("member"), _("real name"), _("ID number"), _("withdrawal"), _("paid at"),
        _("income"), _("withheld"), _("fee"), _("net"), _("tax regime"),
    ]  # fmt: skip
    title = f"{_('Withholding detail')} {month:%Y-%m}"
    lead = [_("Amounts in yuan"), _("This is not a tax receipt.")]
    return _printable(title, lead, _table("", headers, [*rows, total]))


def _statement_page(statement: MemberStatement) -> HttpResponse:
    moved = [
        [_("opening balance"), "", "", _Fen(statement.opening)],
        *(
            [line.at, line.reason, _Fen(line.change), _Fen(line.balance)]
            for line in statement.lines
        ),
        [_("closing balance"), "", "", _Fen(statement.closing)],
    ]
    paid = [
        [row.public_id, row.ended_at, _Fen(row.gross), _Fen(row.fee), _Fen(row.tax), _Fen(row.net)]
        for row in statement.paid
    ]
    return _printable(
        f"{_('Settlement statement')} {statement.month:%Y-%m}",
        [str(statement.member), statement.member.public_id, _("Amounts in yuan")],
        _table(
            _("sums"), [_("reason"), _("moved")],
            [[reason, _Fen(change)] for reason, change in statement.by_reason],
        ),
        _table("", [_("time"), _("reason"), _("moved"), _("balance afterwards")], moved),
        _table(
            _("withdrawals"),
            [
                _("withdrawal"), _("paid at"), _("amount"), _("fee"), _("tax"),
                _("net"),
            ],
            paid,
        ),
    )  # fmt: skip


class _Fen(int):
    """An amount of fen, shown in yuan and aligned right."""


def _table(
    title: StrOrPromise, headers: Sequence[StrOrPromise], rows: Iterable[Sequence[Any]]
) -> dict[str, Any]:
    return {
        "title": title, "headers": headers,
        "rows": [[(_format_cell(cell), isinstance(cell, _Fen)) for cell in row] for row in rows],
    }  # fmt: skip


def _format_cell(cell: Any) -> str:
    if isinstance(cell, _Fen):
        return format_yuan(cell)
    if isinstance(cell, datetime):
        return cell.astimezone(clock.SHANGHAI).strftime("%Y-%m-%d %H:%M")
    return str(cell)


def _printable(title: str, lead: Sequence[StrOrPromise], *tables: dict[str, Any]) -> HttpResponse:
    page = render_to_string(
        "admin/closing/printable.html",
        {"title": title, "lead": lead, "tables": tables, "language": get_language()},
    )
    return HttpResponse(page, headers={"Cache-Control": "no-store"})
