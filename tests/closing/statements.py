"""Statement files in WeChat Pay's format, written by the fake server."""

from __future__ import annotations

import hashlib
import itertools
from datetime import datetime
from typing import Any

from closing.services import import_statement
from closing.services.statement_import import ImportResult
from common import clock
from ledger.models import Transfer
from tests.closing.books import PAID
from tests.shop import DAY
from tests.wechatpay import statement
from tests.wechatpay.ledger import Row
from withdrawals.models import Attempt

TODAY = clock.business_day(PAID)


class StatementFile:
    """A statement of one day, with a balance after each movement."""

    def __init__(self, *, balance: int = 0, at: datetime = PAID) -> None:
        self.balance, self.at = balance, at
        self.rows: list[Row] = []
        self._numbers = itertools.count(int(at.timestamp()))

    def add(self, amount: int, *, kind: str = "商家转账", number: str = "", ours: str = "",
              remark: str = "") -> StatementFile:  # fmt: skip
        self.balance += amount
        self.rows.append(
            Row(
                at=self.at, number=number or f"{next(self._numbers):032}", kind=kind,
                amount=amount, balance=self.balance, out_bill_no=ours, remark=remark,
            )
        )  # fmt: skip
        return self

    def add_top_up(self, amount: int, *, number: str) -> StatementFile:
        return self.add(amount, kind="充值", number=number)

    def paid(self, attempt: Attempt) -> StatementFile:
        return self.add(-attempt.amount, ours=attempt.out_bill_no)

    def content(self) -> bytes:
        day = clock.business_day(self.at)
        return statement.build_statement(self.rows, day, at=self.at + 3 * DAY)


def import_file(statement_file: StatementFile | bytes, **overrides: Any) -> ImportResult:
    content = statement_file if isinstance(statement_file, bytes) else statement_file.content()
    arguments = {
        "day": TODAY
        if isinstance(statement_file, bytes)
        else clock.business_day(statement_file.at),
        "content": content,
        "sha1": hashlib.sha1(content).hexdigest(),
        "gateway": "sandbox",
        "at": PAID + DAY,
    }
    return import_statement(**arguments | overrides)


def posted(prefix: str = "statement:") -> dict[str, tuple[str, str, int]]:
    """Return the transfers of statement lines by key."""
    rows = Transfer.objects.filter(key__startswith=prefix).select_related("debit", "credit")
    return {row.key: (row.debit.kind, row.credit.kind, row.amount) for row in rows}
