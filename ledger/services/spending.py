"""Spend store credit and points in the shop, and give them back."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from common.errors import TwotierError
from ledger.chart import Asset, Kind, Reason
from ledger.models import Account, Transfer
from ledger.services.accounts import account, lock_accounts, platform_account
from ledger.services.errors import KeyReused
from ledger.services.transfers import Source, transfer
from members.models import Member
from members.persons import survivor_of

SPENDABLE = (Asset.STORE_CREDIT, Asset.POINTS)
ORDER, SPEND = "mall.order", "ledger.spend"


class SpendUnknown(TwotierError):
    code = "spend_unknown"
    message = _("Nothing was spent with the key “%(spend)s”. Nothing has been moved.")
    status = 422


class UnspendExceedsSpent(TwotierError):
    code = "unspend_exceeds_spent"
    message = _(
        "Of “%(spend)s” only %(left)s is left to give back, not %(amount)s. Nothing has been moved."
    )


@transaction.atomic
def spend(
    *, key: str, member: Member, asset: Asset, amount: int, order: str, at: datetime
) -> Transfer:
    """Take ``amount`` from a member's wallet as payment for an order. Idempotent by ``key``.

    :param asset: store credit or points
    :param amount: in fen, or points
    :param order: the order's number in the mall, which may not be known here yet
    :raises KeyReused: the key was used with another member, asset, amount or order
    :raises InsufficientFunds: the wallet does not hold enough
    """
    wallet = account(member, asset)
    lock_accounts(Account.objects.filter(pk=wallet.pk))
    if posted := _posted(f"spend:{key}"):
        content = (posted.asset, posted.amount, posted.source_id)
        same_person = survivor_of(_owner(posted.debit)).pk == wallet.member_id
        if not same_person or content != (asset, amount, order):
            raise KeyReused(key=key)
        return posted
    return transfer(
        key=f"spend:{key}", debit=wallet, credit=platform_account(Kind.SALES, asset),
        amount=amount, reason=Reason.SPENDING, source=Source(ORDER, order), effective_at=at,
    )  # fmt: skip


@transaction.atomic
def unspend(*, key: str, asset: Asset, of: str, amount: int, at: datetime) -> Transfer:
    """Give back what was spent, in parts or whole. Idempotent by ``key``.

    :param of: the key of the spend
    :raises SpendUnknown: nothing of this asset was spent with that key
    :raises UnspendExceedsSpent: together more would be given back than was spent
    :raises KeyReused: the key was used with another spend or amount
    """
    spent = _posted(f"spend:{of}")
    if spent is None or spent.asset != asset:
        raise SpendUnknown(spend=of)
    wallet = account(_owner(spent.debit), asset)
    lock_accounts(Account.objects.filter(pk=wallet.pk))
    if posted := _posted(f"unspend:{key}"):
        if (posted.source_kind, posted.source_id, posted.amount) != (SPEND, of, amount):
            raise KeyReused(key=key)
        return posted
    left = spent.amount - _given_back(of, wallet, since=spent.pk)
    if amount > left:
        raise UnspendExceedsSpent(spend=of, left=left, amount=amount)
    return transfer(
        key=f"unspend:{key}", debit=platform_account(Kind.SALES, asset), credit=wallet,
        amount=amount, reason=Reason.SPENDING, source=Source(SPEND, of), effective_at=at,
    )  # fmt: skip


def _posted(key: str) -> Transfer | None:
    return (
        Transfer.objects.select_related("debit__member", "credit__member").filter(key=key).first()
    )


def _owner(wallet: Account) -> Member:
    assert wallet.member, "only wallets spend"
    return wallet.member


def _given_back(spend_key: str, wallet: Account, *, since: int) -> int:
    """Return the sum that was given back, to the wallets of all members of the person."""
    persons = Member.objects.of_person(wallet.member_id or 0).values("pk")
    wallets = Account.objects.filter(member__in=persons, asset=wallet.asset, kind=Kind.WALLET)
    rows = Transfer.objects.filter(
        credit__in=list(wallets.values_list("pk", flat=True)), id__gt=since,
        reason=Reason.SPENDING, source_kind=SPEND, source_id=spend_key,
    )  # fmt: skip
    return rows.aggregate(sum=Sum("amount"))["sum"] or 0
