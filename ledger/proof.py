"""Prove the ledger: recompute everything from the transfers and compare."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

# One statement is one snapshot: concurrent postings do not disturb it.
DIFFERENCES = """
WITH legs AS (
    SELECT debit_id AS account_id, id, -amount AS moved, debit_balance_after AS after
    FROM ledger_transfer
    UNION ALL
    SELECT credit_id, id, amount, credit_balance_after FROM ledger_transfer
), running AS (
    SELECT legs.account_id, legs.id, legs.after,
        lag(legs.after, 1, 0::bigint) OVER one_account + account.sign * legs.moved AS expected
    FROM legs JOIN ledger_account AS account ON account.id = legs.account_id
    WHERE account.balance IS NOT NULL
    WINDOW one_account AS (PARTITION BY legs.account_id ORDER BY legs.id)
), sums AS (
    SELECT account_id, sum(moved)::bigint AS moved FROM legs GROUP BY account_id
)
SELECT 'balance is the sum of its transfers', 'account', account.id,
    account.sign * coalesce(sums.moved, 0), account.balance
FROM ledger_account AS account LEFT JOIN sums ON sums.account_id = account.id
WHERE account.balance <> account.sign * coalesce(sums.moved, 0)
UNION ALL
SELECT 'running balance is unbroken', 'transfer', id, expected, after
FROM running WHERE after IS DISTINCT FROM expected
UNION ALL
SELECT 'platform accounts keep no balance', 'transfer', legs.id, NULL, legs.after
FROM legs JOIN ledger_account AS account ON account.id = legs.account_id
WHERE account.balance IS NULL AND legs.after IS NOT NULL
UNION ALL
SELECT 'both accounts exist and hold the asset', 'transfer', transfer.id, NULL, NULL
FROM ledger_transfer AS transfer
LEFT JOIN ledger_account AS debit ON debit.id = debit_id AND debit.asset = transfer.asset
LEFT JOIN ledger_account AS credit ON credit.id = credit_id AND credit.asset = transfer.asset
WHERE debit.id IS NULL OR credit.id IS NULL
UNION ALL
SELECT 'a merged member has no balance', 'account', account.id, 0, account.balance
FROM ledger_account AS account JOIN members_member AS member ON member.id = account.member_id
WHERE member.merged_into_id IS NOT NULL AND account.balance <> 0
UNION ALL
SELECT 'a reversal mirrors its original', 'transfer', mirror.id, original.amount, mirror.amount
FROM ledger_transfer AS mirror
LEFT JOIN ledger_transfer AS original ON original.id = mirror.reverses_id
WHERE mirror.reverses_id IS NOT NULL
    AND (original.debit_id, original.credit_id, original.amount)
        IS DISTINCT FROM (mirror.credit_id, mirror.debit_id, mirror.amount)
UNION ALL
SELECT 'a roll-up is the sum of its transfers', 'account', total.account_id, sums.net,
    total.credits - total.debits
FROM ledger_total AS total
CROSS JOIN LATERAL (
    SELECT coalesce(sum(moved), 0)::bigint AS net FROM legs
    WHERE legs.account_id = total.account_id AND legs.id <= total.last_transfer
) AS sums
WHERE sums.net <> total.credits - total.debits
LIMIT %s
"""


@dataclass(frozen=True)
class Difference:
    """A broken rule of the ledger; amounts in minor units, ``None`` if no amount applies."""

    rule: str
    kind: str
    id: int
    expected: int | None
    actual: int | None

    def __str__(self) -> str:
        return f"{self.kind} {self.id}: {self.rule}; expected {self.expected}, actual {self.actual}"


def differences(*, most: int = 100) -> list[Difference]:
    """Return up to ``most`` differences; an empty list if the ledger is sound."""
    with connection.cursor() as cursor:
        cursor.execute(DIFFERENCES, [most])
        return [Difference(*row) for row in cursor.fetchall()]
