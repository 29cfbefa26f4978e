"""Compare snapshots with what is known of their orders."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from orders.intake.context import read_orders, read_refunds
from orders.intake.errors import SnapshotConflict
from orders.models import Order, OrderLine, Refund
from orders.snapshots import LineSnapshot, OrderSnapshot

Difference = tuple[str, Any, Any]
"""The field, the known value, the given value."""

OUTCOMES = {"rejected_at", "withdrawn_at", "done_at"}


def find_conflicts(snapshots: Sequence[OrderSnapshot]) -> Iterator[SnapshotConflict]:
    """Return every field in which snapshots contradict known orders; change and lock nothing."""
    orders = read_orders([snapshot.number for snapshot in snapshots])
    refunds = read_refunds(snapshots)
    for snapshot in snapshots:
        yield from conflicts(snapshot, orders.get(snapshot.number), refunds)


def conflicts(
    snapshot: OrderSnapshot, order: Order | None, refunds: dict[str, Refund]
) -> Iterator[SnapshotConflict]:
    """Return the fields in which a snapshot contradicts what is known.

    :param order: with lines and the buyer's identities; ``None`` if it is new
    :param refunds: known refunds by number
    """
    compared = [] if order is None else list(_compare_order(snapshot, order))
    compared += _compare_refunds(snapshot, order, refunds)
    for field, known, given in compared:
        if known != given:
            yield SnapshotConflict(number=snapshot.number, field=field, known=known, given=given)


def _compare_order(snapshot: OrderSnapshot, order: Order) -> Iterator[Difference]:
    buyers = {identity.external_id for identity in order.buyer.identities.all()}
    buyer = snapshot.buyer if snapshot.buyer in buyers else ", ".join(sorted(buyers))
    yield "buyer", buyer, snapshot.buyer
    yield "placed_at", order.placed_at, snapshot.placed_at
    for name in Order.EVENT_TIMES:
        known, given = getattr(order, name), getattr(snapshot, name)
        if known is not None and given is not None:
            yield name, known, given
    lines = {line.number: line for line in order.lines.all()}
    yield "lines", sorted(lines), sorted(line.number for line in snapshot.lines)
    for line in snapshot.lines:
        if line.number in lines:
            yield from _compare_line(line, lines[line.number])


def _compare_line(line: LineSnapshot, known: OrderLine) -> Iterator[Difference]:
    yield f"lines[{line.number}].sku", known.sku.code, line.sku
    for name in ("quantity", "unit_price", "discount", "shipping"):
        yield f"lines[{line.number}].{name}", getattr(known, name), getattr(line, name)
    if line.unit_cost is not None:
        yield f"lines[{line.number}].unit_cost", known.unit_cost, line.unit_cost


def _compare_refunds(
    snapshot: OrderSnapshot, order: Order | None, refunds: dict[str, Refund]
) -> Iterator[Difference]:
    for refund in snapshot.refunds:
        known = refunds.get(refund.number)
        if known is None:
            continue
        path = f"refunds[{refund.number}]"
        yield f"{path}.order", known.line.order_id, order.pk if order else None
        yield f"{path}.line", known.line.number, refund.line
        for name in ("quantity", "amount", "freight", "requested_at"):
            yield f"{path}.{name}", getattr(known, name), getattr(refund, name)
        has_ended = any(getattr(known, name) for name in OUTCOMES)
        for name in Refund.EVENT_TIMES:
            known_at, given = getattr(known, name), getattr(refund, name)
            if given is not None and (known_at is not None or (has_ended and name in OUTCOMES)):
                yield f"{path}.{name}", known_at, given
