"""What the documents of a month say: withheld tax, and a member's statement."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q

from common.clock import day_start
from ledger import months
from ledger.chart import Asset, Kind, Reason
from ledger.models import Account, Transfer
from members.models import Member
from withdrawals.models import Attempt, TaxEntry, Withdrawal

PAID_STATUSES = (Withdrawal.Status.PAID, Withdrawal.Status.RETURNED)


@dataclass(frozen=True, slots=True)
class WithholdingTotals:
    """Of some payments; fen: income = net + withheld + fee."""

    count: int
    income: int
    withheld: int
    fee: int
    net: int


@dataclass(frozen=True, slots=True)
class WithholdingLine:
    """One line of the withholding detail; all below 0 if it takes an earlier month's line back."""

    entry: TaxEntry
    sign: int

    @property
    def sums(self) -> WithholdingTotals:
        paid = self.entry.attempt.withdrawal
        income, withheld, fee, net = (
            self.sign * amount
            for amount in (self.entry.income, self.entry.withheld, paid.fee, paid.net)
        )
        return WithholdingTotals(
            count=self.sign, income=income, withheld=withheld, fee=fee, net=net
        )

    @property
    def at(self) -> datetime | None:
        return self.entry.attempt.ended_at if self.sign > 0 else self.entry.released_at


def withholding_lines(month: date) -> list[WithholdingLine]:
    """The withholding detail (代扣明细) of a month: what was paid and withheld, by payment.

    Income counts in the month in which its payment was begun, as its tax was computed. What came
    back in the same month was never paid; what came back later is taken off in that later month, so
    that a month that was filed stays as it was.
    """
    start, end = day_start(month), months.month_end(month)
    entries = (
        TaxEntry.objects.filter(attempt__state=Attempt.State.SUCCESS)
        .select_related("attempt__withdrawal", "member__person")
        .order_by("attempt__ended_at", "attempt_id")
    )
    of_it = Q(year=month.year, month=month.month)
    paid = entries.filter(of_it).exclude(released_at__gte=start, released_at__lt=end)
    back = entries.filter(released_at__gte=start, released_at__lt=end).exclude(of_it)
    return [*(WithholdingLine(one, 1) for one in paid), *(WithholdingLine(one, -1) for one in back)]


def withholding_totals(lines: Iterable[WithholdingLine]) -> WithholdingTotals:
    sums = [line.sums for line in lines]
    return WithholdingTotals(
        *(sum(getattr(one, name) for one in sums) for name in WithholdingTotals.__slots__)
    )


@dataclass(frozen=True, slots=True)
class StatementEntry:
    """One line of a statement: what it changed of the wallet, and what was on it then. Fen."""

    at: datetime
    occurred_at: datetime | None
    reason: str
    change: int
    balance: int
    key: str


@dataclass(frozen=True, slots=True)
class MemberStatement:
    """A member's cash in a month. Fen: opening + all changes = closing."""

    member: Member
    month: date
    opening: int
    lines: list[StatementEntry]
    by_reason: list[tuple[str, int]]
    closing: int
    held: int
    """Now, for withdrawals."""
    owed: int
    """Now."""
    paid: list[Withdrawal]
    """In the month; also what has come back since."""


def member_statement(member: Member, month: date) -> MemberStatement:
    """All that moved on the member's cash wallet, in the order in which it was posted."""
    accounts = {
        account.kind: account for account in Account.objects.filter(member=member, asset=Asset.CASH)
    }
    start, end = day_start(month), months.month_end(month)
    wallet = accounts.get(Kind.WALLET)
    opening, lines = 0, []
    for moved, effective_at in _changes(wallet):
        if effective_at < start:
            opening += moved.change
        elif effective_at < end:
            lines.append(moved)
    sums: dict[str, int] = {}
    for line in lines:
        sums[line.reason] = sums.get(line.reason, 0) + line.change
    return MemberStatement(
        member=member,
        month=month,
        opening=opening,
        lines=lines,
        by_reason=sorted(sums.items()),
        closing=opening + sum(sums.values()),
        held=(accounts[Kind.HELD].balance or 0) if accounts else 0,
        owed=(accounts[Kind.OWED].balance or 0) if accounts else 0,
        paid=list(
            Withdrawal.objects.filter(
                member=member, status__in=PAID_STATUSES, ended_at__gte=start, ended_at__lt=end
            ).order_by("ended_at")
        ),
    )


def _changes(wallet: Account | None) -> list[tuple[StatementEntry, datetime]]:
    if wallet is None:
        return []
    # One side at a time, so that each is read off its own index.
    sides = [Transfer.objects.filter(**{side: wallet}) for side in ("debit", "credit")]
    found = sorted((row for side in sides for row in side), key=lambda row: row.pk)
    return [(_line(row, wallet), row.effective_at) for row in found]


def _line(row: Transfer, wallet: Account) -> StatementEntry:
    came = row.credit_id == wallet.pk
    return StatementEntry(
        at=row.effective_at,
        occurred_at=row.occurred_at,
        reason=str(Reason(row.reason).label),
        change=row.amount if came else -row.amount,
        balance=(row.credit_balance_after if came else row.debit_balance_after) or 0,
        key=row.key,
    )
