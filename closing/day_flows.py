"""Fold transfers into the flows of days, behind the postings; read balances of any day from them.

A posting writes nothing more for this. What is not folded yet is added when it is read, in the same
statement, so that a figure is never late.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.db import connection, transaction

from closing.models import FoldedFlows
from ledger.chart import Asset, Kind, Reason
from ledger.new_transfers import advance

BATCH_SIZE = 20_000
LOCK = "hashtextextended('fold_flows', 0)"
DAY = "(transfer.effective_at AT TIME ZONE 'Asia/Shanghai')::date"
KEYS = "day, asset, reason, debit_kind, credit_kind"


def _flows_sql(condition: str) -> str:
    """Return a query for the flows of some transfers, with the columns of ``DayFlow``."""
    return f"""
    SELECT {DAY} AS day, transfer.asset, transfer.reason, debit.kind AS debit_kind,
        credit.kind AS credit_kind, sum(transfer.amount)::bigint AS amount, count(*) AS count
    FROM ledger_transfer AS transfer
    JOIN ledger_account AS debit ON debit.id = transfer.debit_id
    JOIN ledger_account AS credit ON credit.id = transfer.credit_id
    WHERE {condition} GROUP BY 1, 2, 3, 4, 5
    """


_FOLDED = "(SELECT last_transfer FROM closing_foldedflows WHERE id = 1)"
_FOLD = f"""
INSERT INTO closing_dayflow AS stored ({KEYS}, amount, count)
{_flows_sql("transfer.id > %(after)s AND transfer.id <= %(until)s")}
ON CONFLICT ({KEYS}) DO UPDATE SET
    amount = stored.amount + excluded.amount, count = stored.count + excluded.count
"""
_ALL = f"""(
    SELECT {KEYS}, amount, count FROM closing_dayflow WHERE day BETWEEN %(first)s AND %(last)s
    UNION ALL
    {_flows_sql(f"transfer.id > {_FOLDED} AND {DAY} BETWEEN %(first)s AND %(last)s")}
)"""
_READ = f"""
SELECT {KEYS}, sum(amount)::bigint, sum(count)::bigint
FROM {_ALL} AS flows GROUP BY {KEYS} ORDER BY {KEYS}
"""
_BALANCES = f"""
SELECT asset, kind, sum(moved)::bigint
FROM {_ALL} AS flows
CROSS JOIN LATERAL (VALUES (credit_kind, amount), (debit_kind, -amount)) AS sides (kind, moved)
GROUP BY 1, 2
"""
_DIFFERENCES = f"""
SELECT {KEYS}, expected.amount, stored.amount
FROM ({_flows_sql(f"transfer.id <= {_FOLDED}")}) AS expected
FULL JOIN closing_dayflow AS stored USING ({KEYS})
WHERE (expected.amount, expected.count) IS DISTINCT FROM (stored.amount, stored.count)
ORDER BY {KEYS} LIMIT 100
"""
FIRST_DAY = date(1970, 1, 1)
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Flow:
    """What moved on a day from one kind of account to another; in minor units."""

    day: date
    asset: Asset
    reason: Reason
    debit: Kind
    credit: Kind
    amount: int
    count: int


@transaction.atomic
def fold(*, limit: int = BATCH_SIZE) -> int:
    """Add the oldest transfers to their days; call it until it returns 0.

    :returns: how many keys were folded; 0 also while another process folds
    """
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_try_advisory_xact_lock({LOCK})")
        if not cursor.fetchone()[0]:
            return 0
    state = FoldedFlows.current()
    after, until = advance(state, limit=limit)
    if until > after:
        _fold(after=after, until=until)
    state.save()
    return until - after


@transaction.atomic
def rebuild() -> None:
    """Compute the flows of all days again from the transfers that are folded."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_advisory_xact_lock({LOCK})")
        cursor.execute("DELETE FROM closing_dayflow")
    _fold(after=0, until=FoldedFlows.current().last_transfer)


def differences() -> list[str]:
    """Return where the days do not add up to their transfers: at most 100 lines."""
    with connection.cursor() as cursor:
        cursor.execute(_DIFFERENCES)
        return [
            f"{day} {asset} {reason}, {debit} to {credit}: {stored} instead of {expected}"
            for day, asset, reason, debit, credit, expected, stored in cursor.fetchall()
        ]


def flows(first: date, last: date) -> list[Flow]:
    """Return what moved from the first to the last of these days, by day and kinds of account."""
    with connection.cursor() as cursor:
        cursor.execute(_READ, {"first": first, "last": last})
        return [
            Flow(day, Asset(asset), Reason(reason), Kind(debit), Kind(credit), amount, count)
            for day, asset, reason, debit, credit, amount, count in cursor.fetchall()
        ]


def balances(until: date) -> dict[tuple[Asset, Kind], int]:
    """Return the balance of each kind of account at the end of a day: credits less debits.

    What members owe (``Kind.OWED``), and what the shop has (such as ``Kind.BANK``), is negative.
    """
    with connection.cursor() as cursor:
        cursor.execute(_BALANCES, {"first": FIRST_DAY, "last": until})
        return {(Asset(asset), Kind(kind)): amount for asset, kind, amount in cursor.fetchall()}


def _fold(*, after: int, until: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_FOLD, {"after": after, "until": until})
