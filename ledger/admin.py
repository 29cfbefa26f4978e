"""Money is looked at here, and moved by services only."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from common.admin import LargeTable, ReadOnlyAdmin, column
from common.money import format_yuan
from ledger import queries
from ledger.chart import Asset
from ledger.models import Account, Transfer
from members.models import Identity, Member


def format_amount(amount: int | None, asset: str) -> str:
    """Yuan for money, whole points for points."""
    if amount is None:
        return "–"
    return f"{amount:,}" if asset == Asset.POINTS else format_yuan(amount)


def _members(term: str) -> QuerySet[Member]:
    known = Identity.objects.filter(external_id=term).values("member")
    return Member.objects.filter(Q(nickname=term) | Q(public_id=term) | Q(pk__in=known))


@admin.register(Account)
class AccountAdmin(LargeTable, ReadOnlyAdmin):
    list_display = ["owner", "asset", "kind", "amount"]
    list_display_links = ["owner"]
    list_select_related = ["member"]
    list_filter = [("asset", ChoicesDropdownFilter), ("kind", ChoicesDropdownFilter)]
    search_fields = ["member__nickname"]
    search_help_text = _("Whole nickname, member id or id outside")
    fields = ["owner", "asset", "kind", "current_amount"]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Account], search_term: str
    ) -> tuple[QuerySet[Account], bool]:
        term = search_term.strip()
        return (queryset.filter(member__in=_members(term)) if term else queryset), False

    @column(_("owner"))
    def owner(self, account: Account) -> Any:
        return account.member or _("platform")

    @column(_("balance"))
    def amount(self, account: Account) -> str:
        return format_amount(account.balance, account.asset)

    @column(_("balance"))
    def current_amount(self, account: Account) -> str:
        return format_amount(queries.balance(account), account.asset)


@admin.register(Transfer)
class TransferAdmin(LargeTable, ReadOnlyAdmin):
    list_display = ["created_at", "reason", "asset", "moved", "debit", "credit", "source", "key"]
    list_display_links = ["created_at"]
    list_select_related = ["debit__member", "credit__member"]
    list_filter = [("asset", ChoicesDropdownFilter), ("reason", ChoicesDropdownFilter)]
    search_fields = ["key"]
    search_help_text = _("Whole key, source or member")
    fields = [
        "key", "reason", "asset", "moved", "debit", "debit_after", "credit", "credit_after",
        "source", "effective_at", "created_at", "reverses",
    ]  # fmt: skip

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Transfer], search_term: str
    ) -> tuple[QuerySet[Transfer], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        accounts = list(
            Account.objects.filter(member__in=_members(term)).values_list("pk", flat=True)
        )
        return (
            queryset.filter(
                Q(key=term) | Q(source_id=term) | Q(debit__in=accounts) | Q(credit__in=accounts)
            ),
            False,
        )

    @column(_("amount"))
    def moved(self, transfer: Transfer) -> str:
        return format_amount(transfer.amount, transfer.asset)

    @column(_("debited account's balance after it"))
    def debit_after(self, transfer: Transfer) -> str:
        return format_amount(transfer.debit_balance_after, transfer.asset)

    @column(_("credited account's balance after it"))
    def credit_after(self, transfer: Transfer) -> str:
        return format_amount(transfer.credit_balance_after, transfer.asset)

    @column(_("source"))
    def source(self, transfer: Transfer) -> str:
        return f"{transfer.source_kind} {transfer.source_id}"
