"""Take money back: reverse a mistaken transfer, reclaim commissions and awards after a refund."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from common.errors import TwotierError
from ledger.chart import Kind, Reason
from ledger.models import Account, Transfer
from ledger.services.accounts import lock_accounts
from ledger.services.errors import KeyReused
from ledger.services.transfers import Posting, Source, transfer_many


class NotReversible(TwotierError):
    code = "not_reversible"
    message = _("A reversal is not reversed again: post a new transfer instead.")


def reverse(*, original: Transfer, source: Source, effective_at: datetime) -> Transfer:
    """Move the amount of ``original`` back. Idempotent.

    :returns: the reversal, with the key ``reverse:{key of the original}``
    :raises NotReversible: the original is itself a reversal
    :raises KeyReused: the original was reversed for another source
    :raises InsufficientFunds: the money has been spent; ``reclaim`` records a debt instead
    """
    if original.reverses_id is not None:
        raise NotReversible(key=original.key)
    posting = Posting(
        key=f"reverse:{original.key}",
        debit_id=original.credit_id,
        credit_id=original.debit_id,
        amount=original.amount,
        reason=Reason.REVERSAL,
        source_kind=source.kind,
        source_id=source.id,
        effective_at=effective_at,
        reverses_id=original.pk,
    )
    transfer_many([posting])
    return Transfer.objects.get(key=posting.key)


@dataclass(frozen=True, slots=True)
class Reclaim:
    """``amount`` minor units to take back from a wallet; a shortfall becomes a debt of its owner.

    ``credit`` is the platform account that paid originally.
    """

    key: str
    wallet: Account
    credit: Account
    amount: int
    source: Source
    reason: Reason = Reason.CLAWBACK

    @property
    def debt_key(self) -> str:
        return f"{self.key}:owed"


def reclaim(
    *,
    key: str,
    wallet: Account,
    credit: Account,
    amount: int,
    source: Source,
    effective_at: datetime,
    reason: Reason = Reason.CLAWBACK,
) -> int:
    """Take ``amount`` back from ``wallet``; see ``reclaim_many``.

    :returns: the new debt, in minor units
    """
    row = Reclaim(key, wallet, credit, amount, source, reason)
    return reclaim_many([row], effective_at=effective_at)[key]


@transaction.atomic
def reclaim_many(reclaims: Sequence[Reclaim], *, effective_at: datetime) -> dict[str, int]:
    """Take money back from wallets, and record what they lack as debts. Idempotent by key.

    The first transfer has the key of the reclaim, whether it debits the wallet or the debt, so
    that the unique key refuses a second use; the rest is owed, with the key ``{key}:owed``. The
    next credits of the wallet pay a debt off. The number of statements is constant.

    :returns: the new debt of each key, in minor units
    :raises KeyReused: a key was used with another amount, wallet, account or source
    """
    wallets = {row.wallet.pk: row.wallet for row in reclaims}
    assert all(row.kind == Kind.WALLET for row in wallets.values()), "only wallets are reclaimed"
    debts = _debt_accounts(wallets.values())
    lock_accounts(Account.objects.filter(pk__in=[*wallets, *debts.values()]))
    balances = Account.objects.filter(pk__in=wallets).values_list("pk", "balance")
    available = {key: balance or 0 for key, balance in balances}
    # The first call decided the split between wallet and debt: a retry must return the same.
    keys = [key for row in reclaims for key in (row.key, row.debt_key)]
    posted = {row.key: row for row in Transfer.objects.filter(key__in=keys)}
    owed: dict[str, int] = {}
    postings: list[Posting] = []
    for row in reclaims:
        debt = debts[row.wallet.pk]
        if row.key in posted:
            owed[row.key] = _posted_debt(row, debt, posted)
            continue
        paid = min(available[row.wallet.pk], row.amount)
        available[row.wallet.pk] -= paid
        owed[row.key] = row.amount - paid
        postings += _postings(row, debt, paid=paid, effective_at=effective_at)
    transfer_many(postings)
    return owed


def _debt_accounts(wallets: Collection[Account]) -> dict[int, int]:
    """Return the key of the account of debts that belongs to each wallet, by its key."""
    accounts = Account.objects.filter(
        member__in={row.member_id for row in wallets}, kind=Kind.OWED,
        asset__in={row.asset for row in wallets},
    )  # fmt: skip
    keys = {
        (member, asset): key for member, asset, key in accounts.values_list("member", "asset", "pk")
    }
    return {row.pk: keys[row.member_id or 0, row.asset] for row in wallets}


def _postings(row: Reclaim, debt: int, *, paid: int, effective_at: datetime) -> Iterator[Posting]:
    """Return the posting from the wallet and the one that is owed; one of them may be missing."""
    shares = [(row.wallet.pk, paid), (debt, row.amount - paid)]
    # An amount of 0 is posted as well, for the ledger to refuse.
    parts = [share for share in shares if share[1]] or shares[:1]
    for key, (account_id, part) in zip((row.key, row.debt_key), parts, strict=False):
        yield Posting(key, account_id, row.credit.pk, part, row.reason, *row.source, effective_at)


def _posted_debt(row: Reclaim, debt: int, posted: Mapping[str, Transfer]) -> int:
    """Return what an earlier call with the key left owing.

    :raises KeyReused: it had other content
    """
    parts = [posted[key] for key in (row.key, row.debt_key) if key in posted]
    for part in parts:
        content = (part.credit_id, part.source_kind, part.source_id)
        if part.debit_id not in (row.wallet.pk, debt) or content != (row.credit.pk, *row.source):
            raise KeyReused(key=row.key)
    if sum(part.amount for part in parts) != row.amount:
        raise KeyReused(key=row.key)
    return sum(part.amount for part in parts if part.debit_id == debt)
