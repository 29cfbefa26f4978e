"""The operation account of the merchant: its balance, payments and fund flow."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple


class Paid(NamedTuple):
    times: int
    amount: int
    """Fen, of all times together."""


@dataclass(frozen=True)
class Row:
    """A line of the fund flow; ``amount`` is in fen, negative for a debit."""

    at: datetime
    number: str
    kind: str
    amount: int
    balance: int
    transfer_bill_no: str = ""
    out_bill_no: str = ""
    remark: str = ""


@dataclass(frozen=True)
class Payment:
    at: datetime
    out_bill_no: str
    openid: str
    amount: int


class Ledger:
    """The ledger; every write needs the server's lock."""

    def __init__(self, balance: int, *, book_on_lock: bool) -> None:
        self.balance = balance
        """What stands in the account, with what is locked."""
        self.locked: dict[str, int] = {}
        self.payments: list[Payment] = []
        self.rows: list[Row] = []
        # It is undocumented whether the row appears with the lock or with the success.
        self._books_when_locked = book_on_lock
        self._numbers = itertools.count(1)

    @property
    def available(self) -> int:
        return self.balance - (0 if self._books_when_locked else sum(self.locked.values()))

    def lock(self, *, out_bill_no: str, amount: int, **about: Any) -> bool:
        """Lock the amount; return false if the balance is insufficient."""
        if self.available < amount:
            return False
        self.locked[out_bill_no] = amount
        if self._books_when_locked:
            self._book("商家转账", -amount, out_bill_no=out_bill_no, **about)
        return True

    def pay(self, *, out_bill_no: str, openid: str, at: datetime, **about: Any) -> None:
        amount = self.locked.pop(out_bill_no)
        self.payments.append(Payment(at, out_bill_no, openid, amount))
        if not self._books_when_locked:
            self._book("商家转账", -amount, out_bill_no=out_bill_no, at=at, **about)

    def release(self, *, out_bill_no: str, **about: Any) -> None:
        amount = self.locked.pop(out_bill_no)
        if self._books_when_locked:
            self._book("商家转账退回", amount, out_bill_no=out_bill_no, **about)

    def top_up(self, amount: int, *, at: datetime) -> None:
        self._book("充值", amount, at=at)

    def paid(self, out_bill_no: str) -> Paid:
        return _sum(row for row in self.payments if row.out_bill_no == out_bill_no)

    def paid_to(self, openid: str) -> Paid:
        return _sum(row for row in self.payments if row.openid == openid)

    def _book(self, kind: str, amount: int, **about: Any) -> None:
        self.balance += amount
        number = f"{next(self._numbers):032}"
        row = Row(number=number, kind=kind, amount=amount, balance=self.balance, **about)
        self.rows.append(row)


def _sum(payments: Iterable[Payment]) -> Paid:
    amounts = [payment.amount for payment in payments]
    return Paid(len(amounts), sum(amounts))
