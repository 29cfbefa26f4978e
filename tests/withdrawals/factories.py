"""Members with money, and the steps of their withdrawals."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from ledger.chart import Asset, Kind, Reason
from ledger.models import Account, Transfer
from ledger.services import Source, account, platform_account, reclaim, transfer
from members.models import Member, User
from tests.cast import NOON, give
from withdrawals.models import Attempt, Withdrawal
from withdrawals.requests.identity import is_id_number
from withdrawals.services import (
    approve_as_finance,
    approve_as_operations,
    identify,
    request_withdrawal,
    set_payee,
    start_payout,
)

DAY = timedelta(days=1)
SOON = timedelta(minutes=1)
NOW = NOON + 10 * DAY
YUAN = 100
ID_NUMBER = "11010519491231002X"  # the example of GB 11643


def earned(who: Member, amount: int, *, at: datetime = NOON, key: str = "") -> None:
    """Credit a commission."""
    transfer(
        key=key or f"commission:{who.pk}:{at.isoformat()}:{amount}:credit",
        debit=platform_account(Kind.COMMISSION_EXPENSE),
        credit=account(who, Asset.CASH),
        amount=amount,
        reason=Reason.COMMISSION,
        source=Source("tests.earning", "1"),
        effective_at=at,
    )


def owe(who: Member, amount: int = 80_000) -> None:
    """Take back ``amount`` fen after a refund: what the wallet does not cover is a debt."""
    reclaim(
        key=f"clawback:{who.pk}",
        wallet=account(who, Asset.CASH),
        credit=platform_account(Kind.COMMISSION_EXPENSE),
        amount=amount,
        source=Source("tests.refund", "1"),
        effective_at=NOW,
    )


def id_number(who: Member) -> str:
    """Return the example of GB 11643 for Lan, and another valid number for each other member."""
    if who.nickname == "Lan":
        return ID_NUMBER
    born = f"11010519900101{who.pk % 1000:03}"
    return next(born + digit for digit in "0123456789X" if is_id_number(born + digit))


def ready(who: Member, amount: int = 0) -> Member:
    """Give a member an identity, a payee and ``amount`` fen."""
    identify(member=who, name=who.nickname, id_number=id_number(who), at=NOON)
    set_payee(member=who, channel="wechat", account=f"openid-of-{who.nickname.lower()}", at=NOON)
    if amount:
        earned(who, amount)
    return who


def may(user: User, *names: str) -> User:
    return give(user, *names)


def operations(user: User) -> User:
    return may(user, "review_as_operations")


def finance(user: User) -> User:
    return may(user, "review_as_finance")


def asked(who: Member, amount: int, *, key: str = "k-1", at: datetime = NOW) -> Withdrawal:
    return request_withdrawal(member=who, amount=amount, key=key, at=at)


def approved(who: Member, amount: int, ops: User, fin: User, *, at: datetime = NOW) -> Withdrawal:
    withdrawal = asked(who, amount, at=at)
    approve_as_operations(withdrawal=withdrawal, by=ops, at=at)
    approve_as_finance(withdrawal=withdrawal, by=fin, at=at)
    return withdrawal


def attempted(who: Member, amount: int, ops: User, fin: User, *, at: datetime = NOW) -> Attempt:
    attempt = start_payout(withdrawal=approved(who, amount, ops, fin, at=at), at=at)
    assert attempt
    return attempt


def cash(who: Member) -> tuple[int, int, int]:
    """Return the balances of wallet, held and owed."""
    balances = dict(
        Account.objects.filter(member=who, asset=Asset.CASH).values_list("kind", "balance")
    )
    return tuple(balances.get(kind, 0) or 0 for kind in (Kind.WALLET, Kind.HELD, Kind.OWED))  # type: ignore[return-value]


def picture() -> list[Any]:
    """Return every row of money and withdrawals: equal before and after an error."""
    return [
        list(model.objects.order_by("pk").values())  # type: ignore[attr-defined]
        for model in (Account, Transfer, Withdrawal, Attempt)
    ]
