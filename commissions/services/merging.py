"""Let what is due to a merged member be credited to the survivor."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet

from commissions.models import DueCredit
from common.locks import lock_rows
from ledger.chart import Kind
from ledger.models import Account
from ledger.services import open_wallets
from members.models import Member


def due_credits_of(member: Member) -> QuerySet[DueCredit]:
    """Return what waits in the queue for the member's wallets."""
    wallets = Account.objects.filter(member=member, kind=Kind.WALLET)
    return DueCredit.objects.filter(account__in=list(wallets.values_list("pk", flat=True)))


@transaction.atomic
def move_due_credits(*, merged: Member, survivor: Member) -> int:
    """Queue what is due to a merged member for the survivor's wallets.

    Waits for a settlement that is crediting some of it: the balance is moved afterwards.

    :returns: the number of rows
    """
    lock_rows(due_credits_of(merged))
    waiting = due_credits_of(merged)
    accounts = Account.objects.filter(member=merged, kind=Kind.WALLET).order_by("asset")
    wallets = {row.asset: row.pk for row in accounts}
    open_wallets([survivor])
    moved = 0
    for account in Account.objects.filter(member=survivor, kind=Kind.WALLET, asset__in=wallets):
        moved += waiting.filter(account=wallets[account.asset]).update(account=account)
    return moved
