"""Bring commissions in line with their orders, whatever was there before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from commissions.models import Commission, DueCredit
from commissions.services import accrual, queue, refunds
from common.bulk_insert import update
from common.locks import lock_rows
from orders.intake import OrderWithLines
from orders.models import Order

SYNCED_FIELDS = ("current", "status", "release_at")


@transaction.atomic(savepoint=False)
def sync_commissions(orders: Sequence[Order | OrderWithLines], *, at: datetime) -> None:
    """Follow ``orders.changed``: create and update the commissions of orders.

    Paid orders accrue. Refunds change commissions, and claw back what was credited. Received orders
    are protected and queued, unless held. It is idempotent. The number of queries does not grow
    with the orders.

    :param orders: new ones of this transaction as ``OrderWithLines``, which need not be read again
    """
    placed, loaded = _load_orders(orders)
    accrual.assign_terms([*placed, *(row for row in loaded if not hasattr(row.order, "terms"))])
    rows = sorted([*placed, *loaded], key=lambda row: row.order.pk)
    older = _load_commissions([row for row in rows if accrual.has_accrued(row.order)])
    accrued = accrual.accrue(rows, at=at)
    before = {commission.pk: _synced_values(commission) for commission in older}
    amounts = {commission.pk: commission.current for commission in older}
    refunds.recompute_amounts([*older, *accrued])
    queue.protect([*older, *accrued])
    losses = refunds.record_changes(older, amounts, at=at)
    accrual.save_accruals([row.order for row in rows], accrued)
    # In the order of locks: the queue, then accounts, then commissions.
    queue.sync_queue([*older, *accrued], at=at)
    refunds.claw_back(losses, at=at)
    changed = [
        commission for commission in older if _synced_values(commission) != before[commission.pk]
    ]
    update(changed, SYNCED_FIELDS)


def _load_orders(
    orders: Sequence[Order | OrderWithLines],
) -> tuple[list[OrderWithLines], list[OrderWithLines]]:
    """Return the orders placed in this transaction, and the others locked and read."""
    placed = {row.order.pk: row for row in orders if isinstance(row, OrderWithLines)}
    keys = {order.pk for order in orders if isinstance(order, Order)} - set(placed)
    if not keys:
        return list(placed.values()), []
    # Lock first, read after: a statement that waits for a lock reads what was before.
    lock_rows(Order.objects.filter(pk__in=keys))
    known = Order.objects.filter(pk__in=keys).with_conflict_flags()
    known = known.select_related("attribution", "terms__plan")
    loaded = [
        OrderWithLines(order, tuple(order.lines.all()), order.attribution)
        for order in known.prefetch_related("lines")
    ]
    return list(placed.values()), loaded


def _load_commissions(orders: Sequence[OrderWithLines]) -> list[Commission]:
    """Lock the due rows of the orders' commissions, so that no settlement moves them, and read."""
    if not orders:
        return []
    lines = {line.pk: line for row in orders for line in row.lines}
    lock_rows(DueCredit.objects.filter(commission__line__in=lines))
    commissions = list(
        Commission.objects.filter(line__in=lines).select_related("line__explanation")
    )
    for commission in commissions:
        line = lines[commission.line_id]
        line.explanation = commission.line.explanation
        commission.line = line
    return commissions


def _synced_values(commission: Commission) -> tuple[Any, ...]:
    return tuple(getattr(commission, field) for field in SYNCED_FIELDS)
