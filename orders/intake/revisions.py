"""Decide which snapshot of an order or a refund counts, whatever the order of arrival."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from orders.models import Order, OrderLine, Refund
from orders.snapshots import LineSnapshot, OrderSnapshot, RefundSnapshot

Difference = tuple[str, Any, Any]
"""The field, the known value, the given value."""


def revises(snapshot: OrderSnapshot, order: Order) -> bool:
    """Return whether the snapshot's lines replace those of a known order.

    Until an order is paid, the higher revision counts, else the later arrival. The lines of a paid
    snapshot are final; those of an unpaid snapshot of a paid order are out of date.
    """
    if order.paid_at is not None:
        return False
    if not snapshot.paid_at and _is_older(snapshot.revision, order.revision):
        return False
    return any(known != given for _, known, given in line_differences(snapshot, order)) or (
        snapshot.revision is not None and snapshot.revision != order.revision
    )


def line_differences(snapshot: OrderSnapshot, order: Order) -> Iterator[Difference]:
    """Compare every field of the lines."""
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


def refund_kind(snapshot: RefundSnapshot, known: Refund | None = None) -> str:
    """Return the snapshot's kind; without one, a return if it has a quantity, else a refund.

    A known exchange stays one if a snapshot without a kind pays nothing back.
    """
    if snapshot.kind is not None:
        return snapshot.kind
    moves_money = snapshot.amount or snapshot.freight
    if known and known.kind == Refund.Kind.EXCHANGE and not moves_money:
        return known.kind
    return Refund.Kind.RETURN if snapshot.quantity else Refund.Kind.REFUND


def is_outdated(snapshot: RefundSnapshot, refund: Refund) -> bool:
    """Return whether a known refund is further than the snapshot, or of a higher revision."""
    given, known = _progress(snapshot), _progress(refund)
    return given < known or (given == known and _is_older(snapshot.revision, refund.revision))


def _progress(refund: Refund | RefundSnapshot) -> int:
    """Return how far a refund is: requested, approved, ended without money, done."""
    if refund.done_at:
        return 3
    if refund.rejected_at or refund.withdrawn_at:
        return 2
    return 1 if refund.approved_at else 0


def _is_older(revision: int | None, known: int | None) -> bool:
    return revision is not None and known is not None and revision < known
