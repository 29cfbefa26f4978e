"""Reading WeChat Pay's fund flow bill (资金账单): exact amounts, every fault by line and column.

Its format: https://pay.weixin.qq.com/doc/v3/merchant/4012556742. Yuan; each field of a row begins
with a back-tick, so that a comma inside does not end it; the last two lines sum the rows up.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from common.money import InvalidAmount, parse_yuan

SHANGHAI = ZoneInfo("Asia/Shanghai")
COLUMNS = (
    "记账时间", "微信支付业务单号", "资金流水单号", "业务名称", "业务类型", "收支类型",
    "收支金额(元)", "账户结余(元)", "资金变更提交申请人", "备注", "业务凭证号",
)  # fmt: skip
SUMMARY = ("资金流水总笔数", "收入笔数", "收入金额", "支出笔数", "支出金额")
AT, PROVIDER_NO, NUMBER, NAME, KIND, DIRECTION, AMOUNT, BALANCE, APPLICANT, REMARK, VOUCHER = range(
    11
)
MAX_LENGTHS = {
    PROVIDER_NO: 64, NUMBER: 64, NAME: 64, KIND: 64, APPLICANT: 128, REMARK: 256, VOUCHER: 64,
}  # fmt: skip
IN, OUT = "收入", "支出"
MAX_FILE_SIZE = 50 * 2**20
TICK = "`"
MIN_LINES = 4


@dataclass(frozen=True, slots=True)
class ParsedLine:
    """One movement; ``amount`` is negative when it goes out, in fen."""

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
    """What is wrong and where; lines and columns are counted from 1, column 0 is the whole line.

    ``code``: encoding, size, columns, fields, time, day, way, amount, balance, number, twice, text,
    summary, or no_rows.
    """

    line: int
    column: int
    code: str
    found: str = ""


class ParseFailed(Exception):
    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(faults)
        self.faults = list(faults)


def parse_statement(content: bytes, day: date) -> list[ParsedLine]:
    """The rows of a day's bill, in their order.

    :raises Faulty: something in it is not as it must be; then nothing of it may be used
    """
    lines = _lines(content)
    if faults := list(_wrong_columns(lines[0], COLUMNS, 1)):
        raise ParseFailed(faults)
    if len(lines) < MIN_LINES:
        raise ParseFailed([Fault(len(lines), 0, "no_rows")])
    *rows, head, sums = lines[1:]
    faults, read = [], []
    for place, row in enumerate(rows, start=2):
        try:
            read.append(_read(row, place, day))
        except ParseFailed as wrong:
            faults += wrong.faults
    faults += _wrong_columns(head, SUMMARY, len(lines) - 1)
    if not faults:
        faults = [*_broken_balances(read), *_wrong_sums(sums, read, len(lines))]
    if faults:
        raise ParseFailed(faults)
    return read


def _lines(content: bytes) -> list[str]:
    if len(content) > MAX_FILE_SIZE:
        raise ParseFailed([Fault(0, 0, "size")])
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ParseFailed([Fault(0, 0, "encoding")]) from None
    return text.replace("\r\n", "\n").rstrip("\n").split("\n")


def _wrong_columns(line: str, expected: Sequence[str], place: int) -> Iterator[Fault]:
    found = line.split(",")
    for column, name in enumerate(found, start=1):
        if column > len(expected) or name != expected[column - 1]:
            yield Fault(place, column, "columns", name[:40])
    if len(found) < len(expected):
        yield Fault(place, len(found) + 1, "columns")


def _fields(line: str, count: int, place: int) -> list[str]:
    if not line.startswith(TICK):
        raise ParseFailed([Fault(place, 1, "fields", line[:40])])
    fields = line[1:].split(f",{TICK}")
    if len(fields) != count:
        raise ParseFailed([Fault(place, 0, "fields", str(len(fields)))])
    return fields


def _read(line: str, place: int, day: date) -> ParsedLine:
    fields = _fields(line, len(COLUMNS), place)
    faults = [
        Fault(place, column + 1, "text", fields[column][:40])
        for column, longest in MAX_LENGTHS.items()
        if len(fields[column]) > longest or any(map(_is_control, fields[column]))
    ]
    if not fields[NUMBER]:
        faults.append(Fault(place, NUMBER + 1, "number"))
    at = _time(fields[AT])
    if at is None or at.date() != day:
        code = "time" if at is None else "day"
        faults.append(Fault(place, AT + 1, code, fields[AT][:40]))
    if fields[DIRECTION] not in {IN, OUT}:
        faults.append(Fault(place, DIRECTION + 1, "direction", fields[DIRECTION][:40]))
    amount, balance = _fen(fields[AMOUNT]), _fen(fields[BALANCE])
    if amount is None or amount <= 0:
        faults.append(Fault(place, AMOUNT + 1, "amount", fields[AMOUNT][:40]))
    if balance is None:
        faults.append(Fault(place, BALANCE + 1, "amount", fields[BALANCE][:40]))
    if faults or at is None or amount is None or balance is None:
        raise ParseFailed(faults)
    return ParsedLine(
        line=place,
        at=at,
        provider_no=fields[PROVIDER_NO],
        number=fields[NUMBER],
        name=fields[NAME],
        kind=fields[KIND],
        amount=amount if fields[DIRECTION] == IN else -amount,
        balance=balance,
        applicant=fields[APPLICANT],
        remark=fields[REMARK],
        voucher=fields[VOUCHER],
    )


def _is_control(letter: str) -> bool:
    """Other spaces than ours are ordinary in Chinese text."""
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
    """Each balance follows from the one before, and no movement comes twice."""
    seen: set[str] = set()
    for place, line in enumerate(lines):
        if line.number in seen:
            yield Fault(line.line, NUMBER + 1, "twice", line.number)
        seen.add(line.number)
        if place and lines[place - 1].balance + line.amount != line.balance:
            yield Fault(line.line, BALANCE + 1, "balance", str(line.balance))


def _wrong_sums(line: str, rows: Sequence[ParsedLine], place: int) -> list[Fault]:
    try:
        fields = _fields(line, len(SUMMARY), place)
    except ParseFailed as wrong:
        return wrong.faults
    came = [row.amount for row in rows if row.amount > 0]
    went = [-row.amount for row in rows if row.amount < 0]
    sums = [str(len(rows)), str(len(came)), sum(came), str(len(went)), sum(went)]
    return [
        Fault(place, column, "summary", found[:40])
        for column, (found, right) in enumerate(zip(fields, sums, strict=True), start=1)
        if (_fen(found) if isinstance(right, int) else found) != right
    ]
