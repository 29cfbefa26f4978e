"""Fold transfers into the movements of months, behind the postings, and prove them.

A posting writes nothing more for this: a job reads the transfers by their keys.
"""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction

from ledger.new_transfers import advance
from reports.folding.lock import try_fold_lock
from reports.folding.shop import ADD_TRANSFERS
from reports.models import FoldedTransfers, Sums

BATCH_SIZE = 20_000

MONTH = "date_trunc('month', transfer.effective_at AT TIME ZONE 'Asia/Shanghai')::date"


def group_sql(table: str = "transfer") -> str:
    """Return the expression of ``MonthMovements.group`` for a row of transfers."""
    return f"""coalesce(CASE
        WHEN {table}.reason = 'commission' AND {table}.source_kind = 'commissions.commission' THEN (
            SELECT 'tier' || tier FROM commissions_commission WHERE id = {table}.source_id::bigint
        )
        WHEN {table}.reason = 'release' AND {table}.debit_balance_after IS NULL THEN 'returned'
    END, {table}.reason)"""


def movements_sql(credited: str, debited: str) -> str:
    """Return a query with the columns of ``MonthMovements`` for some transfers.

    :param credited: the condition on transfers whose credited account is meant
    :param debited: the same for debited accounts
    """
    return f"""
    SELECT account.id AS account_id, month, "group", account.sign * change > 0 AS incoming,
        count(*)::int AS count, sum(account.sign * change)::bigint AS amount,
        min(moved.id) AS first, max(moved.id) AS last
    FROM (
        SELECT id, credit_id AS account_id, amount AS change, {MONTH} AS month,
            {group_sql()} AS "group"
        FROM ledger_transfer AS transfer WHERE credit_balance_after IS NOT NULL AND {credited}
        UNION ALL
        SELECT id, debit_id, -amount, {MONTH}, {group_sql()}
        FROM ledger_transfer AS transfer WHERE debit_balance_after IS NOT NULL AND {debited}
    ) AS moved
    JOIN ledger_account AS account ON account.id = moved.account_id
    GROUP BY 1, 2, 3, 4
    """


_RANGE = "transfer.id > %(after)s AND transfer.id <= %(until)s"
_COLUMNS = 'account_id, month, "group", incoming, count, amount, first, last'

# The list of a distributor's months reads PeriodFigures: a month with movements is there, too.
_FOLD = f"""
WITH moved AS ({movements_sql(_RANGE, _RANGE)}), months AS (
    INSERT INTO reports_periodfigures
        (distributor_id, period, start, asset, {", ".join(Sums.FIGURES)})
    SELECT DISTINCT distributor.id, 'month', month, asset, {", ".join("0" for _ in Sums.FIGURES)}
    FROM moved
    JOIN ledger_account AS account ON account.id = account_id
    JOIN distribution_distributor AS distributor ON distributor.member_id = account.member_id
    ON CONFLICT (distributor_id, period, start, asset) DO NOTHING
)
INSERT INTO reports_monthmovements AS stored ({_COLUMNS})
SELECT {_COLUMNS} FROM moved
ON CONFLICT (account_id, month, "group", incoming) DO UPDATE SET
    count = stored.count + excluded.count, amount = stored.amount + excluded.amount,
    first = least(stored.first, excluded.first), last = greatest(stored.last, excluded.last)
"""

# One statement, so that rows and transfers are of one moment.
_UNTIL = "transfer.id <= (SELECT last_transfer FROM reports_foldedtransfers)"
_DIFFERENCES = f"""
SELECT account_id, month, "group", incoming, expected.amount, stored.amount
FROM ({movements_sql(_UNTIL, _UNTIL)}) AS expected
FULL JOIN reports_monthmovements AS stored USING (account_id, month, "group", incoming)
WHERE (expected.count, expected.amount, expected.first, expected.last)
    IS DISTINCT FROM (stored.count, stored.amount, stored.first, stored.last)
ORDER BY 1, 2, 3, 4
LIMIT 100
"""


@transaction.atomic
def fold_transfers(*, limit: int = BATCH_SIZE) -> int:
    """Add the oldest transfers to the months; call it until it returns 0.

    :param limit: of keys
    :returns: how many keys were folded; 0 also while another process folds
    """
    if not try_fold_lock():
        return 0
    state = FoldedTransfers.current()
    after, until = advance(state, limit=limit)
    if until > after:
        _fold(after=after, until=until)
    state.save()
    return until - after


def differences() -> list[str]:
    """Return where the months do not add up to the transfers: at most 100 lines."""
    with connection.cursor() as cursor:
        cursor.execute(_DIFFERENCES)
        return [
            f"account {account}, {month:%Y-%m}, {group} {'in' if incoming else 'out'}:"
            f" {stored} instead of {expected}"
            for account, month, group, incoming, expected, stored in cursor.fetchall()
        ]


def rebuild() -> None:
    """Compute all months again; the caller holds the lock of folds and one snapshot."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM reports_monthmovements")
    _fold(after=0, until=FoldedTransfers.current().last_transfer)


def _fold(**keys: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"{_FOLD}; {ADD_TRANSFERS}", keys)
