"""Parser of WeChat Pay's fund flow statement (资金账单); reports every fault by line and column.

Format: https://pay.weixin.qq.com/doc/v3/merchant/4012556742. Amounts are in yuan; each field of
a row begins with a back-tick, so that it may contain commas; the last two lines hold the totals.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext_lazy as _

from common.clock import SHANGHAI
from common.money import InvalidAmount, parse_yuan

COLUMNS = {
    "at": "记账时间", "provider_no": "微信支付业务单号", "number": "资金流水单号",
    "name": "业务名称", "kind": "业务类型", "direction": "收支类型", "amount": "收支金额(元)",
    "balance": "账户结余(元)", "applicant": "资金变更提交申请人", "remark": "备注",
    "voucher": "业务凭证号",
}  # fmt: skip
POSITIONS = {column: position for position, column in enumerate(COLUMNS, start=1)}
SUMMARY = ("资金流水总笔数", "收入笔数", "收入金额", "支出笔数", "支出金额")
MAX_LENGTHS = {
    "provider_no": 64, "number": 64, "name": 64, "kind": 64, "applicant": 128, "remark": 256,
    "voucher": 64,
}  # fmt: skip
IN, OUT = "收入", "支出"
MAX_FILE_SIZE = 50 * 2**20
TICK = "`"
MIN_LINES = 4
FAULT_LABELS = {
    "size": _("the file is too large"),
    "encoding": _("the file is not UTF-8"),
    "columns": _("unknown column"),
    "fields": _("wrong number of fields, or a field without its mark"),
    "time": _("not a valid time"),
    "day": _("not the day of the statement"),
    "direction": _("neither income nor expense"),
    "amount": _("not a valid amount"),
    "balance": _("the balance does not follow from the previous line"),
    "number": _("the number is missing"),
    "twice": _("duplicate movement"),
    "text": _("the text is too long or not printable"),
    "summary": _("the total does not equal the sum of the lines"),
    "no_rows": _("there are no lines"),
}


@dataclass(frozen=True, slots=True)
class ParsedLine:
    """One movement in fen; ``amount`` is negative for an expense."""

    line: int
    at: datetime
    provider_no: str
    number: str
    name: str
    kind: str
    amount: int
    balance: int
    applicant: str
    remark: str
    voucher: str


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault and its place: lines and columns count from 1, 0 is the whole file or line.

    ``code`` is a key of ``FAULT_LABELS``.
    """

    line: int
    column: int
    code: str
    actual: str = ""


class ParseFailed(Exception):
    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(faults)
        self.faults = list(faults)


def duplicate(line: ParsedLine) -> Fault:
    """Return the fault of a movement that is already known."""
    return Fault(line.line, POSITIONS["number"], "twice", line.number)


def parse_statement(content: bytes, day: date) -> list[ParsedLine]:
    """Parse the statement of a day.

    :raises ParseFailed: the file has faults, and none of it may be used
    """
    lines = _lines(content)
    if faults := list(_wrong_columns(lines[0], tuple(COLUMNS.values()), 1)):
        raise ParseFailed(faults)
    if len(lines) < MIN_LINES:
        raise ParseFailed([Fault(len(lines), 0, "no_rows")])
    *rows, head, sums = lines[1:]
    faults, parsed = [], []
    for number, row in enumerate(rows, start=2):
        try:
            parsed.append(_parse_line(row, number, day))
        except ParseFailed as error:
            faults += error.faults
    faults += _wrong_columns(head, SUMMARY, len(lines) - 1)
    if not faults:
        faults = [*_broken_balances(parsed), *_wrong_sums(sums, parsed, len(lines))]
    if faults:
        raise ParseFailed(faults)
    return parsed


def summarize(amounts: Sequence[int]) -> list[str | int]:
    """Return the values of ``SUMMARY``: numbers as text, amounts in fen."""
    income = [amount for amount in amounts if amount > 0]
    expense = [-amount for amount in amounts if amount < 0]
    return [str(len(amounts)), str(len(income)), sum(income), str(len(expense)), sum(expense)]


def _lines(content: bytes) -> list[str]:
    if len(content) > MAX_FILE_SIZE:
        raise ParseFailed([Fault(0, 0, "size")])
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ParseFailed([Fault(0, 0, "encoding")]) from None
    return text.replace("\r\n", "\n").rstrip("\n").split("\n")


def _wrong_columns(line: str, expected: Sequence[str], number: int) -> Iterator[Fault]:
    names = line.split(",")
    for column, name in enumerate(names, start=1):
        if column > len(expected) or name != expected[column - 1]:
            yield Fault(number, column, "columns", name[:40])
    if len(names) < len(expected):
        yield Fault(number, len(names) + 1, "columns")


def _fields(line: str, count: int, number: int) -> list[str]:
    if not line.startswith(TICK):
        raise ParseFailed([Fault(number, 1, "fields", line[:40])])
    fields = line[1:].split(f",{TICK}")
    if len(fields) != count:
        raise ParseFailed([Fault(number, 0, "fields", str(len(fields)))])
    return fields


def _parse_line(line: str, number: int, day: date) -> ParsedLine:
    cells = dict(zip(COLUMNS, _fields(line, len(COLUMNS), number), strict=True))
    at, amount, balance = _time(cells["at"]), _fen(cells["amount"]), _fen(cells["balance"])
    codes = {
        column: "text"
        for column, max_length in MAX_LENGTHS.items()
        if len(cells[column]) > max_length or any(map(_is_control, cells[column]))
    }
    if not cells["number"]:
        codes["number"] = "number"
    if at is None or at.date() != day:
        codes["at"] = "time" if at is None else "day"
    if cells["direction"] not in {IN, OUT}:
        codes["direction"] = "direction"
    if amount is None or amount <= 0:
        codes["amount"] = "amount"
    if balance is None:
        codes["balance"] = "amount"
    if codes or at is None or amount is None or balance is None:
        raise ParseFailed(
            [
                Fault(number, POSITIONS[column], code, cells[column][:40])
                for column, code in codes.items()
            ]
        )
    return ParsedLine(
        line=number,
        at=at,
        amount=amount if cells["direction"] == IN else -amount,
        balance=balance,
        **{column: cells[column] for column in MAX_LENGTHS},
    )


def _is_control(letter: str) -> bool:
    """Control characters only: unusual spaces are ordinary in Chinese text."""
    return unicodedata.category(letter) == "Cc"


def _time(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=SHANGHAI)
    except ValueError:
        return None


def _fen(text: str) -> int | None:
    try:
        return parse_yuan(text)
    except InvalidAmount:
        return None


def _broken_balances(lines: Sequence[ParsedLine]) -> Iterator[Fault]:
    """Yield movements whose balance does not follow from the previous one, and duplicates."""
    seen: set[str] = set()
    for index, line in enumerate(lines):
        if line.number in seen:
            yield duplicate(line)
        seen.add(line.number)
        if index and lines[index - 1].balance + line.amount != line.balance:
            yield Fault(line.line, POSITIONS["balance"], "balance", str(line.balance))


def _wrong_sums(line: str, rows: Sequence[ParsedLine], number: int) -> list[Fault]:
    try:
        fields = _fields(line, len(SUMMARY), number)
    except ParseFailed as error:
        return error.faults
    sums = summarize([row.amount for row in rows])
    return [
        Fault(number, column, "summary", actual[:40])
        for column, (actual, expected) in enumerate(zip(fields, sums, strict=True), start=1)
        if (_fen(actual) if isinstance(expected, int) else actual) != expected
    ]
