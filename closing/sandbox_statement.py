"""The bill of the provider inside the process, written like WeChat Pay's: for the demo."""

from __future__ import annotations

from datetime import date, timedelta

from closing.models import ProviderStatement, TreasuryDocument
from closing.statement_parser import COLUMNS, IN, OUT, SHANGHAI, SUMMARY
from common.clock import day_start
from withdrawals.models import Attempt

ONE_DAY = timedelta(days=1)


def fetch_fund_flow(day: date) -> bytes | None:
    """What the sandbox has paid and was topped up with until the end of a day, if anything."""
    end = day_start(day + ONE_DAY)
    files = ProviderStatement.objects.filter(gateway="sandbox").order_by("-day")
    if (newest := files.first()) and newest.day >= day:
        return bytes(newest.content) or None if newest.day == day else None
    last = files.filter(rows__gt=0).first()
    came = TreasuryDocument.objects.active().filter(
        kind=TreasuryDocument.Kind.TOP_UP, statement_line=None, at__lt=end
    )
    paid = Attempt.objects.filter(
        gateway="sandbox", state=Attempt.State.SUCCESS, statement_line=None, ended_at__lt=end
    )
    moves = [(one.at, one.number, "充值", one.amount, "") for one in came]
    moves += [
        (one.ended_at or end, one.provider_no, "商家转账", -one.amount, one.out_bill_no)
        for one in paid
    ]
    balance, rows = last.closing_balance if last else 0, []
    for place, (at, number, kind, amount, voucher) in enumerate(sorted(moves), start=1):
        balance += amount
        # What was missed on an earlier day is booked on this one.
        when = max(at, day_start(day)).astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")
        rows.append(_backtick_row(
            when, number, f"sandbox{day:%Y%m%d}{place:06}", kind, kind, IN if amount > 0 else OUT,
            _yuan(abs(amount)), _yuan(balance), "sandbox", "", voucher,
        ))  # fmt: skip
    if not rows:
        return None
    sums = [[move[3] for move in moves if move[3] > 0], [-move[3] for move in moves if move[3] < 0]]
    summary = [len(moves), *(word for side in sums for word in (len(side), _yuan(sum(side))))]
    lines = [",".join(COLUMNS), *rows, ",".join(SUMMARY), _backtick_row(*summary)]
    return ("\ufeff" + "".join(f"{line}\r\n" for line in lines)).encode()


def _backtick_row(*fields: object) -> str:
    return ",".join(f"`{field}" for field in fields)


def _yuan(fen: int) -> str:
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02}"
