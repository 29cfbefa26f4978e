"""Commissions follow the facts, whatever was there before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from commissions.models import Commission, DueCredit
from commissions.services import accrual, queue, refunds
from orders.models import Order

SYNCED_FIELDS = ("current", "status", "release_at")


@transaction.atomic(savepoint=False)
def sync_commissions(orders: Iterable[Order], *, at: datetime) -> None:
    """Bring the commissions of some orders to where the orders' facts say.

    Paid: they exist. Refunded: they shrink, and what was credited is clawed back. Received: they
    are protected and queued, unless something holds them. Running it again changes nothing; the
    number of queries does not grow with the number of orders, only with that of clawbacks.
    """
    facts = _load_orders(orders)
    accrued_before = [order for order in facts if accrual.has_accrued(order)]
    fresh = accrual.accrue(facts, at=at)
    older = _load_commissions(accrued_before)
    before = {commission.pk: _synced_values(commission) for commission in older}
    clawbacks = refunds.recompute_amounts([*older, *fresh])
    queue.protect([*older, *fresh])
    refunds.claw_back(clawbacks, at=at)
    accrual.save_accruals(facts, fresh)
    moved = [
        commission for commission in older if _synced_values(commission) != before[commission.pk]
    ]
    if moved:
        Commission.objects.bulk_update(moved, SYNCED_FIELDS)
    queue.sync_queue([*older, *fresh], at=at)


def _load_orders(orders: Iterable[Order]) -> list[Order]:
    """The orders with all that decides, as they are now."""
    given = {order.pk: order for order in orders}
    placed = [order for order in given.values() if order.just_placed]
    others = sorted(set(given) - {order.pk for order in placed})
    if not others:
        return sorted(placed, key=lambda order: order.pk)
    # The locks first, then the reading: a statement that waits for a lock reads what was before.
    _lock(Order.objects.filter(pk__in=others))
    read = (
        Order.objects.filter(pk__in=others)
        .select_related("attribution", "terms__plan")
        .with_lines()
    )
    return sorted([*placed, *read], key=lambda order: order.pk)


def _load_commissions(orders: Sequence[Order]) -> list[Commission]:
    """The commissions of orders that had some, read once no settlement can move them any more."""
    if not orders:
        return []
    lines = {line.pk: line for order in orders for line in order.all_lines}
    _lock(DueCredit.objects.filter(commission__line__in=lines))
    found = list(Commission.objects.filter(line__in=lines).select_related("line__explanation"))
    for commission in found:
        line = lines[commission.line_id]
        line.explanation = commission.line.explanation
        commission.line = line
    return found


def _lock(rows: QuerySet[Any]) -> None:
    list(rows.order_by("pk").select_for_update(no_key=True, of=("self",)).values_list("pk"))


def _synced_values(commission: Commission) -> tuple[Any, ...]:
    return tuple(getattr(commission, field) for field in SYNCED_FIELDS)
