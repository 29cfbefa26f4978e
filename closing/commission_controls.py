"""Controls of commissions: credits against the ledger, the queue, amounts, and refund sums."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.db.models import F, Q

from commissions.models import Commission
from commissions.services.refunds import remaining_amount

BATCH_SIZE = 2_000

# What the ledger has posted for a commission: its credit, and its changes less clawbacks.
CREDITS = """
WITH posted AS (
    SELECT split_part(key, ':', 2)::bigint AS id, sum(
        CASE WHEN credit_id IN (wallet.id, later.id) THEN transfer.amount ELSE -transfer.amount END
    )::bigint AS amount
    FROM ledger_transfer AS transfer
    JOIN commissions_commission AS commission
        ON commission.id = split_part(key, ':', 2)::bigint
    JOIN distribution_distributor AS distributor ON distributor.id = commission.distributor_id
    LEFT JOIN members_member AS merged
        ON merged.id = distributor.member_id AND merged.merged_into_id IS NOT NULL
    LEFT JOIN ledger_account AS wallet ON wallet.member_id = distributor.member_id
        AND wallet.asset = commission.asset AND wallet.kind = 'wallet'
    -- After a merge the survivor's wallet is credited.
    LEFT JOIN ledger_account AS later ON later.member_id = merged.merged_into_id
        AND later.asset = commission.asset AND later.kind = 'wallet'
    WHERE key ~ '^commission:[0-9]+:(credit|change:[0-9]+(:owed)?)$'
        AND transfer.reason IN ('commission', 'clawback')
    GROUP BY 1
), expected AS (
    SELECT commission.id, commission.current - coalesce((
        SELECT sum(delta) FROM commissions_commissionchange AS waiting
        WHERE waiting.commission_id = commission.id AND delta > 0 AND settlement_id IS NULL
    ), 0)::bigint AS amount
    FROM commissions_commission AS commission WHERE status = 'credited'
)
SELECT 'commission ' || id, coalesce(expected.amount, 0), coalesce(posted.amount, 0)
FROM expected FULL JOIN posted USING (id)
WHERE expected.amount IS DISTINCT FROM posted.amount
ORDER BY id
"""

# A protected commission is either queued as it stands or held. Amounts: expected, queued.
QUEUE = """
WITH uncredited AS (
    SELECT commission.*, 0 AS change, commission.current AS amount
    FROM commissions_commission AS commission
    WHERE status = 'protected' AND current > 0
    UNION ALL
    SELECT commission.*, waiting.number, waiting.delta
    FROM commissions_commissionchange AS waiting
    JOIN commissions_commission AS commission ON commission.id = waiting.commission_id
    WHERE waiting.delta > 0 AND waiting.settlement_id IS NULL
), due AS (
    SELECT due.*, account.member_id FROM commissions_duecredit AS due
    JOIN ledger_account AS account ON account.id = due.account_id AND account.kind = 'wallet'
), sides AS (
    SELECT coalesce(uncredited.id, due.commission_id) AS id, placed.number AS order_number,
        uncredited.amount AS expected, due.amount AS queued, uncredited.id IS NOT NULL
        AND due.amount IS NOT DISTINCT FROM uncredited.amount
        AND due.change = uncredited.change AND due.asset = uncredited.asset
        AND due.release_at = uncredited.release_at
        AND due.member_id = coalesce(merged.merged_into_id, distributor.member_id)
        AND due.bucket = floor(extract(epoch FROM due.release_at) / 86400)
            AS is_same,
        EXISTS (
            SELECT FROM commissions_commissionhold AS hold
            WHERE hold.commission_id = coalesce(uncredited.id, due.commission_id)
        ) AS is_held,
        due.release_at < %(end)s - interval '1 day' AS is_overdue,
        uncredited.release_at IS DISTINCT FROM placed.release_at AS has_other_date
    FROM uncredited
    FULL JOIN due ON due.commission_id = uncredited.id
    LEFT JOIN distribution_distributor AS distributor
        ON distributor.id = uncredited.distributor_id
    LEFT JOIN members_member AS merged
        ON merged.id = distributor.member_id AND merged.merged_into_id IS NOT NULL
    LEFT JOIN orders_orderline AS line ON line.id = uncredited.line_id
    LEFT JOIN orders_order AS placed ON placed.id = line.order_id
)
SELECT 'commission ' || id || CASE
        WHEN queued IS NULL THEN ': neither due nor held'
        WHEN is_held THEN ': due although held'
        WHEN NOT is_same THEN ': due otherwise than it stands'
        WHEN has_other_date THEN ': protected to another day than its order'
        ELSE ': overdue'
    END, expected, queued
FROM sides
WHERE queued IS NULL AND NOT is_held
    OR queued IS NOT NULL AND (is_held OR NOT is_same OR has_other_date OR is_overdue)
UNION ALL
SELECT 'commission ' || commission.id || ': pending although received', commission.current, NULL
FROM commissions_commission AS commission
JOIN orders_orderline AS line ON line.id = commission.line_id
JOIN orders_order AS placed ON placed.id = line.order_id
WHERE commission.status = 'pending' AND placed.release_at IS NOT NULL
ORDER BY 1
"""

REFUNDS = """
SELECT 'order ' || placed.number || ', line ' || line.number, done.amount, line.refunded_amount
FROM orders_orderline AS line
JOIN orders_order AS placed ON placed.id = line.order_id
CROSS JOIN LATERAL (
    SELECT coalesce(sum(amount), 0)::bigint AS amount, coalesce(sum(quantity), 0) AS quantity
    FROM orders_refund AS refund
    WHERE refund.line_id = line.id AND done_at IS NOT NULL AND kind <> 'exchange'
) AS done
WHERE (done.amount, done.quantity) <> (line.refunded_amount, line.refunded_quantity)
ORDER BY 1
"""


def amounts(_: date) -> Iterator[tuple[str, int, int]]:
    """Compute every commission again that a refund has changed, or that is not whole."""
    changed = Commission.objects.filter(
        Q(line__refunded_quantity__gt=0) | Q(line__refunded_amount__gt=0)
        | ~Q(current=F("original"))
    )  # fmt: skip
    rows = changed.select_related("line__explanation").order_by("pk")
    for commission in rows.iterator(BATCH_SIZE):
        expected = remaining_amount(commission)
        if expected != commission.current:
            yield f"commission {commission.pk}", expected, commission.current
