"""Reports of a month: withheld tax, and a member's statement. The numbers of differences."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Q

from closing.models import Difference
from common.clock import day_start
from ledger import months
from ledger.chart import Asset, Kind
from ledger.models import Account
from ledger.queries import Line, all_lines
from members.models import Member
from withdrawals.models import Attempt, TaxEntry, Withdrawal

PAID_STATUSES = (Withdrawal.Status.PAID, Withdrawal.Status.RETURNED)


@dataclass(frozen=True, slots=True)
class WithholdingTotals:
    """Totals of payments in fen: income = net + withheld + fee; ``awards`` are a part of it."""

    count: int
    income: int
    withheld: int
    fee: int
    net: int
    awards: int


@dataclass(frozen=True, slots=True)
class WithholdingLine:
    """A line of the withholding detail; negative if it reverses a line of an earlier month."""

    entry: TaxEntry
    sign: int

    @property
    def sums(self) -> WithholdingTotals:
        entry, paid = self.entry, self.entry.attempt.withdrawal
        amounts = (1, entry.income, entry.withheld, paid.fee, paid.net, entry.award_income)
        return WithholdingTotals(*(self.sign * amount for amount in amounts))

    @property
    def at(self) -> datetime | None:
        return self.entry.attempt.ended_at if self.sign > 0 else self.entry.released_at


def withholding_lines(month: date) -> list[WithholdingLine]:
    """Return the withholding detail (代扣明细) of a month, one line per payment.

    Income counts in the month in which its payment started, as its tax was computed. A payment
    returned in the same month is left out; one returned later is deducted in that later month, so
    that a filed month never changes.
    """
    start, end = day_start(month), months.month_end(month)
    entries = (
        TaxEntry.objects.filter(attempt__state=Attempt.State.SUCCESS)
        .select_related("attempt__withdrawal", "member__person")
        .order_by("attempt__ended_at", "attempt_id")
    )
    in_month = Q(year=month.year, month=month.month)
    paid = entries.filter(in_month).exclude(released_at__gte=start, released_at__lt=end)
    returned = entries.filter(released_at__gte=start, released_at__lt=end).exclude(in_month)
    return [
        *(WithholdingLine(entry, 1) for entry in paid),
        *(WithholdingLine(entry, -1) for entry in returned),
    ]


def withholding_totals(lines: Iterable[WithholdingLine]) -> WithholdingTotals:
    """Sum up withholding lines."""
    sums = [line.sums for line in lines]
    return WithholdingTotals(
        *(sum(getattr(line, name) for line in sums) for name in WithholdingTotals.__slots__)
    )


@dataclass(frozen=True, slots=True)
class MemberStatement:
    """A member's cash in a month, in fen: opening + all changes = closing."""

    member: Member
    month: date
    opening: int
    lines: list[Line]
    by_reason: list[tuple[str, int]]
    closing: int
    paid: list[Withdrawal]
    """Paid in the month, including withdrawals returned since."""


def member_statement(member: Member, month: date) -> MemberStatement:
    """Return the statement of the member's cash wallet, in posting order."""
    start, end = day_start(month), months.month_end(month)
    wallet = Account.objects.filter(member=member, asset=Asset.CASH, kind=Kind.WALLET).first()
    opening, lines = 0, []
    sums: dict[str, int] = defaultdict(int)
    for line in all_lines(wallet) if wallet else []:
        if line.transfer.effective_at < start:
            opening += line.change
        elif line.transfer.effective_at < end:
            lines.append(line)
            sums[line.transfer.get_reason_display()] += line.change
    return MemberStatement(
        member=member,
        month=month,
        opening=opening,
        lines=lines,
        by_reason=sorted(sums.items()),
        closing=opening + sum(sums.values()),
        paid=list(
            Withdrawal.objects.filter(
                member=member, status__in=PAID_STATUSES, ended_at__gte=start, ended_at__lt=end
            ).order_by("ended_at")
        ),
    )


def present_differences() -> dict[str, int]:
    """Return the number of differences of each control that its last run still found."""
    rows = Difference.objects.filter(closed_at=None, disappeared_at=None).order_by()
    return dict(rows.values_list("control").annotate(count=Count("pk")))


def count_open_differences() -> int:
    """Return the number of differences that nobody has closed."""
    return Difference.objects.filter(closed_at=None).count()
