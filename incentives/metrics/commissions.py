"""Compute the commissions of the goods that an order counts.

A refund too late to lower what counts does not lower the commissions either; else it would leave
more for awards.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from django.db import connection

from commissions.models import Commission
from commissions.services.refunds import amount_of_rest
from incentives.metrics.build import refunds_until
from incentives.metrics.facts import OrderFacts, paid_orders
from incentives.models import Version
from ledger.chart import Asset


def commissions_by_version(pairs: Collection[tuple[int, int]]) -> dict[tuple[int, int], int]:
    """Return the commissions in fen of what versions count of orders. Points are no money.

    :param pairs: keys of a version and an order; those without commissions are missing
    """
    if not pairs:
        return {}
    columns = [list(column) for column in zip(*pairs, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(_COMMISSIONS, columns)
        rows = cursor.fetchall()
    found = {(version, order): amount for version, order, amount, _is_late in rows}
    late = [(version, order) for version, order, _amount, is_late in rows if is_late]
    return found | _without_late_refunds(late)


def _without_late_refunds(pairs: Collection[tuple[int, int]]) -> dict[tuple[int, int], int]:
    if not pairs:
        return {}
    versions = Version.objects.select_related("incentive").in_bulk({key for key, _ in pairs})
    orders = {row.pk: row for row in paid_orders({order for _, order in pairs})}
    by_line = _by_line(orders)
    return {
        (version, order): _sum(versions[version], orders[order], by_line)
        for version, order in pairs
    }


def _by_line(orders: Collection[int]) -> dict[int, list[Commission]]:
    rows = Commission.objects.filter(line__order__in=list(orders)).exclude(asset=Asset.POINTS)
    by_line: dict[int, list[Commission]] = defaultdict(list)
    for row in rows.select_related("line__explanation"):
        by_line[row.line_id].append(row)
    return by_line


def _sum(version: Version, order: OrderFacts, by_line: dict[int, list[Commission]]) -> int:
    return sum(
        amount_of_rest(commission, quantity=max(0, quantity), paid=max(0, paid))
        for line, quantity, paid in order.lines_left(version, refunds_until(version, order))
        for commission in by_line[line.pk]
    )


# With whether refunds after the completion may have lowered them alone. The goods that a version
# counts are those of ``facts.counts_goods``.
_COMMISSIONS = """
SELECT version.id, placed.id, sum(commission.current)::bigint,
    NOT version.takes_back_after_close AND placed.completed_at IS NOT NULL AND EXISTS (
        SELECT FROM orders_orderline AS line
        JOIN orders_refund AS refund ON refund.line_id = line.id
        WHERE line.order_id = placed.id AND refund.done_at >= placed.release_at
            AND refund.kind <> 'exchange'
    )
FROM unnest(%s::bigint[], %s::bigint[]) AS wanted (version, placed)
JOIN incentives_version AS version ON version.id = wanted.version
JOIN orders_order AS placed ON placed.id = wanted.placed
JOIN orders_orderline AS line ON line.order_id = placed.id
JOIN commissions_commission AS commission ON commission.line_id = line.id
WHERE commission.asset <> 'points'
    AND (
        version.products = '{}' AND version.categories = '{}'
        OR line.product_id = ANY (version.products)
        OR line.categories && version.categories
    )
GROUP BY version.id, placed.id
"""
