"""The first lock of all that moves a member's cash: withdrawal, attempt, tax year come after."""

from __future__ import annotations

from dataclasses import dataclass

from ledger.chart import Asset, Kind
from ledger.models import Account
from ledger.services import open_wallets
from members.models import Member


@dataclass(frozen=True, slots=True)
class Cash:
    """A member's three accounts of cash, locked, with what is on them now; in fen."""

    wallet: Account
    held: Account
    owed: Account


def lock_cash(member: Member) -> Cash:
    """Lock the member's cash until the transaction ends; then read it.

    Whoever requests, approves, sends, or takes back after a refund waits here for the others.
    """
    accounts = Account.objects.filter(member=member, asset=Asset.CASH).order_by("pk")
    if not list(accounts.select_for_update(no_key=True).values_list("pk")):
        open_wallets([member], [Asset.CASH])
        list(accounts.select_for_update(no_key=True).values_list("pk"))
    by_kind = {account.kind: account for account in accounts}
    return Cash(by_kind[Kind.WALLET], by_kind[Kind.HELD], by_kind[Kind.OWED])
