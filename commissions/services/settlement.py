"""Crediting: what is due comes into the wallets, exactly once, by any number of workers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import structlog
from django.db import DatabaseError, connection, transaction

from commissions.models import Due, Held, Settlement
from commissions.payers import PAYERS
from commissions.services.holding import hold
from commissions.services.queue import bucket
from common.errors import TwotierError
from common.halving import in_halves
from common.inserting import as_array
from events.services import happened
from ledger.services import Select, transfer_many

log = structlog.get_logger(__name__)

ROWS_AT_ONCE = 20_000

# By day and account: a batch has many rows of few accounts, and two workers have others.
PICK = """
SELECT commission_id, account_id FROM commissions_due
WHERE bucket <= %s AND release_at <= %s
ORDER BY bucket, account_id LIMIT %s
FOR UPDATE SKIP LOCKED
"""

FROZEN = """
SELECT account.id, distributor.id
FROM distribution_distributor AS distributor
JOIN ledger_account AS account USING (member_id)
WHERE distributor.status = 'frozen'
"""
LOCK_FROZEN = """
SELECT id FROM distribution_distributor WHERE id = ANY (%s) AND status = 'frozen'
ORDER BY id FOR SHARE SKIP LOCKED
"""

_PAYER = "".join(f" WHEN '{asset.value}' THEN '{kind.value}'" for asset, kind in PAYERS.items())
POSTINGS = f"""
SELECT 'commission:' || due.commission_id || ':credit', payer.id, due.account_id, due.amount,
    'commission', 'commissions.commission', due.commission_id::text, %s::timestamptz, NULL::bigint
FROM commissions_due AS due
JOIN ledger_account AS payer ON payer.member_id IS NULL AND payer.asset = due.asset
    AND payer.kind = CASE due.asset{_PAYER} END
WHERE due.commission_id = ANY (%s::bigint[])
ORDER BY due.account_id, due.commission_id
"""

CREDITED = """
WITH gone AS (
    DELETE FROM commissions_due WHERE commission_id = ANY (%s::bigint[])
    RETURNING commission_id, amount
)
UPDATE commissions_commission AS commission
SET status = 'credited', settlement_id = %s
FROM gone
WHERE commission.id = gone.commission_id
    AND commission.status = 'protected' AND commission.current = gone.amount
"""


class Mismatch(Exception):
    """A queued amount is not what the commission says: it is held for a person to look at."""


BAD_ROWS = (DatabaseError, TwotierError, Mismatch)  # a bug of ours stops us all


def settle(*, at: datetime, most: int = ROWS_AT_ONCE) -> int:
    """Credit one batch of what is due; call it again until it answers 0.

    A batch that fails is halved until the bad row stands alone; that one is held with the error.

    :returns: how many rows have left the queue, credited or held
    """
    with transaction.atomic():
        due = _pick(at, most)
        if not due:
            return 0
        not_now = _hold_frozen(due, at=at)
        in_halves(
            lambda keys: _credit(keys, at), [key for key in due if key not in not_now],
            faults=BAD_ROWS, alone=lambda key, fault: _hold_faulty(key, fault, at),
        )  # fmt: skip
        return len(due) - (Due.objects.filter(pk__in=not_now).count() if not_now else 0)


def _pick(at: datetime, most: int) -> dict[int, int]:
    """The wallets for which commissions are due, by the commissions' keys."""
    with connection.cursor() as cursor:
        cursor.execute(PICK, [bucket(at), at, most])
        return dict(cursor.fetchall())


def _hold_frozen(due: dict[int, int], *, at: datetime) -> set[int]:
    """Set aside what belongs to frozen distributors; which of ``due`` are not to be credited now.

    Their rows stay locked until that is written: whoever lifts the freeze waits, and so finds what
    was set aside. Whose status is just being changed is left in the queue for the next time.
    """
    with connection.cursor() as cursor:
        cursor.execute(FROZEN)
        owners = dict(cursor.fetchall())
        found = {key: owners[wallet] for key, wallet in due.items() if wallet in owners}
        if not found:
            return set()
        cursor.execute(LOCK_FROZEN, [sorted(set(found.values()))])
        still = {distributor for (distributor,) in cursor.fetchall()}
    waiting = [key for key, distributor in found.items() if distributor in still]
    hold(waiting, reason=Held.Reason.FROZEN, at=at)
    return set(found)


def _hold_faulty(key: int, fault: Exception, at: datetime) -> None:
    log.exception("commission_not_credited", commission=key)
    detail = f"{type(fault).__name__}: {fault}".replace("\0", "")
    hold([key], reason=Held.Reason.FAULT, at=at, detail=detail)


@transaction.atomic
def _credit(keys: Sequence[int], at: datetime) -> None:
    which = as_array(keys)
    transfer_many(Select(POSTINGS, (at, which)))
    settlement = Settlement.objects.create(at=at, count=len(keys))
    with connection.cursor() as cursor:
        cursor.execute(CREDITED, [which, settlement.pk])
        if cursor.rowcount != len(keys):
            raise Mismatch(f"{len(keys) - cursor.rowcount} of {len(keys)} differ from the queue")
    happened("commissions.credited", settlement, at=at, count=len(keys))
