# mypy: allow-subclassing-any, allow-any-generics
"""Accounts and transfers, read-only: only services move money."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from backoffice import menu
from backoffice.base import (
    NOTHING,
    LargeTable,
    ReadOnlyAdmin,
    admin_url,
    column,
    label_column,
)
from backoffice.search import Search
from backoffice.timeline import format_moment
from ledger import queries
from ledger.chart import Asset
from ledger.columns import AssetTotals, amount_cell, amount_column, amount_text, render_amount
from ledger.models import Account, Transfer
from ledger.sources import SourceLink, source_links
from members.search import members_by_name

ARROW = "→"
LINES_SHOWN = 50


def change_text(amount: int, asset: str) -> str:
    """Format an amount with its sign, also where it is positive."""
    return f"{'+' if amount > 0 else ''}{amount_text(amount, asset)}"


def link_to(source: SourceLink, user: Any) -> Any:
    """Return what a transfer was for, as a link for those who may see the page."""
    url = menu.row_url(user, source.model, source.key) if source.model else ""
    return format_html('<a href="{}">{}</a>', url, source.text) if url else source.text


@admin.register(Account)
class AccountAdmin(AssetTotals, Search, LargeTable, ReadOnlyAdmin):
    list_display = ["owner", "asset", "kind", "amount"]
    amount_fields = sum_fields = ["balance"]
    chips = ["asset", "kind"]
    sort_fields = ["balance"]
    list_display_links = ["owner"]
    list_select_related = ["member"]
    list_filter = [("asset", ChoicesDropdownFilter), ("kind", ChoicesDropdownFilter)]
    search_fields = ["member__nickname"]
    search_help_text = _("Whole nickname, member id or external id")
    search_related: ClassVar = {"member": members_by_name}
    fields = ["owner", "asset", "kind", "current_amount", "movements"]
    amount = amount_column(_("balance"), "balance")

    class Media:
        css: ClassVar = {"all": ["twotier/admin/finance.css"]}

    @column(_("owner"))
    def owner(self, account: Account) -> Any:
        return account.member or _("platform")

    @column(_("balance"))
    def current_amount(self, account: Account) -> Any:
        return render_amount(queries.balance(account), account.asset)

    @column(_("last movements"))
    def movements(self, account: Account) -> Any:
        lines = queries.statement(account, size=LINES_SHOWN).lines
        sources = source_links(line.transfer for line in lines)
        rows = [
            {
                "at": format_moment(line.transfer.effective_at),
                "reason": line.transfer.get_reason_display(),
                "source": sources[line.transfer.pk],
                "change": change_text(line.change, account.asset),
                "is_out": line.change < 0,
                "after": NOTHING
                if line.balance_after is None
                else amount_text(line.balance_after, account.asset),
                "url": admin_url(
                    self.admin_site.name, "ledger", "transfer", "change", line.transfer.pk
                ),
            }
            for line in lines
        ]
        return render_to_string("admin/ledger/movements.html", {"rows": rows})


def _find_accounts(term: str) -> list[int]:
    members = members_by_name(term)
    return list(Account.objects.filter(member__in=members).values_list("pk", flat=True))


@admin.register(Transfer)
class TransferAdmin(AssetTotals, Search, LargeTable, ReadOnlyAdmin):
    list_display = [
        "created_at", "effective_at", "reason_text", "source", "member", "change", "after", "way",
    ]  # fmt: skip
    columns = ["asset", "moved", "debit", "credit", "key"]
    date_fields = ["created_at", "effective_at"]
    amount_fields = sum_fields = ["amount"]
    amounts_need_dates = True
    chips = ["asset"]
    sort_fields = []
    sort_with_dates = ["created_at", "amount", "effective_at"]
    list_display_links = ["created_at"]
    list_select_related = ["debit__member", "credit__member"]
    list_filter = [("asset", ChoicesDropdownFilter), ("reason", ChoicesDropdownFilter)]
    search_fields = ["key"]
    search_help_text = _("Whole key, source or member")
    fields = [
        "reason_text", "source", "asset", "moved", "debit", "debit_after", "credit",
        "credit_after", "effective_at", "created_at", "occurred_at", "reverses", "key",
    ]  # fmt: skip
    search_exact = ("key", "source_id")
    search_related: ClassVar = {"debit": _find_accounts, "credit": _find_accounts}

    reason_text = label_column(_("reason"), "reason")
    moved = amount_column(_("amount"), "amount")
    debit_after = amount_column(_("debited account's balance after it"), "debit_balance_after")
    credit_after = amount_column(_("credited account's balance after it"), "credit_balance_after")

    class Media:
        css: ClassVar = {"all": ["twotier/admin/finance.css"]}

    def prepare_rows(self, request: HttpRequest, rows: Sequence[Any]) -> None:
        sources = source_links(rows)
        for row in rows:
            row.source_link = sources[row.pk]
            row.source_cell = link_to(row.source_link, request.user)

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        row = super().get_object(request, *args, **kwargs)
        if row is not None:
            self.prepare_rows(request, [row])
        return row

    @column(_("for"))
    def source(self, transfer: Any) -> Any:
        return transfer.source_cell

    @column(_("member"))
    def member(self, transfer: Transfer) -> Any:
        return _member_account(transfer).member or NOTHING

    @column(_("movement"))
    def change(self, transfer: Transfer) -> Any:
        if not _member_account(transfer).member_id:
            return render_amount(transfer.amount, transfer.asset)
        text = change_text(_change(transfer), transfer.asset)
        return format_html('<span class="tt-yuan">{}</span>', text)

    @column(_("balance after"))
    def after(self, transfer: Transfer) -> Any:
        return render_amount(_balance_after(transfer), transfer.asset)

    @column(_("from and to"))
    def way(self, transfer: Transfer) -> str:
        debit, credit = transfer.debit, transfer.credit
        asset = "" if transfer.asset == Asset.CASH else f"{transfer.get_asset_display()} · "
        return f"{asset}{debit.get_kind_display()} {ARROW} {credit.get_kind_display()}"


_admin: Any = TransferAdmin
_admin.source.cell = lambda _page, row: row.source_link.text
_admin.change.cell = lambda _page, row: amount_cell(_change(row), row.asset)
_admin.after.cell = lambda _page, row: amount_cell(_balance_after(row), row.asset)


def _change(transfer: Transfer) -> int:
    """Return what the transfer changed of the account that it is shown for."""
    account = _member_account(transfer)
    if not account.member_id:
        return transfer.amount
    sign: int = account.sign if account.pk == transfer.credit_id else -account.sign
    return transfer.amount * sign


def _balance_after(transfer: Transfer) -> int | None:
    is_credit = _member_account(transfer).pk == transfer.credit_id
    return transfer.credit_balance_after if is_credit else transfer.debit_balance_after


def _member_account(transfer: Transfer) -> Account:
    """Return the account that a list shows the transfer for: the wallet of its member first."""
    sides = [transfer.debit, transfer.credit]
    sides.sort(key=lambda account: (account.member_id is None, account.kind != "wallet"))
    return sides[0]


menu.register(
    "money",
    (_("Accounts"), "account_balance_wallet", "ledger.account"),
    (_("Transfers"), "sync_alt", "ledger.transfer"),
)
