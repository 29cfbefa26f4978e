"""Settlement: credit due commissions to the wallets, exactly once, with any number of workers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import structlog
from django.db import DatabaseError, connection, transaction

from alarms.kinds import COMMISSION_FAULT
from alarms.services import raise_alarm
from commissions.events import COMMISSIONS_CREDITED
from commissions.models import CommissionHold, DueCredit, Settlement
from commissions.services.holds import FAULTS_HELD, hold
from commissions.services.queue import bucket
from common.batches import bisect_failures
from common.errors import TwotierError
from events.services import record
from ledger.chart import EXPENSE_KINDS
from ledger.services import PostingQuery, transfer_many

log = structlog.get_logger(__name__)

BATCH_SIZE = 20_000

# Ordered by day and account, so that a batch has many rows of few accounts and two workers seldom
# want the same account. The bucket is an index column that many rows share, unlike release_at.
PICK_DUE = """
SELECT commission_id, account_id
FROM commissions_duecredit
WHERE bucket <= %s AND release_at <= %s
ORDER BY bucket, account_id
LIMIT %s
FOR UPDATE SKIP LOCKED
"""

# Few distributors are frozen: reading all of them is cheaper than joining 20,000 due rows.
SELECT_FROZEN_ACCOUNTS = """
SELECT account.id, distributor.id
FROM distribution_distributor AS distributor
JOIN ledger_account AS account USING (member_id)
WHERE distributor.status = 'frozen'
"""

# SKIP LOCKED: a status change in progress waits for due rows that this transaction has locked.
# Waiting for its distributor here would be a deadlock.
LOCK_FROZEN_DISTRIBUTORS = """
SELECT id FROM distribution_distributor
WHERE id = ANY (%s) AND status = 'frozen'
ORDER BY id
FOR SHARE SKIP LOCKED
"""

_PAYER_KIND = " ".join(
    f"WHEN '{asset.value}' THEN '{kind.value}'" for asset, kind in EXPENSE_KINDS.items()
)
# The columns of ``ledger.services.PostingQuery``. The key makes a second credit impossible.
POSTINGS = f"""
SELECT
    'commission:' || due.commission_id || CASE due.change
        WHEN 0 THEN ':credit' ELSE ':change:' || due.change END, -- key
    payer.id,                                         -- debit
    due.account_id,                                   -- credit
    due.amount,
    'commission',                                     -- reason
    'commissions.commission',                         -- source kind
    due.commission_id::text,                          -- source id
    %s::timestamptz,                                  -- effective at
    NULL::bigint                                      -- reverses
FROM commissions_duecredit AS due
JOIN ledger_account AS payer
    ON payer.member_id IS NULL
    AND payer.asset = due.asset
    AND payer.kind = CASE due.asset {_PAYER_KIND} END
WHERE due.commission_id = ANY (%s::bigint[])
ORDER BY due.account_id, due.commission_id
"""

# Owner, asset, date and amount are compared again: a queue row that differs from its commission
# updates no row, and the row count then fails the batch. The owners of a wallet are the
# distributors of its member and of those merged into it. They are looked up once a wallet:
# joined row by row, a batch took seconds as soon as the planner misjudged its rows.
_DUE_WITH_OWNERS = """
WITH due AS MATERIALIZED (
    DELETE FROM commissions_duecredit
    WHERE commission_id = ANY (%s::bigint[]) {only}
    RETURNING *
), owner AS MATERIALIZED (
    SELECT wallet.id AS account_id, wallet.asset, distributor.id AS distributor_id
    FROM (SELECT DISTINCT account_id FROM due) AS used
    JOIN ledger_account AS wallet ON wallet.id = used.account_id AND wallet.kind = 'wallet'
    JOIN members_member AS holder
        ON holder.id = wallet.member_id AND holder.merged_into_id IS NULL
    CROSS JOIN LATERAL (
        SELECT holder.id UNION ALL
        SELECT id FROM members_member WHERE merged_into_id = holder.id
    ) AS person
    JOIN distribution_distributor AS distributor ON distributor.member_id = person.id
), credited AS MATERIALIZED (
    SELECT due.*, owner.distributor_id, owner.asset AS wallet_asset
    FROM due JOIN owner USING (account_id)
)
"""
_SAME_AS_COMMISSION = """
    commission.id = credited.commission_id AND commission.distributor_id = credited.distributor_id
    AND commission.asset = credited.wallet_asset AND commission.asset = credited.asset
    AND commission.release_at = credited.release_at AND credited.release_at <= %s
"""
MARK_CREDITED = f"""
{_DUE_WITH_OWNERS.format(only="AND change = 0")}
UPDATE commissions_commission AS commission
SET status = 'credited', settlement_id = %s
FROM credited
WHERE {_SAME_AS_COMMISSION}
    AND commission.status = 'protected' AND commission.current = credited.amount
"""

MARK_CHANGES_CREDITED = f"""
{_DUE_WITH_OWNERS.format(only="")}
UPDATE commissions_commissionchange AS waiting
SET settlement_id = %s
FROM credited, commissions_commission AS commission
WHERE {_SAME_AS_COMMISSION}
    AND commission.status = 'credited'
    AND waiting.commission_id = credited.commission_id AND waiting.number = credited.change
    AND waiting.delta = credited.amount AND waiting.settlement_id IS NULL
"""

# By SQL, because the ORM would adapt each of the 20,000 ids by itself.
START_FAN_OUT = """
INSERT INTO commissions_creditfanout (settlement_id, commission_ids) VALUES (%s, %s::bigint[])
"""


class QueueMismatch(Exception):
    """A queued amount differs from its commission. The commission is held for a person to check."""


# Errors of a single row, which is then held. Any other error is a bug and stops the settlement.
ROW_ERRORS = (DatabaseError, TwotierError, QueueMismatch)


def settle(*, at: datetime, limit: int = BATCH_SIZE) -> int:
    """Credit one batch of due commissions; call it until it returns 0.

    A batch that fails is halved until the faulty row is alone; that row is held with the error.

    :returns: how many rows left the queue, credited or held
    """
    with transaction.atomic():
        due = _pick_due(at, limit)
        if not due:
            return 0
        skipped = _hold_frozen(due, at=at)
        failed: list[int] = []
        bisect_failures(
            lambda keys: _credit(keys, at), [key for key in due if key not in skipped],
            faults=ROW_ERRORS,
            on_failure=lambda key, fault: failed.append(_hold_failed(key, fault, at)),
        )  # fmt: skip
        still_queued = DueCredit.objects.filter(pk__in=skipped).count() if skipped else 0
        if failed:
            raise_alarm(COMMISSION_FAULT, FAULTS_HELD, at=at, commissions=len(failed))
        return len(due) - still_queued


def _pick_due(at: datetime, limit: int) -> dict[int, int]:
    """Lock a batch of due rows.

    :returns: the wallet of each commission, by key
    """
    with connection.cursor() as cursor:
        cursor.execute(PICK_DUE, [bucket(at), at, limit])
        return dict(cursor.fetchall())


def _hold_frozen(due: dict[int, int], *, at: datetime) -> set[int]:
    """Hold the commissions of frozen distributors.

    The distributors stay locked until the commit, so that an unfreeze waits and finds the holds.
    A commission whose distributor's status is changing at this moment stays in the queue.

    :returns: the keys in ``due`` that must not be credited now
    """
    with connection.cursor() as cursor:
        cursor.execute(SELECT_FROZEN_ACCOUNTS)
        frozen = dict(cursor.fetchall())
        skipped = {key: frozen[wallet] for key, wallet in due.items() if wallet in frozen}
        if not skipped:
            return set()
        cursor.execute(LOCK_FROZEN_DISTRIBUTORS, [sorted(set(skipped.values()))])
        locked = {distributor for (distributor,) in cursor.fetchall()}
    held = [key for key, distributor in skipped.items() if distributor in locked]
    hold(held, reason=CommissionHold.Reason.FROZEN, at=at)
    return set(skipped)


def _hold_failed(key: int, fault: Exception, at: datetime) -> int:
    log.exception("commission_not_credited", commission=key)
    detail = f"{type(fault).__name__}: {fault}".replace("\0", "")
    hold([key], reason=CommissionHold.Reason.FAULT, at=at, detail=detail)
    return key


@transaction.atomic
def _credit(keys: Sequence[int], at: datetime) -> None:
    # The literal of an array: the database parses it faster than separate values.
    ids = f"{{{','.join(map(str, keys))}}}"
    transfer_many(PostingQuery(POSTINGS, (at, ids)))
    settlement = Settlement.objects.create(at=at, count=len(keys))
    with connection.cursor() as cursor:
        cursor.execute(MARK_CREDITED, [ids, settlement.pk, at])
        mismatches = len(keys) - cursor.rowcount
        if mismatches:
            cursor.execute(MARK_CHANGES_CREDITED, [ids, settlement.pk, at])
            mismatches -= cursor.rowcount
        if mismatches:
            raise QueueMismatch(f"{mismatches} of {len(keys)} rows differ from their commissions")
        cursor.execute(START_FAN_OUT, [settlement.pk, ids])
    record(COMMISSIONS_CREDITED, settlement, at=at, count=len(keys))
