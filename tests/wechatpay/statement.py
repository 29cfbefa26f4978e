"""The fund flow bill of a day as a file."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from tests.wechatpay.bills import SHANGHAI, Refusal
from tests.wechatpay.ledger import Row

HEAD = (
    "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),"
    "资金变更提交申请人,备注,业务凭证号"
)
SUMMARY = "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额"
READY = time(10)


def build_statement(rows: Sequence[Row], day: date, *, at: datetime) -> bytes:
    """Return the uncompressed file.

    :raises Refusal: if it is not available yet or the day has no movements
    """
    if at < datetime.combine(day + timedelta(days=1), READY, SHANGHAI):
        raise Refusal(400, "STATEMENT_CREATING")
    moved = [row for row in rows if row.at.astimezone(SHANGHAI).date() == day]
    if not moved:
        raise Refusal(400, "NO_STATEMENT_EXIST")
    lines = [HEAD, *map(_line, moved), SUMMARY, _summary(moved)]
    return ("\ufeff" + "".join(f"{line}\r\n" for line in lines)).encode()


def gzip_statement(plain: bytes) -> bytes:
    return gzip.compress(plain, mtime=0)


def _line(row: Row) -> str:
    direction = "收入" if row.amount > 0 else "支出"
    when = row.at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")
    return _csv_line(
        when, row.transfer_bill_no,
        row.number, row.kind, row.kind, direction, _yuan(abs(row.amount)),
        _yuan(row.balance), "system", row.remark, row.out_bill_no,
    )  # fmt: skip


def _summary(rows: Sequence[Row]) -> str:
    came = [row.amount for row in rows if row.amount > 0]
    went = [-row.amount for row in rows if row.amount < 0]
    return _csv_line(len(rows), len(came), _yuan(sum(came)), len(went), _yuan(sum(went)))


def _csv_line(*fields: object) -> str:
    return ",".join(f"`{field}" for field in fields)


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02}"
