"""Take money back: reverse a mistaken transfer, reclaim a commission after a refund."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from common.errors import TwotierError
from common.locks import advisory_lock, lock_rows
from ledger.chart import Asset, Kind, Reason
from ledger.models import Account, Transfer
from ledger.services.accounts import account
from ledger.services.errors import KeyReused
from ledger.services.transfers import Posting, Source, transfer, transfer_many


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


@transaction.atomic
def reclaim(
    *,
    key: str,
    wallet: Account,
    credit: Account,
    amount: int,
    source: Source,
    effective_at: datetime,
) -> int:
    """Reclaim ``amount`` from ``wallet``; record a shortfall as a debt of its owner. Idempotent.

    The two transfers have the keys ``{key}:wallet`` and ``{key}:owed``. The next credits of the
    wallet pay the debt off.

    :param credit: the platform account that paid originally
    :returns: the new debt, in minor units
    :raises KeyReused: ``key`` was used with another amount, wallet, account or source
    """
    assert wallet.kind == Kind.WALLET, "only a wallet can be reclaimed from"
    assert wallet.member is not None, "a wallet has an owner"
    # Serializes two uses of one key: two members share no account whose lock would do it.
    advisory_lock(key)
    owed = account(wallet.member, Asset(wallet.asset), Kind.OWED)
    parts = {f"{key}:wallet": wallet, f"{key}:owed": owed}
    lock_rows(Account.objects.filter(pk__in=[wallet.pk, owed.pk]))
    # The first call decided the split between wallet and debt: a retry must return the same.
    posted = {row.key: row for row in Transfer.objects.filter(key__in=parts)}
    if posted:
        content = {
            (row.debit_id, row.credit_id, row.source_kind, row.source_id) for row in posted.values()
        }
        expected = {(parts[name].pk, credit.pk, *source) for name in posted}
        if content != expected or sum(row.amount for row in posted.values()) != amount:
            raise KeyReused(key=key)
        debt = posted.get(f"{key}:owed")
        return debt.amount if debt else 0
    available = Account.objects.values_list("balance", flat=True).get(pk=wallet.pk) or 0
    paid = min(available, amount)
    for (name, debit), part in zip(parts.items(), (paid, amount - paid), strict=True):
        if part or amount <= 0:
            transfer(
                key=name,
                debit=debit,
                credit=credit,
                amount=part,
                reason=Reason.CLAWBACK,
                source=source,
                effective_at=effective_at,
            )
    return amount - paid
