"""Read the result file of a bank: which payments of a batch it has made, and which not.

Banks name their columns differently, so each column has several names. Nothing is guessed: an
unknown result, an unreadable amount or a wrong total refuses the whole file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from backoffice.tables import Row, read_table
from common.errors import TwotierError
from common.money import InvalidAmount, format_yuan, parse_yuan

MAX_SHOWN = 10
COLUMNS: dict[str, tuple[str, ...]] = {
    "number": (
        "付款编号", "付款单号", "业务参考号", "客户流水号", "商户流水号", "商户订单号", "number",
        "payment number",
    ),
    "account": (
        "收款账号", "收款账户", "收款人账号", "收方账号", "收款方账号", "account",
        "account to pay to",
    ),
    "name": (
        "收款户名", "真实姓名", "收款人", "收款人姓名", "收款人名称", "收方户名", "收款方姓名",
        "name", "real name",
    ),
    "amount": ("金额", "金额(元)", "金额（元）", "付款金额", "交易金额", "amount", "yuan"),
    "result": ("结果", "处理结果", "交易结果", "交易状态", "付款状态", "状态", "result", "status"),
    "reason": ("失败原因", "原因", "退票原因", "结果说明", "reason", "failure reason"),
    "bank_number": ("银行流水号", "交易流水号", "流水号", "bank number", "bank's number"),
}  # fmt: skip
REQUIRED = ("number", "account", "amount", "result")
TITLES: dict[str, str | Promise] = {
    "number": _("payment number"), "account": _("account to pay to"), "amount": _("amount"),
    "result": _("result"),
}  # fmt: skip
TOTALS = ("合计", "总计", "total")


class Outcome(StrEnum):
    """What the bank says of a payment."""

    PAID = "paid"
    UNPAID = "unpaid"
    OPEN = "open"


WORDS: dict[Outcome, tuple[str, ...]] = {
    Outcome.PAID: (
        "成功", "交易成功", "付款成功", "处理成功", "已付款", "已入账", "success", "paid",
    ),
    Outcome.UNPAID: (
        "失败", "交易失败", "付款失败", "处理失败", "退票", "已退票", "已拒绝", "failed",
        "rejected",
    ),
    Outcome.OPEN: ("", "处理中", "银行处理中", "待处理", "已提交", "processing", "pending"),
}  # fmt: skip
OUTCOMES = {word: outcome for outcome, words in WORDS.items() for word in words}


@dataclass(frozen=True, slots=True)
class ResultLine:
    """One payment in the file; ``line`` is its row, ``amount`` in fen."""

    line: int
    number: str
    account: str
    name: str
    amount: int
    outcome: Outcome
    reason: str
    bank_number: str


class InvalidBankResult(TwotierError):
    code = "invalid_bank_result"
    message = _("This file was not accepted, and nothing was changed. %(details)s")
    status = 400


def first_of(texts: Sequence[object]) -> str:
    """Join the first texts, and say how many more there are."""
    shown = [str(text) for text in texts[:MAX_SHOWN]]
    if len(texts) > MAX_SHOWN:
        shown.append(str(_("And %(count)s more.") % {"count": len(texts) - MAX_SHOWN}))
    return " ".join(shown)


def refusal(faults: Sequence[object]) -> InvalidBankResult:
    """Return the error that lists the first faults."""
    return InvalidBankResult(details=first_of(faults))


def parse_result(content: bytes) -> list[ResultLine]:
    """Return the lines of a result file.

    :raises UnreadableTable: it is neither CSV nor XLSX
    :raises InvalidBankResult: a column is missing, a row is not understood, or the total is wrong
    """
    places, rows = _find_header(read_table(content))
    lines: list[ResultLine] = []
    faults: list[object] = []
    total: tuple[int, int] | None = None
    for line, cells in rows:
        values = {
            name: cells[place] if place < len(cells) else "" for name, place in places.items()
        }
        try:
            if cells[0] in TOTALS or values["number"] in TOTALS:
                total = line, _fen(line, values["amount"] or _first_amount(cells[1:]))
            else:
                lines.append(_parse(line, values))
        except _Fault as fault:
            faults.append(fault)
    faults += _repeated(lines)
    if total and not faults and (actual := sum(line.amount for line in lines)) != total[1]:
        faults.append(
            _("Row %(line)s: the total is %(stated)s, but the rows add up to %(actual)s.")
            % {"line": total[0], "stated": format_yuan(total[1]), "actual": format_yuan(actual)}
        )
    if not lines and not faults:
        faults.append(_("It has no payments."))
    if faults:
        raise refusal(faults)
    return lines


class _Fault(Exception):
    pass


def _find_header(rows: Sequence[Row]) -> tuple[dict[str, int], Sequence[Row]]:
    """Return the place of each column and the rows below the header.

    Some banks write the name of the company above it.
    """
    best: dict[str, int] = {}
    for index, (_line, cells) in enumerate(rows[:10]):
        names = [cell.lower().lstrip("*") for cell in cells]
        places = {
            column: next(names.index(title) for title in titles if title in names)
            for column, titles in COLUMNS.items()
            if any(title in names for title in titles)
        }
        if all(column in places for column in REQUIRED):
            return places, rows[index + 1 :]
        best = max(best, places, key=len)
    missing = [str(TITLES[column]) for column in REQUIRED if column not in best]
    raise refusal([_("Columns are missing: %(names)s.") % {"names": ", ".join(missing)}])


def _parse(line: int, values: dict[str, str]) -> ResultLine:
    outcome = OUTCOMES.get(values["result"].lower())
    if outcome is None:
        raise _Fault(
            _("Row %(line)s: the result “%(result)s” is unknown.")
            % {"line": line, "result": values["result"][:40]}
        )
    if not values["number"]:
        raise _Fault(_("Row %(line)s: the payment number is missing.") % {"line": line})
    return ResultLine(
        line=line,
        number=values["number"],
        account=values["account"].replace(" ", ""),
        name=values.get("name", ""),
        amount=_fen(line, values["amount"]),
        outcome=outcome,
        reason=values.get("reason", "")[:200],
        bank_number=values.get("bank_number", "")[:64],
    )


def _fen(line: int, text: str) -> int:
    try:
        fen = parse_yuan(text.lstrip("¥￥").replace(",", "").strip())
    except InvalidAmount:
        fen = 0
    if fen <= 0:
        raise _Fault(
            _("Row %(line)s: “%(text)s” is not an amount in yuan.")
            % {"line": line, "text": text[:40]}
        )
    return fen


def _first_amount(cells: Sequence[str]) -> str:
    return next((cell for cell in cells if cell), "")


def _repeated(lines: Sequence[ResultLine]) -> list[object]:
    first: dict[str, int] = {}
    return [
        _("Row %(line)s: the payment %(number)s is already in row %(first)s.")
        % {"line": line.line, "number": line.number, "first": first[line.number]}
        for line in lines
        if first.setdefault(line.number, line.line) != line.line
    ]
