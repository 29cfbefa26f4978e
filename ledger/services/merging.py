"""Move the balances of a merged member to the survivor."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from common.errors import TwotierError
from ledger.chart import Asset, Kind, Reason
from ledger.models import Account
from ledger.services.accounts import lock_accounts, open_wallets
from ledger.services.transfers import Posting, Source, transfer_many
from members.models import Member

Accounts = Mapping[tuple[int | None, str, str], Account]


class MoneyHeld(TwotierError):
    code = "money_held"
    message = _(
        "Money is held for a withdrawal of one of the members: wait until it has ended. Nothing was"
        " changed."
    )


@transaction.atomic
def merge_accounts(
    *, merged: Member, survivor: Member, source: Source, at: datetime
) -> dict[str, int]:
    """Move wallets and debts; afterwards the wallet pays off what is owed. Idempotent by source.

    :returns: the amounts moved in minor units, by ``{asset}:{kind}``
    :raises MoneyHeld: money of one of them is held for a withdrawal
    """
    open_wallets([survivor])
    both = Account.objects.filter(member__in=[merged, survivor])
    lock_accounts(both)
    accounts = {(row.member_id, row.asset, row.kind): row for row in both}
    if any(row.balance for row in accounts.values() if row.kind == Kind.HELD):
        raise MoneyHeld
    postings = [
        posting
        for asset in Asset
        for posting in _postings(accounts, asset, (merged.pk, survivor.pk), source, at)
    ]
    transfer_many(postings)
    return {
        f"{asset}:{kind}": row.balance or 0
        for (member, asset, kind), row in accounts.items()
        if member == merged.pk and row.balance
    }


def _postings(
    accounts: Accounts, asset: Asset, members: tuple[int, int], source: Source, at: datetime
) -> Iterator[Posting]:
    merged, survivor = members
    wallet, owed = accounts[survivor, asset, Kind.WALLET], accounts[survivor, asset, Kind.OWED]
    old_wallet = accounts.get((merged, asset, Kind.WALLET))
    old_owed = accounts.get((merged, asset, Kind.OWED))
    key = f"merge:{source.id}:{asset}"
    if old_owed and old_owed.balance:
        # A debt is a debit balance.
        yield Posting(
            f"{key}:owed", owed.pk, old_owed.pk, old_owed.balance, Reason.MERGE, *source, at
        )
        if recovered := min(old_owed.balance, wallet.balance or 0):
            yield Posting(
                f"recover:{key}:owed", wallet.pk, owed.pk, recovered, Reason.RECOVERY, *source, at
            )
    if old_wallet and old_wallet.balance:
        # The posting itself pays off what the survivor owes.
        yield Posting(
            f"{key}:wallet", old_wallet.pk, wallet.pk, old_wallet.balance, Reason.MERGE, *source,
            at,
        )  # fmt: skip
