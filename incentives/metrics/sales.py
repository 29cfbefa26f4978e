"""Find what distributors sold by way of those who were ever bound to them.

Attributions have no index of the distributor. Each one to an upline follows from a binding of the
buyer, and bindings are never removed: so their buyers' orders are all that can be theirs.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import connection
from django.db.models import QuerySet

from distribution.models import Binding
from orders.models import Attribution


def own_orders(sellers: Collection[int]) -> QuerySet[Attribution]:
    """Return the orders of these members' buyers, as attributed when they were placed."""
    buyers = Binding.objects.filter(distributor__member__in=list(sellers)).values("member")
    return Attribution.objects.filter(
        tier1__member__in=list(sellers),
        tier1_reason=Attribution.Reason.UPLINE,
        order__buyer__in=buyers,
    )


def sold_before(sellers: Collection[int], start: datetime) -> set[int]:
    """Return those who had sold a completed order to somebody else that was paid before.

    :param sellers: primary keys of members
    :returns: the persons; of each no more is read than the first such order
    """
    with connection.cursor() as cursor:
        cursor.execute(_SOLD_BEFORE, {"sellers": sorted(sellers), "start": start})
        return {person for (person,) in cursor.fetchall()}


# Without OFFSET 0 the first order may be looked for among the attributions of the whole shop.
_SOLD_BEFORE = """
SELECT coalesce(seller.merged_into_id, seller.id)
FROM distribution_distributor AS distributor
JOIN members_member AS seller ON seller.id = distributor.member_id
WHERE distributor.member_id = ANY (%(sellers)s::bigint[]) AND EXISTS (
    SELECT FROM (
        SELECT placed.id, placed.buyer_id
        FROM distribution_binding AS binding
        JOIN orders_order AS placed ON placed.buyer_id = binding.member_id
        WHERE binding.distributor_id = distributor.id
            AND placed.paid_at < %(start)s AND placed.completed_at IS NOT NULL
        OFFSET 0
    ) AS bought
    JOIN orders_attribution AS attribution ON attribution.order_id = bought.id
    JOIN members_member AS buyer ON buyer.id = bought.buyer_id
    WHERE attribution.tier1_id = distributor.id AND attribution.tier1_reason = 'upline'
        AND coalesce(buyer.merged_into_id, buyer.id) <> coalesce(seller.merged_into_id, seller.id)
)
"""
