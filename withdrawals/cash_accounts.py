"""Lock a member's cash accounts: the first lock; withdrawal, attempt and tax year follow."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from ledger.chart import Asset, Kind
from ledger.models import Account
from ledger.services import lock_accounts, open_wallets
from members.models import Member
from members.persons import survivor_keys
from withdrawals.gateways import STORE_CREDIT
from withdrawals.models import Withdrawal


@dataclass(frozen=True, slots=True)
class CashAccounts:
    """A member's three locked cash accounts with their current balances in fen."""

    wallet: Account
    held: Account
    owed: Account
    store_credit: Account | None = None
    """The wallet of store credit, only where a withdrawal into it is paid."""


def lock_cash_accounts(member: Member) -> CashAccounts:
    """Lock the member's cash accounts until the transaction ends, then read them.

    Those of a merged member are the survivor's. Requests, approvals, payouts and clawbacks of a
    member run one after the other because of this.
    """
    return lock_many_cash_accounts([member])[member.pk]


def read_cash_accounts(member: Member) -> CashAccounts:
    """Read the member's cash accounts without a lock, for pages; absent ones are empty.

    :param member: not merged into another one
    """
    rows = Account.objects.filter(member=member, asset=Asset.CASH)
    by_kind = {row.kind: row for row in rows}

    def of(kind: Kind) -> Account:
        return by_kind.get(kind) or Account(member=member, asset=Asset.CASH, kind=kind, balance=0)

    return CashAccounts(of(Kind.WALLET), of(Kind.HELD), of(Kind.OWED))


def lock_withdrawal(withdrawal: Withdrawal) -> CashAccounts:
    """Lock the cash accounts of a withdrawal's member, then read the withdrawal again."""
    cash = lock_cash_accounts(withdrawal.member)
    withdrawal.refresh_from_db()
    return cash


def lock_for_payout(withdrawal: Withdrawal) -> CashAccounts:
    """Lock what a payout moves, then read the withdrawal again.

    That is the cash, and with it the store credit that it may be turned into: all accounts in one
    order, because others lock them all as well.
    """
    converts = withdrawal.payee.channel == STORE_CREDIT
    assets = [Asset.CASH, Asset.STORE_CREDIT] if converts else [Asset.CASH]
    cash = lock_many_cash_accounts([withdrawal.member], assets=assets)[withdrawal.member_id]
    withdrawal.refresh_from_db()
    return cash


def lock_many_cash_accounts(
    members: Collection[Member], *, assets: Sequence[Asset] = (Asset.CASH,)
) -> dict[int, CashAccounts]:
    """Lock the cash accounts of many members in primary-key order; by member key.

    :param assets: cash, and store credit where it is paid into
    """
    keys = {member.pk for member in members}
    owners = survivor_keys(keys)
    while True:
        by_owner = _lock_of_owners(set(owners.values()), assets)
        # A merge may have moved the money while this waited for the lock.
        if (now := survivor_keys(keys)) == owners:
            return {key: by_owner[owner] for key, owner in owners.items()}
        owners = now


def _lock_of_owners(members: Collection[int], assets: Sequence[Asset]) -> dict[int, CashAccounts]:
    accounts = Account.objects.filter(member__in=members, asset__in=assets)
    wanted = {(member, asset) for member in members for asset in assets}
    if missing := wanted - set(accounts.values_list("member", "asset")):
        owners = Member.objects.filter(pk__in={member for member, _asset in missing})
        open_wallets(owners.order_by("pk"), assets)
    lock_accounts(accounts)
    locked: dict[int, dict[tuple[str, str], Account]] = defaultdict(dict)
    for account in accounts:
        locked[account.member_id or 0][account.asset, account.kind] = account
    return {
        member: CashAccounts(
            wallet=by_kind[Asset.CASH, Kind.WALLET],
            held=by_kind[Asset.CASH, Kind.HELD],
            owed=by_kind[Asset.CASH, Kind.OWED],
            store_credit=by_kind.get((Asset.STORE_CREDIT, Kind.WALLET)),
        )
        for member, by_kind in locked.items()
    }
