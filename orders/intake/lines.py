"""Replace the lines of unpaid orders by later ones."""

from __future__ import annotations

from collections.abc import Sequence

from catalog.queries import Goods
from common.bulk_insert import insert
from orders.intake.create import build_lines
from orders.intake.revisions import line_differences
from orders.models import Order, OrderLine
from orders.snapshots import OrderSnapshot

REVISED = (
    "sku", "product", "categories", "quantity", "unit_price", "discount", "shipping", "unit_cost",
)  # fmt: skip


def revise_lines(
    snapshots: Sequence[OrderSnapshot],
    orders: dict[str, Order],
    goods: dict[str, list[Goods | None]],
) -> list[Order]:
    """Set the lines and the revision of unpaid orders; return the changed orders.

    Buyer, attribution and plan stay as of placement.

    :param orders: known and locked, by number
    :param goods: of the lines of those that are revised, and of no other known order; all known
    """
    revised = [
        (orders[snapshot.number], snapshot) for snapshot in snapshots if snapshot.number in goods
    ]
    changed = [
        (order, _build_lines(order, snapshot, goods[order.number]))
        for order, snapshot in revised
        if any(known != given for _, known, given in line_differences(snapshot, order))
    ]
    _replace_lines(changed)
    for order, snapshot in revised:
        order.revision = order.revision if snapshot.revision is None else snapshot.revision
    Order.objects.bulk_update([order for order, _ in revised], ["revision"])
    return [order for order, _ in changed]


def _build_lines(
    order: Order, snapshot: OrderSnapshot, goods: Sequence[Goods | None]
) -> list[OrderLine]:
    """Return the snapshot's lines; a cost that it does not give stays as known for the SKU."""
    costs = {(line.number, line.sku_id): line.unit_cost for line in order.lines.all()}
    lines = build_lines(order, snapshot, goods)
    for line, given in zip(lines, snapshot.lines, strict=True):
        if given.unit_cost is None:
            line.unit_cost = costs.get((line.number, line.sku_id), line.unit_cost)
    return lines


def _replace_lines(changed: Sequence[tuple[Order, Sequence[OrderLine]]]) -> None:
    """Update lines by their number, so that refunds keep their line; insert and delete others."""
    new, known, gone = [], [], []
    for order, lines in changed:
        before = {line.number: line for line in order.lines.all()}
        for line in lines:
            if line.number in before:
                line.pk = before.pop(line.number).pk
                known.append(line)
            else:
                new.append(line)
        gone += [line.pk for line in before.values()]
    if gone:
        OrderLine.objects.filter(pk__in=gone).delete()
    OrderLine.objects.bulk_update(known, REVISED)
    insert(new)
