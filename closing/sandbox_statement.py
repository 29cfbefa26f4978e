"""The statement of the sandbox gateway, in the format of WeChat Pay's. For the demo."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from closing.controls import day_end
from closing.models import ProviderStatement, TreasuryDocument
from closing.statement_parser import COLUMNS, IN, OUT, SUMMARY, summarize
from common.clock import SHANGHAI, day_start
from common.money import plain_yuan
from withdrawals.models import Attempt

Movement = tuple[datetime, str, str, int, str]  # time, number, kind, fen, voucher


def fetch_fund_flow(day: date) -> bytes | None:
    """Return the sandbox's statement of a day, or ``None`` if nothing moved.

    It contains every payment and top-up until the end of the day that no statement has yet.
    """
    end = day_end(day)
    statements = ProviderStatement.objects.filter(gateway="sandbox").order_by("-day")
    if (newest := statements.first()) and newest.day >= day:
        return bytes(newest.content) or None if newest.day == day else None
    movements = sorted([*_top_ups(end), *_payments(end)])
    if not movements:
        return None
    last = statements.filter(rows__gt=0).first()
    rows = _rows(movements, day, balance=last.closing_balance if last else 0)
    sums = summarize([amount for _at, _number, _kind, amount, _voucher in movements])
    summary = [plain_yuan(value) if isinstance(value, int) else value for value in sums]
    lines = [",".join(COLUMNS.values()), *rows, ",".join(SUMMARY), _backtick_row(*summary)]
    return ("\ufeff" + "".join(f"{line}\r\n" for line in lines)).encode()


def _top_ups(end: datetime) -> Iterable[Movement]:
    documents = TreasuryDocument.objects.active().filter(
        kind=TreasuryDocument.Kind.TOP_UP, statement_line=None, at__lt=end
    )
    return [(document.at, document.number, "充值", document.amount, "") for document in documents]


def _payments(end: datetime) -> Iterable[Movement]:
    attempts = Attempt.objects.filter(
        gateway="sandbox", state=Attempt.State.SUCCESS, statement_line=None, ended_at__lt=end
    )
    return [
        (attempt.ended_at or end, attempt.provider_no, "商家转账", -attempt.amount,
         attempt.out_bill_no)
        for attempt in attempts
    ]  # fmt: skip


def _rows(movements: list[Movement], day: date, *, balance: int) -> list[str]:
    rows = []
    for position, (at, number, kind, amount, voucher) in enumerate(movements, start=1):
        balance += amount
        # A movement that an earlier statement missed is booked on this day.
        booked_at = max(at, day_start(day)).astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")
        rows.append(_backtick_row(
            booked_at, number, f"sandbox{day:%Y%m%d}{position:06}", kind, kind,
            IN if amount > 0 else OUT, plain_yuan(abs(amount)), plain_yuan(balance),
            "sandbox", "", voucher,
        ))  # fmt: skip
    return rows


def _backtick_row(*fields: object) -> str:
    return ",".join(f"`{field}" for field in fields)
