"""Count proofs: only those of members who have sold."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Exists, F, OuterRef

from incentives.metrics.audience import included
from incentives.metrics.facts import OrderFacts, paid_orders
from incentives.metrics.own import is_same_person
from incentives.metrics.people import person_ids
from incentives.metrics.sales import own_orders
from incentives.metrics.values import Counted
from incentives.models import Proof, Version
from incentives.periods import span_of
from orders.models import OrderLine

PAGE = 100


def count_proof(version: Version, proof: Proof, member: int) -> Counted | None:
    """Return what an open or approved proof counts; it needs a completed own order before.

    :param member: the person, by primary key
    """
    if proof.status == Proof.Status.REJECTED:
        return None
    as_of = (member, proof.handed_in_at)
    if not included(version, [as_of])[as_of] or not has_sold(member):
        return None
    approved = proof.status == Proof.Status.APPROVED
    return Counted(
        order=None, proof=proof.pk, member=member, subject=None, value=1, paid=0, counted=approved,
        happened_at=proof.handed_in_at, counted_at=proof.decided_at if approved else None,
        period_start=span_of(version, proof.handed_in_at).start,
    )  # fmt: skip


def has_sold(member: int) -> bool:
    """Return whether an order that the member brought as a distributor is completed.

    Goods are left in it, and the buyer is another person, who shares no ID number and no payee.

    :param member: the person, by primary key
    """
    return any(not is_same_person(order, member) for order in _completed_sales(member))


def _completed_sales(member: int) -> Iterator[OrderFacts]:
    """Yield the completed orders with goods left that count as own, page by page."""
    people = person_ids([member])
    goods = OrderLine.objects.filter(order=OuterRef("order"), refunded_amount__lt=F("paid"))
    sales = own_orders(people).filter(Exists(goods), order__completed_at__isnull=False)
    orders = sales.order_by("order_id").values_list("order_id", flat=True)
    page = list(orders[:PAGE])
    while page:
        yield from paid_orders(page)
        page = list(orders.filter(order_id__gt=page[-1])[:PAGE])
