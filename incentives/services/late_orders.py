"""Leave out the orders that missed the close of their period, so that later ones may count."""

from __future__ import annotations

from collections.abc import Mapping

from incentives.metrics.facts import OrderFacts
from incentives.metrics.people import RELATED
from incentives.models import Contribution, Version
from incentives.periods import closes_as_a_whole, first_day
from incentives.services.closed_periods import closed_periods
from incentives.services.locks import keep_periods_open

Rows = Mapping[int, tuple[Version, OrderFacts]]
"""The orders of one incentive that are counted together, each with the version that counts it."""


def without_late(incentive: int, rows: Rows) -> Rows:
    """Return the rows without orders of closed periods that did not count there.

    Of a person who counts once, such an order would be taken for the first one, and bar the others.
    """
    whole = {
        key: first_day(version, order.paid_at)
        for key, (version, order) in rows.items()
        if version.metric in RELATED and closes_as_a_whole(version)
    }
    if not whole:
        return rows
    keep_periods_open([incentive])
    closed = {start for _, start in closed_periods([incentive], set(whole.values()))}
    late = {key for key, start in whole.items() if start in closed}
    if late:
        counted = Contribution.objects.filter(
            incentive=incentive, order__in=late, counted=True, value__gt=0
        )
        late -= set(counted.values_list("order_id", flat=True))
    return {key: row for key, row in rows.items() if key not in late}
