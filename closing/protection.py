"""What was in protection at the end of a past day, computed from the facts of orders.

Nothing is stored for it: a late report of a receipt or a refund counts from its own time.
"""

from __future__ import annotations

from datetime import date, timedelta

from django.db import connection
from django.db.models import Prefetch

from commissions import rules
from commissions.models import Commission
from common.clock import day_start
from ledger.chart import Asset
from orders.models import OrderLine, Refund

ONE_DAY = timedelta(days=1)

# Received before the end of the day, and credited after it or not at all. What a credited
# commission was worth before is what it is worth now, less what changed since. Amounts of lines
# that were refunded after the day are not known here: their keys are returned instead.
_PROTECTED = """
WITH candidates AS MATERIALIZED (
    SELECT id, line_id, current, settlement_id
    FROM commissions_commission
    WHERE asset = %(asset)s AND release_at IS NOT NULL AND accrued_at < %(end)s
        AND (settlement_id IS NULL OR settlement_id >= (
            SELECT min(id) FROM commissions_settlement WHERE at >= %(end)s
        ))
), protected AS (
    SELECT commission.id, current, EXISTS (
        SELECT FROM orders_refund AS refund
        WHERE refund.line_id = commission.line_id AND refund.done_at >= %(end)s
            AND refund.kind <> 'exchange'
    ) AS is_refunded_later
    FROM candidates AS commission
    JOIN orders_orderline AS line ON line.id = commission.line_id
    JOIN orders_order AS placed ON placed.id = line.order_id
    LEFT JOIN commissions_settlement AS settlement ON settlement.id = commission.settlement_id
    WHERE placed.release_at - make_interval(hours => 24 * placed.protection_days) < %(end)s
        AND (settlement.id IS NULL OR settlement.at >= %(end)s)
)
SELECT coalesce(sum(current - coalesce(changed.delta, 0))
        FILTER (WHERE NOT is_refunded_later), 0)::bigint,
    coalesce(array_agg(id ORDER BY id) FILTER (WHERE is_refunded_later), '{}')
FROM protected
LEFT JOIN LATERAL (
    SELECT sum(delta) AS delta FROM commissions_commissionchange WHERE commission_id = protected.id
) AS changed ON true
"""


def protected_at(day: date) -> int:
    """Return the cash commissions in protection at the end of a day, in fen."""
    end = day_start(day + ONE_DAY)
    with connection.cursor() as cursor:
        cursor.execute(_PROTECTED, {"asset": Asset.CASH, "end": end})
        known, refunded_later = cursor.fetchone()
    refunds = Prefetch(
        "line__refunds", Refund.objects.counted().filter(done_at__lt=end), to_attr="refunds_then"
    )
    rows = Commission.objects.filter(pk__in=refunded_later).select_related("line__explanation")
    return int(known) + sum(map(_amount_then, rows.prefetch_related(refunds)))


def _amount_then(commission: Commission) -> int:
    """Compute what was left of a commission after the refunds that its line had then."""
    line: OrderLine = commission.line
    refunds: list[Refund] = line.refunds_then  # type: ignore[attr-defined]  # prefetched
    awards = rules.award(
        commission.basis,
        quantity=max(0, line.quantity - sum(refund.quantity for refund in refunds)),
        paid=max(0, int(line.paid) - sum(refund.amount for refund in refunds)),
    )
    return min(commission.original, awards[commission.tier - 1].amount)
