"""Move money in tests through the services of the ledger."""

from __future__ import annotations

from typing import Any

from ledger.chart import Asset, Kind, Reason
from ledger.models import Account, Transfer
from ledger.services import Source, account, platform_account, transfer
from members.models import Member
from tests.cast import NOON

SOURCE = Source("test", "1")


def cash(member: Member, kind: Kind = Kind.WALLET) -> Account:
    return account(member, Asset.CASH, kind)


def expense() -> Account:
    return platform_account(Kind.COMMISSION_EXPENSE)


def balance(member: Member, kind: Kind = Kind.WALLET) -> int:
    amount = Account.objects.values_list("balance", flat=True).get(pk=cash(member, kind).pk)
    assert amount is not None
    return amount


def earn(member: Member, amount: int, key: str) -> Transfer:
    """Credit a commission."""
    return move(key, expense(), cash(member), amount)


def spend(member: Member, amount: int, key: str) -> Transfer:
    """Move money out of the wallet, to the bank."""
    return move(key, cash(member), platform_account(Kind.BANK), amount, reason=Reason.TREASURY)


def move(key: str, debit: Account, credit: Account, amount: int, **other: Any) -> Transfer:
    return transfer(
        **{
            "key": key,
            "debit": debit,
            "credit": credit,
            "amount": amount,
            "reason": Reason.COMMISSION,
            "source": SOURCE,
            "effective_at": NOON,
            **other,
        }
    )


def picture() -> list[Any]:
    """Return every row of the ledger, to show that a rejection changes none."""
    return [
        list(Account.objects.order_by("pk").values()),
        list(Transfer.objects.order_by("pk").values()),
    ]
