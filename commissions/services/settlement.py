"""Crediting: what is due comes into the wallets, exactly once, by any number of workers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import structlog
from django.db import DatabaseError, connection, transaction

from commissions.events import COMMISSIONS_CREDITED
from commissions.models import CommissionHold, DueCredit, Settlement
from commissions.payers import PAYERS
from commissions.services.holds import hold
from commissions.services.queue import bucket
from common.batches import bisect_failures
from common.bulk_insert import array_literal
from common.errors import TwotierError
from events.services import record
from ledger.services import PostingQuery, transfer_many

log = structlog.get_logger(__name__)

BATCH_SIZE = 20_000

# By day and account: a batch has many rows of few accounts, and two workers have others.
PICK_DUE = """
SELECT commission_id, account_id FROM commissions_duecredit
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
LOCK_FROZEN_DISTRIBUTORS = """
SELECT id FROM distribution_distributor WHERE id = ANY (%s) AND status = 'frozen'
ORDER BY id FOR SHARE SKIP LOCKED
"""

_PAYER_CASE = "".join(
    f" WHEN '{asset.value}' THEN '{kind.value}'" for asset, kind in PAYERS.items()
)
POSTINGS = f"""
SELECT 'commission:' || due.commission_id || ':credit', payer.id, due.account_id, due.amount,
    'commission', 'commissions.commission', due.commission_id::text, %s::timestamptz, NULL::bigint
FROM commissions_duecredit AS due
JOIN ledger_account AS payer ON payer.member_id IS NULL AND payer.asset = due.asset
    AND payer.kind = CASE due.asset{_PAYER_CASE} END
WHERE due.commission_id = ANY (%s::bigint[])
ORDER BY due.account_id, due.commission_id
"""

MARK_CREDITED = """
WITH gone AS (
    DELETE FROM commissions_duecredit WHERE commission_id = ANY (%s::bigint[])
    RETURNING commission_id, amount
)
UPDATE commissions_commission AS commission
SET status = 'credited', settlement_id = %s
FROM gone
WHERE commission.id = gone.commission_id
    AND commission.status = 'protected' AND commission.current = gone.amount
"""


class QueueMismatch(Exception):
    """A queued amount is not what the commission says: it is held for a person to look at."""


ROW_ERRORS = (DatabaseError, TwotierError, QueueMismatch)  # a bug of ours stops us all


def settle(*, at: datetime, limit: int = BATCH_SIZE) -> int:
    """Credit one batch of what is due; call it again until it answers 0.

    A batch that fails is halved until the bad row stands alone; that one is held with the error.

    :returns: how many rows have left the queue, credited or held
    """
    with transaction.atomic():
        due = _pick_due(at, limit)
        if not due:
            return 0
        not_now = _hold_frozen(due, at=at)
        bisect_failures(
            lambda keys: _credit(keys, at), [key for key in due if key not in not_now],
            faults=ROW_ERRORS, on_failure=lambda key, fault: _hold_failed(key, fault, at),
        )  # fmt: skip
        return len(due) - (DueCredit.objects.filter(pk__in=not_now).count() if not_now else 0)


def _pick_due(at: datetime, limit: int) -> dict[int, int]:
    """The wallets for which commissions are due, by the commissions' keys."""
    with connection.cursor() as cursor:
        cursor.execute(PICK_DUE, [bucket(at), at, limit])
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
        cursor.execute(LOCK_FROZEN_DISTRIBUTORS, [sorted(set(found.values()))])
        still = {distributor for (distributor,) in cursor.fetchall()}
    waiting = [key for key, distributor in found.items() if distributor in still]
    hold(waiting, reason=CommissionHold.Reason.FROZEN, at=at)
    return set(found)


def _hold_failed(key: int, fault: Exception, at: datetime) -> None:
    log.exception("commission_not_credited", commission=key)
    detail = f"{type(fault).__name__}: {fault}".replace("\0", "")
    hold([key], reason=CommissionHold.Reason.FAULT, at=at, detail=detail)


@transaction.atomic
def _credit(keys: Sequence[int], at: datetime) -> None:
    which = array_literal(keys)
    transfer_many(PostingQuery(POSTINGS, (at, which)))
    settlement = Settlement.objects.create(at=at, count=len(keys))
    with connection.cursor() as cursor:
        cursor.execute(MARK_CREDITED, [which, settlement.pk])
        if cursor.rowcount != len(keys):
            raise QueueMismatch(
                f"{len(keys) - cursor.rowcount} of {len(keys)} differ from the queue"
            )
    record(COMMISSIONS_CREDITED, settlement, at=at, count=len(keys))
