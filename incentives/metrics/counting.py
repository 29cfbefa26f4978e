"""Count orders by the metric of a version."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence

from incentives.metrics import own, people
from incentives.metrics.facts import OrderFacts, paid_orders
from incentives.metrics.values import Counted
from incentives.models import Version
from incentives.models.incentive import Metric

Rows = Sequence[tuple[Version, OrderFacts]]
"""Orders of one incentive, each with the version that counts it."""

COUNTERS: dict[str, Callable[[Rows], list[Counted]]] = {
    Metric.OWN_SALES: own.count_sales,
    Metric.OWN_ORDERS: own.count_sales,
    Metric.OWN_UNITS: own.count_sales,
    Metric.TEAM_POOL: own.count_sales,
    Metric.TEAM_SALES: own.count_team_sales,
    Metric.OWN_SPEND: own.count_spend,
    Metric.FIRST_SALE: people.count_first_sales,
    Metric.REFERRED_BUYERS: people.count_referred_buyers,
    Metric.NEW_DISTRIBUTORS: people.count_new_distributors,
}
"""By metric; ``proof`` counts no orders."""


def count_orders(version: Version, orders: Collection[int]) -> list[Counted]:
    """Return what orders count by the terms of a version, published or not; reads only.

    Whether the incentive ran when they were paid is not asked. Metrics that count a person once
    choose among these orders: give all of the person's, see ``orders_to_count``.

    :param orders: primary keys; those that are not paid, or count nothing, are missing in the
        result
    """
    return count_facts([(version, row) for row in paid_orders(orders)])


def count_facts(rows: Rows) -> list[Counted]:
    """Return what orders of one incentive count, each by its version."""
    by_metric: dict[str, list[tuple[Version, OrderFacts]]] = defaultdict(list)
    for version, order in rows:
        by_metric[version.metric].append((version, order))
    return [
        counted
        for metric, some in by_metric.items()
        if metric in COUNTERS
        for counted in COUNTERS[metric](some)
    ]


def orders_to_count(versions: Sequence[Version], orders: Collection[int]) -> set[int]:
    """Return the orders that must be counted together because one of ``orders`` changed.

    :param versions: the published versions of one incentive
    """
    wanted = set(orders)
    for metric in {version.metric for version in versions}:
        if find := people.RELATED.get(metric):
            wanted |= find(versions, orders)
    return wanted
