"""Accounts come into being; nothing ever removes them."""

from __future__ import annotations

from collections.abc import Iterable

from ledger.chart import EXPENSE_KINDS, MEMBER_KINDS, Asset, Kind
from ledger.models import Account
from members.models import Member


def open_wallets(members: Iterable[Member], assets: Iterable[Asset] = tuple(Asset)) -> None:
    """Give each of ``members`` the accounts of each of ``assets``; those they have stay."""
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


def account(member: Member, asset: Asset, kind: Kind = Kind.WALLET) -> Account:
    """The member's wallet of ``asset``, or what is held or owed beside it; opened at first use."""
    found = Account.objects.filter(member=member, asset=asset, kind=kind)
    if not found.exists():
        open_wallets([member], [asset])
    return found.get()


def platform_account(kind: Kind, asset: Asset = Asset.CASH) -> Account:
    """One of the platform's accounts; migrations have opened them all."""
    return Account.objects.get(member=None, kind=kind, asset=asset)


def commission_payer(asset: Asset) -> Account:
    """The platform's account that pays commissions of ``asset``."""
    return platform_account(EXPENSE_KINDS[asset], asset)


def platform_account_ids(*kinds: Kind, asset: Asset = Asset.CASH) -> dict[Kind, int]:
    """The keys of several of the platform's accounts, in one query."""
    found = Account.objects.filter(member=None, kind__in=kinds, asset=asset)
    return {Kind(kind): key for kind, key in found.values_list("kind", "pk")}
