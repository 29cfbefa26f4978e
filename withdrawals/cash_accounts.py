"""The first lock of all that moves a member's cash: withdrawal, attempt, tax year come after."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from ledger.chart import Asset, Kind
from ledger.models import Account
from ledger.services import open_wallets
from members.models import Member


@dataclass(frozen=True, slots=True)
class CashAccounts:
    """A member's three accounts of cash, locked, with what is on them now; in fen."""

    wallet: Account
    held: Account
    owed: Account


def lock_cash_accounts(member: Member) -> CashAccounts:
    """Lock the member's cash until the transaction ends; then read it.

    Whoever requests, approves, sends, or takes back after a refund waits here for the others.
    """
    return lock_many_cash_accounts([member])[member.pk]


def lock_many_cash_accounts(members: Collection[Member]) -> dict[int, CashAccounts]:
    """``lock_cash_accounts`` for many members, in one order; by their keys."""
    accounts = Account.objects.filter(member__in=members, asset=Asset.CASH).order_by("pk")
    locked = accounts.select_for_update(no_key=True, of=("self",))
    have = set(locked.values_list("member", flat=True))
    if without := [member for member in members if member.pk not in have]:
        open_wallets(without, [Asset.CASH])
        list(locked.values_list("pk"))
    cash_accounts: dict[int, dict[str, Account]] = defaultdict(dict)
    for account in accounts:
        cash_accounts[account.member_id or 0][account.kind] = account
    return {
        member: CashAccounts(kinds[Kind.WALLET], kinds[Kind.HELD], kinds[Kind.OWED])
        for member, kinds in cash_accounts.items()
    }
