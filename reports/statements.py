"""Month statements of members: what moved in their cash accounts, by group and by transfer.

All sums are those of the ledger's rows, including transfers that are not folded yet.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import CharField, Q, QuerySet
from django.db.models.expressions import RawSQL

from common.clock import day_start
from distribution.models import Distributor
from ledger.chart import Asset, Kind, Reason
from ledger.models import Account, Period, Transfer
from ledger.months import month_end, next_month
from members.models import Member
from reports.folding.movements import group_sql, movements_sql
from reports.models import MonthMovements, PeriodFigures
from withdrawals.wallets import Purpose, purposes

KINDS = (Kind.WALLET, Kind.HELD, Kind.OWED)
CREDITED = ("tier1", "tier2", Reason.COMMISSION)
TAKEN_BACK = (Reason.CLAWBACK, Reason.AWARD_CLAWBACK)
PAID_OUT = (Reason.PAYOUT, Reason.CONVERSION, Reason.TAX, Reason.FEE)
LINES_OF_GROUP = 100
CHUNK = 2_000


@dataclass(frozen=True, slots=True)
class StatementLine:
    """A transfer of one account; ``change`` and ``balance_after`` in fen, on its normal side."""

    transfer: Transfer
    account: str
    group: str
    change: int
    balance_after: int
    purpose: Purpose


@dataclass(slots=True)
class Group:
    """The transfers of a month with one meaning, in or out of the accounts of one kind."""

    account: str
    group: str
    incoming: bool
    count: int = 0
    amount: int = 0
    lines: list[StatementLine] = field(default_factory=list)

    @property
    def label(self) -> str:
        return str(GROUP_LABELS[self.group])


@dataclass(frozen=True, slots=True)
class MonthSums:
    """The sums of a month in fen.

    ``earned_…``: of orders paid in the month, after refunds until now. ``opening`` and
    ``closing``: of the wallet. ``withdrawn`` = ``fee`` + ``tax`` + ``paid``; ``returned``: of
    payouts that came back.
    """

    month: date
    is_final: bool
    earned_tier1: int
    earned_tier2: int
    credited: int
    awarded: int
    taken_back: int
    withdrawn: int
    fee: int
    tax: int
    paid: int
    returned: int
    opening: int
    closing: int


@dataclass(frozen=True, slots=True)
class Balances:
    """What an account held when the month began and when it ended, or now, in fen."""

    kind: str
    opening: int
    closing: int


@dataclass(frozen=True, slots=True)
class Statement:
    sums: MonthSums
    balances: list[Balances]
    groups: list[Group]


GROUP_LABELS = dict(MonthMovements.GROUPS)


@dataclass(frozen=True, slots=True)
class _Movement:
    """A row of ``MonthMovements``, or the same of transfers that are not folded yet."""

    account_id: int
    kind: str
    month: date
    group: str
    incoming: bool
    count: int
    amount: int
    first: int
    last: int


class _Book:
    """All movements of a person's cash accounts, from the first one until now."""

    def __init__(self, member: Member) -> None:
        persons = list(Member.objects.of_person(member.pk).values_list("pk", flat=True))
        accounts = Account.objects.filter(member__in=persons, asset=Asset.CASH, kind__in=KINDS)
        self.kinds: dict[int, str] = dict(accounts.values_list("pk", "kind"))
        self.distributors = Distributor.objects.filter(member__in=persons)
        self.movements = _movements(self.kinds)

    def of(self, month: date) -> list[_Movement]:
        return [row for row in self.movements if row.month == month]

    def balance(self, kind: str, *, before: date) -> int:
        return sum(row.amount for row in self.movements if row.kind == kind and row.month < before)


def months_of(member: Member) -> QuerySet[PeriodFigures, Any]:
    """Return the ``start`` of each month with orders or movements of a distributor."""
    persons = Member.objects.of_person(member.pk).values("pk")
    own = Distributor.objects.filter(member__in=persons).values_list("pk", flat=True)
    rows = PeriodFigures.objects.filter(
        distributor__in=list(own), period=PeriodFigures.Period.MONTH, asset=Asset.CASH
    )
    return rows.order_by("start").values("start").distinct()


def month_sums(member: Member, months: Sequence[date]) -> list[MonthSums]:
    """Return the sums of these months, in the same order, in a constant number of queries."""
    return _sums(_Book(member), months)


def statement(member: Member, month: date) -> Statement:
    """Return a month's statement with at most ``LINES_OF_GROUP`` latest lines of each group.

    :param month: its first day
    """
    book = _Book(member)
    (sums,) = _sums(book, [month])
    after = next_month(month)
    balances = [
        Balances(kind, book.balance(kind, before=month), book.balance(kind, before=after))
        for kind in KINDS
    ]
    return Statement(sums, balances, _groups(book, month))


def all_lines(member: Member, month: date) -> Iterator[StatementLine]:
    """Iterate over all lines of a month in the order of posting."""
    book = _Book(member)
    rows = _transfers(book.kinds, month)
    if movements := book.of(month):
        first, last = min(row.first for row in movements), max(row.last for row in movements)
        rows = rows.filter(pk__gte=first, pk__lte=last)
    keys = list(rows.values_list("pk", flat=True))
    for start in range(0, len(keys), CHUNK):
        yield from _lines(book.kinds, list(rows.filter(pk__in=keys[start : start + CHUNK])))


def _sums(book: _Book, months: Sequence[date]) -> list[MonthSums]:
    closed = set(
        Period.objects.filter(month__in=months, closed_at__isnull=False).values_list(
            "month", flat=True
        )
    )
    earned = _earned(book.distributors, months)
    return [_month_sums(book, month, month in closed, earned[month]) for month in months]


def _month_sums(book: _Book, month: date, is_final: bool, earned: tuple[int, int]) -> MonthSums:
    amounts: dict[tuple[str, str], int] = defaultdict(int)
    for row in book.of(month):
        amounts[row.kind, row.group] += row.amount
    payouts, converted, tax, fee = (-amounts[Kind.HELD, reason] for reason in PAID_OUT)
    paid = payouts + converted
    owed = sum(amounts[Kind.OWED, reason] for reason in TAKEN_BACK)
    return MonthSums(
        month=month,
        is_final=is_final,
        earned_tier1=earned[0],
        earned_tier2=earned[1],
        credited=sum(amounts[Kind.WALLET, group] for group in CREDITED),
        awarded=amounts[Kind.WALLET, Reason.AWARD],
        taken_back=owed - sum(amounts[Kind.WALLET, reason] for reason in TAKEN_BACK),
        withdrawn=paid + tax + fee,
        fee=fee,
        tax=tax,
        paid=paid,
        returned=amounts[Kind.WALLET, "returned"],
        opening=book.balance(Kind.WALLET, before=month),
        closing=book.balance(Kind.WALLET, before=next_month(month)),
    )


def _movements(kinds: Mapping[int, str]) -> list[_Movement]:
    """Return folded and unfolded movements in one statement, so that none counts twice.

    A merge moves money between accounts of one person: both sides are here, and left out.
    """
    tail = "transfer.id > (SELECT last_transfer FROM reports_foldedtransfers)"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT account_id, month, "group", incoming, count, amount, first, last
            FROM reports_monthmovements
            WHERE account_id = ANY (%(accounts)s) AND "group" <> 'merge'
            UNION ALL
            SELECT * FROM ({
                movements_sql(
                    f"credit_id = ANY (%(accounts)s) AND {tail}",
                    f"debit_id = ANY (%(accounts)s) AND {tail}",
                )
            }) AS unfolded
            WHERE "group" <> 'merge'
            """,
            {"accounts": list(kinds)},
        )
        return [_Movement(row[0], kinds[row[0]], *row[1:]) for row in cursor.fetchall()]


def _earned(
    distributors: QuerySet[Distributor], months: Collection[date]
) -> dict[date, tuple[int, int]]:
    """Return the commissions of both tiers of orders paid in each month."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT month, sum(income)::bigint, sum(team_income)::bigint
            FROM (
                SELECT start AS month, income, team_income FROM reports_periodfigures
                WHERE distributor_id = ANY (%(distributors)s) AND asset = 'cash'
                    AND period = 'month' AND start = ANY (%(months)s::date[])
                UNION ALL
                SELECT date_trunc('month', day::timestamp)::date, income, team_income
                FROM reports_delta
                WHERE distributor_id = ANY (%(distributors)s) AND asset = 'cash'
            ) AS earned
            GROUP BY 1
            """,
            {
                "distributors": list(distributors.values_list("pk", flat=True)),
                "months": list(months),
            },
        )
        found = {month: (tier1, tier2) for month, tier1, tier2 in cursor.fetchall()}
    return {month: found.get(month, (0, 0)) for month in months}


def _groups(book: _Book, month: date) -> list[Group]:
    groups: dict[tuple[str, str, bool], Group] = {}
    rows = book.of(month)
    for row in rows:
        key = (row.kind, row.group, row.incoming)
        group = groups.setdefault(key, Group(*key))
        group.count += row.count
        group.amount += row.amount
    for line in _latest_lines(book, rows, month):
        group = groups[line.account, line.group, line.change > 0]
        if len(group.lines) < LINES_OF_GROUP:
            group.lines.append(line)
    order = {name: place for place, name in enumerate(GROUP_LABELS)}
    return sorted(
        groups.values(),
        key=lambda group: (KINDS.index(Kind(group.account)), order[group.group], group.incoming),
    )


# Each row of MonthMovements has its own range of keys, which the accounts' indexes read backwards.
_LATEST = f"""
SELECT picked.id
FROM unnest(
    %(accounts)s::bigint[], %(groups)s::text[], %(credits)s::bool[], %(firsts)s::bigint[],
    %(lasts)s::bigint[]
) AS wanted (account_id, "group", credit, first, last)
CROSS JOIN LATERAL (
    (
        SELECT id FROM ledger_transfer AS transfer
        WHERE wanted.credit AND credit_id = wanted.account_id
            AND id BETWEEN wanted.first AND wanted.last
            AND effective_at >= %(start)s AND effective_at < %(end)s
            AND {group_sql()} = wanted."group"
        ORDER BY id DESC LIMIT %(limit)s
    ) UNION ALL (
        SELECT id FROM ledger_transfer AS transfer
        WHERE NOT wanted.credit AND debit_id = wanted.account_id
            AND id BETWEEN wanted.first AND wanted.last
            AND effective_at >= %(start)s AND effective_at < %(end)s
            AND {group_sql()} = wanted."group"
        ORDER BY id DESC LIMIT %(limit)s
    )
) AS picked
"""


def _latest_lines(book: _Book, rows: Sequence[_Movement], month: date) -> list[StatementLine]:
    """Return the latest lines of each group, the latest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            _LATEST,
            {
                "accounts": [row.account_id for row in rows],
                "groups": [row.group for row in rows],
                # What raises a debt is debited.
                "credits": [row.incoming == (row.kind != Kind.OWED) for row in rows],
                "firsts": [row.first for row in rows],
                "lasts": [row.last for row in rows],
                "start": day_start(month),
                "end": month_end(month),
                "limit": LINES_OF_GROUP,
            },
        )
        keys = [key for (key,) in cursor.fetchall()]
    transfers = _transfers(book.kinds, month).filter(pk__in=keys).order_by("-pk")
    return list(_lines(book.kinds, list(transfers)))


def _transfers(kinds: Mapping[int, str], month: date) -> QuerySet[Any]:
    own = list(kinds)
    rows = Transfer.objects.filter(Q(debit__in=own) | Q(credit__in=own)).annotate(
        group=RawSQL(group_sql("ledger_transfer"), (), CharField())  # noqa: S611 - constants
    )
    rows = rows.filter(effective_at__gte=day_start(month), effective_at__lt=month_end(month))
    return rows.exclude(reason=Reason.MERGE).order_by("pk")


def _lines(kinds: Mapping[int, str], transfers: Sequence[Any]) -> Iterator[StatementLine]:
    """Return the lines of transfers: two of one between two accounts of the person."""
    known = purposes(transfers)
    for row in transfers:
        sides = (
            (row.debit_id, -row.amount, row.debit_balance_after),
            (row.credit_id, row.amount, row.credit_balance_after),
        )
        for account, amount, balance_after in sides:
            if kind := kinds.get(account):
                sign = -1 if kind == Kind.OWED else 1
                yield StatementLine(
                    row, kind, row.group, sign * amount, balance_after or 0,
                    known[row.pk],
                )  # fmt: skip
