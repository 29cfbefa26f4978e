"""Ledger functions without their guards, as controls that show the races."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.db import connection, transaction

from ledger.models import Account, Transfer
from ledger.services import Posting
from ledger.services import posting_sql as sql
from ledger.services.transfers import _stage

LOCKS = re.compile(r"FOR (NO KEY )?UPDATE( OF \S+)?( SKIP LOCKED)?")


def switch_guards_off() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE ledger_transfer DISABLE TRIGGER USER")
        cursor.execute("ALTER TABLE ledger_account DISABLE TRIGGER USER")


def debit_by_read_and_write(
    wallet: Account, key: str, amount: int, meet: Callable[[], object]
) -> bool:
    """Read the balance, check it and write it back without a lock."""
    held = Account.objects.values_list("balance", flat=True).get(pk=wallet.pk) or 0
    meet()
    if held < amount:
        return False
    with transaction.atomic():
        Account.objects.filter(pk=wallet.pk).update(balance=held - amount)
        Transfer.objects.create(
            key=key, debit=wallet, credit_id=1, asset=wallet.asset, amount=amount,
            reason="treasury", source_kind="t", source_id=key, effective_at="2026-11-01T00:00Z",
            debit_balance_after=held - amount,
        )  # fmt: skip
    return True


# The same work as LOCK, DROP_POSTED and WRITE in one statement, and so with one snapshot: balances
# and keys are read as they were before the wait for the locks.
ONE_STATEMENT = f"""
WITH locked AS MATERIALIZED (
    SELECT id, balance FROM ledger_account
    WHERE balance IS NOT NULL AND id IN (SELECT credit_id FROM ledger_staged)
    ORDER BY id FOR NO KEY UPDATE
), fresh AS MATERIALIZED (
    SELECT * FROM ledger_staged AS staged
    WHERE NOT EXISTS (SELECT FROM ledger_transfer AS posted WHERE posted.key = staged.key)
), changed AS (
    UPDATE ledger_account AS account SET balance = account.balance + change.amount
    FROM (
        SELECT credit_id, sum(amount)::bigint AS amount FROM fresh GROUP BY credit_id
    ) AS change
    WHERE account.id = change.credit_id
)
INSERT INTO ledger_transfer ({sql.COLUMNS}, asset, credit_balance_after)
SELECT {sql.COLUMNS}, 'cash', locked.balance + sum(amount) OVER (
    PARTITION BY credit_id ORDER BY place
)
FROM fresh JOIN locked ON locked.id = fresh.credit_id
ORDER BY place
ON CONFLICT (key) DO NOTHING
"""


@transaction.atomic
def post_in_one_statement(postings: list[Posting]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql.STAGE)
        _stage(cursor, postings)
        cursor.execute(ONE_STATEMENT)


def without_locks(action: Callable[[], Any]) -> Any:
    """Return ``action`` without any row or table lock, as a control."""

    def unlocked(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if sql.startswith(("LOCK TABLE", "SELECT pg_advisory_xact_lock")):
            return None
        return execute(LOCKS.sub("", sql), *rest)

    with connection.execute_wrapper(unlocked):
        return action()
