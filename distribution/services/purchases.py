"""Record purchases of members, which thresholds and expiry read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction

from distribution.models import Binding
from members.persons import survivor_keys


@dataclass(frozen=True, slots=True)
class Purchase:
    """A change of a member's totals; ``spend`` in fen, negative after a late refund."""

    member_id: int
    spend: int = 0
    orders: int = 0
    ordered_at: datetime | None = None


_ADD_PURCHASES = """
INSERT INTO distribution_purchasetotals AS totals
    (member_id, protected_spend, protected_orders, last_order_at)
SELECT coalesce(merged.merged_into_id, member_id), sum(spend), sum(orders), max(ordered_at)
FROM unnest(%s::bigint[], %s::bigint[], %s::int[], %s::timestamptz[])
    AS purchase (member_id, spend, orders, ordered_at)
LEFT JOIN members_member AS merged
    ON merged.id = purchase.member_id AND merged.merged_into_id IS NOT NULL
GROUP BY 1 ORDER BY 1
ON CONFLICT (member_id) DO UPDATE SET
    protected_spend = totals.protected_spend + excluded.protected_spend,
    protected_orders = totals.protected_orders + excluded.protected_orders,
    last_order_at = greatest(totals.last_order_at, excluded.last_order_at)
"""
_RENEWAL_DAYS = """
SELECT binding_days FROM distribution_policy
WHERE renewed_by_orders AND binding_days IS NOT NULL
"""


@transaction.atomic(savepoint=False)
def record_purchases(purchases: Iterable[Purchase]) -> None:
    """Add purchases to the buyers' totals, and renew their bindings if the policy says so.

    An order renews the binding that was in force when it was placed.
    """
    rows = list(purchases)
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_ADD_PURCHASES}; {_RENEWAL_DAYS}",
            [
                [row.member_id for row in rows],
                [row.spend for row in rows],
                [row.orders for row in rows],
                [row.ordered_at for row in rows],
            ],
        )
        renewal = cursor.fetchone()
    if renewal:
        _renew_bindings(rows, days=renewal[0])


def _renew_bindings(rows: list[Purchase], *, days: int) -> None:
    survivors = survivor_keys({row.member_id for row in rows})
    ordered = sorted((survivors[row.member_id], row.ordered_at) for row in rows if row.ordered_at)
    running = Binding.objects.running().filter(expires_at__isnull=False)
    bound = set(
        running.filter(member__in={member for member, _ in ordered}).values_list(
            "member", flat=True
        )
    )
    for member, at in ordered:
        if member in bound:
            until = at + timedelta(days=days)
            in_force = running.in_force(at).filter(member=member, expires_at__lt=until)
            in_force.update(expires_at=until)
