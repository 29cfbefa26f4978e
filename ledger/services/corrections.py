"""Taking money back: a mistake is reversed; what was earned for returned goods is reclaimed."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from common.errors import TwotierError
from common.locks import advisory_lock
from ledger.chart import Asset, Kind, Reason
from ledger.models import Account, Transfer
from ledger.services.accounts import account
from ledger.services.errors import KeyReused
from ledger.services.transfers import Posting, Source, transfer, transfer_many


class NotReversible(TwotierError):
    code = "not_reversible"
    message = _("A reversal is not reversed again: post a new transfer instead.")


def reverse(*, original: Transfer, source: Source, effective_at: datetime) -> Transfer:
    """Move the amount of ``original`` back the other way. It happens once; again it is a no-op.

    :returns: the reversing transfer, with the key ``reverse:{key of the original}``
    :raises NotReversible: the original is a reversal itself
    :raises KeyReused: it was reversed for another source
    :raises InsufficientFunds: the money has gone on; ``reclaim`` can make it a debt
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
    """Reclaim ``amount`` from ``wallet`` as far as it goes; the rest becomes a debt of its owner.

    The two transfers have the keys ``{key}:wallet`` and ``{key}:owed``; the debt is paid off by
    whatever comes into the wallet next.

    :param into: the platform's account that once paid
    :returns: the part that is owed now, in minor units
    :raises KeyReused: ``key`` has taken back another amount, or from elsewhere
    """
    assert wallet.kind == Kind.WALLET, "what is held or owed is not reclaimed"
    assert wallet.member is not None, "a wallet has an owner"
    # Two members have no account in common whose lock would put two uses of one key in order.
    advisory_lock(key)
    owed = account(wallet.member, Asset(wallet.asset), Kind.OWED)
    parts = {f"{key}:wallet": wallet, f"{key}:owed": owed}
    locked = Account.objects.filter(pk__in=[wallet.pk, owed.pk]).order_by("pk")
    list(locked.select_for_update(no_key=True).values_list("pk"))
    # How much the wallet gave was decided the first time: a repetition must not decide it again.
    posted = {one.key: one for one in Transfer.objects.filter(key__in=parts)}
    if posted:
        content = {
            (one.debit_id, one.credit_id, one.source_kind, one.source_id) for one in posted.values()
        }
        expected = {(parts[name].pk, credit.pk, *source) for name in posted}
        if content != expected or sum(one.amount for one in posted.values()) != amount:
            raise KeyReused(key=key)
        late = posted.get(f"{key}:owed")
        return late.amount if late else 0
    held = Account.objects.values_list("balance", flat=True).get(pk=wallet.pk) or 0
    given = min(held, amount)
    for (name, debit), part in zip(parts.items(), (given, amount - given), strict=True):
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
    return amount - given
