"""Compute the commissions of what an order counts: refunds that come too late lower neither."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from commissions.models import Commission
from commissions.services.refunds import amount_of_rest
from incentives.metrics.build import refunds_until
from incentives.metrics.facts import OrderFacts, paid_orders
from incentives.models import Version
from ledger.chart import Asset


def commissions_of(pairs: Collection[tuple[int, int]]) -> dict[tuple[int, int], int]:
    """Return the commissions in fen of what versions count of orders. Points are no money.

    :param pairs: keys of a version and an order
    """
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
