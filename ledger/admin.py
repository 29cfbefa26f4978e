"""Accounts and transfers, read-only: only services move money."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from backoffice import menu
from backoffice.base import NOTHING, LargeTable, ReadOnlyAdmin, column
from backoffice.search import Search
from common.money import format_yuan
from ledger import queries
from ledger.chart import Asset
from ledger.columns import AssetTotals, amount_column
from ledger.models import Account, Transfer
from members.search import members_by_name


def format_amount(amount: int | None, asset: str) -> str:
    """Format money in yuan and points as a whole number."""
    if amount is None:
        return NOTHING
    return f"{amount:,}" if asset == Asset.POINTS else format_yuan(amount)


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
    fields = ["owner", "asset", "kind", "current_amount"]
    amount = amount_column(_("balance"), "balance")

    @column(_("owner"))
    def owner(self, account: Account) -> Any:
        return account.member or _("platform")

    @column(_("balance"))
    def current_amount(self, account: Account) -> str:
        return format_amount(queries.balance(account), account.asset)


def _find_accounts(term: str) -> list[int]:
    members = members_by_name(term)
    return list(Account.objects.filter(member__in=members).values_list("pk", flat=True))


@admin.register(Transfer)
class TransferAdmin(AssetTotals, Search, LargeTable, ReadOnlyAdmin):
    list_display = ["created_at", "reason", "asset", "moved", "debit", "credit", "source", "key"]
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
        "key", "reason", "asset", "moved", "debit", "debit_after", "credit", "credit_after",
        "source", "effective_at", "created_at", "reverses",
    ]  # fmt: skip
    search_exact = ("key", "source_id")
    search_related: ClassVar = {"debit": _find_accounts, "credit": _find_accounts}

    moved = amount_column(_("amount"), "amount")
    debit_after = amount_column(_("debited account's balance after it"), "debit_balance_after")
    credit_after = amount_column(_("credited account's balance after it"), "credit_balance_after")

    @column(_("source"))
    def source(self, transfer: Transfer) -> str:
        return f"{transfer.source_kind} {transfer.source_id}"


menu.register(
    "money",
    (_("Accounts"), "account_balance_wallet", "ledger.account"),
    (_("Transfers"), "sync_alt", "ledger.transfer"),
)
