"""Open and look up accounts. Accounts are never deleted."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection
from django.db.models import QuerySet

from common.locks import lock_rows
from ledger.chart import AWARD_KINDS, EXPENSE_KINDS, MEMBER_KINDS, Asset, Kind
from ledger.models import Account
from ledger.services import posting_sql as sql
from members.models import Member
from members.persons import survivor_of


def open_wallets(members: Iterable[Member], assets: Iterable[Asset] = tuple(Asset)) -> None:
    """Open the missing accounts of ``members`` for each of ``assets``."""
    kinds = [(asset, kind) for asset in assets for kind in MEMBER_KINDS[asset]]
    Account.objects.bulk_create(
        (
            Account(member=member, kind=kind, asset=asset, balance=0)
            for member in members
            for asset, kind in kinds
        ),
        ignore_conflicts=True,
        batch_size=5_000,
    )


def lock_accounts(accounts: QuerySet[Account]) -> list[int]:
    """Keep the month open, then lock accounts in the order of their keys, until the commit.

    The month comes first: a posting that held accounts and waited for a month to close would
    deadlock with a posting that keeps the month open and waits for the accounts.

    :returns: their keys; read the balances in another statement
    """
    with connection.cursor() as cursor:
        cursor.execute(sql.LOCK_PERIOD_SHARED)
    return lock_rows(accounts)


def account(member: Member, asset: Asset, kind: Kind = Kind.WALLET) -> Account:
    """Return the member's account of this asset and kind; open it at first use.

    A merged member's accounts are those of the survivor.
    """
    member = survivor_of(member)
    accounts = Account.objects.filter(member=member, asset=asset, kind=kind)
    if not accounts.exists():
        open_wallets([member], [asset])
    return accounts.get()


def platform_account(kind: Kind, asset: Asset = Asset.CASH) -> Account:
    """Return a platform account; migrations open all of them."""
    return Account.objects.get(member=None, kind=kind, asset=asset)


def commission_payer(asset: Asset) -> Account:
    """Return the platform account that pays commissions in ``asset``."""
    return platform_account(EXPENSE_KINDS[asset], asset)


def award_payer(asset: Asset) -> Account:
    """Return the platform account that pays awards of incentives in ``asset``."""
    return platform_account(AWARD_KINDS[asset], asset)


def platform_account_ids(*kinds: Kind, asset: Asset = Asset.CASH) -> dict[Kind, int]:
    """Return the primary keys of several platform accounts, in one query."""
    accounts = Account.objects.filter(member=None, kind__in=kinds, asset=asset)
    return {Kind(kind): key for kind, key in accounts.values_list("kind", "pk")}
