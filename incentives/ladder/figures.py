"""Count the own completed orders of distributors."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.db import connection

from common.clock import business_day, day_start
from incentives.ladder.rules import Figures, Rung
from incentives.ladder.windows import Span, spans_of
from incentives.models import LevelCondition


def load_ladder() -> tuple[Rung, ...]:
    """Return what the levels ask for, the lowest first; levels without a condition are left out."""
    rows = LevelCondition.objects.select_related("level").order_by("level__rank")
    return tuple(rung_of(row) for row in rows)


def rung_of(row: LevelCondition) -> Rung:
    return Rung(
        level=row.level_id, rank=row.level.rank, window=row.window, sales=row.min_sales or 0,
        orders=row.min_orders or 0, buyers=row.min_buyers or 0, grace_days=row.grace_days,
    )  # fmt: skip


def figures_of(
    distributors: Collection[int], ladder: Iterable[Rung], *, at: datetime
) -> dict[int, dict[Span, Figures]]:
    """Return the figures of each distributor in each span of the ladder's windows, in one query.

    A person's orders count with those of the members merged into them. Their own orders never do,
    nor does one on which a risk rule holds their commission.

    :returns: by the key of the distributor; a span without orders is left out
    """
    day = business_day(at)
    spans = sorted(
        {span for rung in ladder for span in spans_of(rung.window, day)},
        key=lambda span: (span.start, span.end, span.by_payment),
    )
    figures: dict[int, dict[Span, Figures]] = defaultdict(dict)
    if not spans or not distributors:
        return figures
    parameters: dict[str, Any] = {
        "distributors": sorted(distributors),
        "numbers": list(range(len(spans))),
        "starts": [day_start(span.start) for span in spans],
        "ends": [day_start(span.end) for span in spans],
        "by_payment": [span.by_payment for span in spans],
        "earliest": day_start(min(span.start for span in spans)),
        "at": at,
    }
    with connection.cursor() as cursor:
        cursor.execute(_OWN_ORDERS, parameters)
        for distributor, number, sales, orders, buyers in cursor.fetchall():
            figures[distributor][spans[number]] = Figures(int(sales), orders, buyers)
    return figures


# From the team to its orders: an upline earns on the orders of those bound to it, and buyers have
# an index. An order's protection ends after its payment, so that ``release_at`` limits both.
_OWN_ORDERS = """
WITH seller AS (
    SELECT distributor.id, distributor.member_id, tier1.id AS tier1_id
    FROM distribution_distributor AS distributor
    CROSS JOIN LATERAL (
        SELECT distributor.member_id AS id
        UNION ALL
        SELECT id FROM members_member WHERE merged_into_id = distributor.member_id
    ) AS person
    JOIN distribution_distributor AS tier1 ON tier1.member_id = person.id
    WHERE distributor.id = ANY (%(distributors)s)
), team AS (
    SELECT DISTINCT seller.id, seller.member_id, seller.tier1_id, binding.member_id AS buyer_id
    FROM seller JOIN distribution_binding AS binding ON binding.distributor_id = seller.tier1_id
), sold AS (
    SELECT team.id, coalesce(buyer.merged_into_id, buyer.id) AS buyer_id, placed.paid_at,
        placed.release_at, bought.amount
    FROM team
    JOIN orders_order AS placed ON placed.buyer_id = team.buyer_id
        AND placed.completed_at IS NOT NULL
        AND placed.release_at >= %(earliest)s AND placed.release_at <= %(at)s
    JOIN orders_attribution AS attribution ON attribution.order_id = placed.id
        AND attribution.tier1_id = team.tier1_id AND attribution.tier1_reason = 'upline'
    JOIN members_member AS buyer ON buyer.id = placed.buyer_id
    CROSS JOIN LATERAL (
        SELECT sum(greatest(paid - refunded_amount, 0)) AS amount
        FROM orders_orderline WHERE order_id = placed.id
    ) AS bought
    WHERE bought.amount > 0 AND coalesce(buyer.merged_into_id, buyer.id) <> team.member_id
        AND NOT EXISTS (
            SELECT FROM risk_hold AS hold
            WHERE hold.subject_kind = 'orders.order' AND hold.subject_id = placed.public_id
                AND hold.released_at IS NULL
                AND hold.member_id IN (
                    SELECT id FROM members_member
                    WHERE id = team.member_id OR merged_into_id = team.member_id
                )
        )
)
SELECT sold.id, span.number, sum(amount), count(*), count(DISTINCT buyer_id)
FROM sold
JOIN unnest(
    %(numbers)s::int[], %(starts)s::timestamptz[], %(ends)s::timestamptz[], %(by_payment)s::bool[]
) AS span (number, start, "end", by_payment)
    ON CASE WHEN span.by_payment THEN sold.paid_at ELSE sold.release_at END >= span.start
    AND CASE WHEN span.by_payment THEN sold.paid_at ELSE sold.release_at END < span."end"
GROUP BY 1, 2
"""
