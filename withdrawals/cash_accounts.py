"""Lock a member's cash accounts: the first lock; withdrawal, attempt and tax year follow."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from ledger.chart import Asset, Kind
from ledger.models import Account
from ledger.services import lock_accounts, open_wallets
from members.models import Member
from withdrawals.models import Withdrawal


@dataclass(frozen=True, slots=True)
class CashAccounts:
    """A member's three locked cash accounts with their current balances in fen."""

    wallet: Account
    held: Account
    owed: Account


def lock_cash_accounts(member: Member) -> CashAccounts:
    """Lock the member's cash accounts until the transaction ends, then read them.

    Requests, approvals, payouts and clawbacks of a member run one after the other because of this.
    """
    return lock_many_cash_accounts([member])[member.pk]


def lock_withdrawal(withdrawal: Withdrawal) -> CashAccounts:
    """Lock the cash accounts of a withdrawal's member, then read the withdrawal again."""
    cash = lock_cash_accounts(withdrawal.member)
    withdrawal.refresh_from_db()
    return cash


def lock_many_cash_accounts(members: Collection[Member]) -> dict[int, CashAccounts]:
    """Lock the cash accounts of many members in primary-key order; by member key."""
    accounts = Account.objects.filter(member__in=members, asset=Asset.CASH)
    existing = set(accounts.values_list("member", flat=True))
    if missing := [member for member in members if member.pk not in existing]:
        open_wallets(missing, [Asset.CASH])
    lock_accounts(accounts)
    cash_accounts: dict[int, dict[str, Account]] = defaultdict(dict)
    for account in accounts:
        cash_accounts[account.member_id or 0][account.kind] = account
    return {
        member: CashAccounts(kinds[Kind.WALLET], kinds[Kind.HELD], kinds[Kind.OWED])
        for member, kinds in cash_accounts.items()
    }
