"""Compare snapshots with what is known of their orders."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from orders.intake.context import read_orders, read_refunds
from orders.intake.errors import SnapshotConflict
from orders.intake.revisions import (
    Difference,
    is_outdated,
    line_differences,
    refund_kind,
    revises,
)
from orders.models import Order, OrderLine, Refund
from orders.snapshots import LineSnapshot, OrderSnapshot, RefundSnapshot

Lines = Sequence[LineSnapshot] | Sequence[OrderLine]
"""The lines that an order has when the snapshot is taken in."""


def find_conflicts(snapshots: Sequence[OrderSnapshot]) -> Iterator[SnapshotConflict]:
    """Return every field in which snapshots contradict known orders; change and lock nothing."""
    orders = read_orders([snapshot.number for snapshot in snapshots])
    refunds = read_refunds(snapshots)
    for snapshot in snapshots:
        yield from conflicts(snapshot, orders.get(snapshot.number), refunds)


def conflicts(
    snapshot: OrderSnapshot, order: Order | None, refunds: dict[str, list[Refund]]
) -> Iterator[SnapshotConflict]:
    """Return the fields in which a snapshot contradicts what is known, or itself.

    :param order: with lines and the buyer's identities; ``None`` if it is new
    :param refunds: known refunds by number
    """
    revised = order is None or revises(snapshot, order)
    lines = snapshot.lines if order is None or revised else list(order.lines.all())
    compared = [] if order is None else list(_compare_order(snapshot, order, revised=revised))
    compared += _compare_refunds(snapshot, refunds, lines)
    compared += _compare_amounts(snapshot, order, lines)
    for field, known, given in compared:
        if known != given:
            yield SnapshotConflict(number=snapshot.number, field=field, known=known, given=given)


def _compare_order(snapshot: OrderSnapshot, order: Order, *, revised: bool) -> Iterator[Difference]:
    # The ids of a merged member are those of the survivor.
    person = order.buyer.merged_into or order.buyer
    buyers = {identity.external_id for identity in person.identities.all()}
    buyer = snapshot.buyer if snapshot.buyer in buyers else ", ".join(sorted(buyers))
    yield "buyer", buyer, snapshot.buyer
    yield "placed_at", order.placed_at, snapshot.placed_at
    for name in Order.EVENT_TIMES:
        known, given = getattr(order, name), getattr(snapshot, name)
        if known is not None and given is not None:
            yield name, known, given
    if revised:
        refunded = {line.number for line in order.lines.all() if line.refunds.all()}
        kept = {line.number for line in snapshot.lines}
        yield "lines", sorted(refunded), sorted(refunded & kept)
    elif order.paid_at and snapshot.paid_at:
        yield from line_differences(snapshot, order)


def _compare_refunds(
    snapshot: OrderSnapshot, refunds: dict[str, list[Refund]], lines: Lines
) -> Iterator[Difference]:
    numbers = sorted(line.number for line in lines)
    for refund in snapshot.refunds:
        path = f"refunds[{refund.number}]"
        if refund.line not in numbers:
            yield f"{path}.line", numbers, refund.line
        for known in refunds.get(refund.number, ()):
            yield f"{path}.order", known.line.order.number, snapshot.number
            if known.line.number == refund.line and not is_outdated(refund, known):
                yield from _compare_refund(refund, known, path)


def _compare_refund(refund: RefundSnapshot, known: Refund, path: str) -> Iterator[Difference]:
    yield f"{path}.requested_at", known.requested_at, refund.requested_at
    if known.done_at:
        for name in ("quantity", "amount", "freight"):
            yield f"{path}.{name}", getattr(known, name), getattr(refund, name)
        yield f"{path}.kind", known.kind, refund_kind(refund, known)
    for name in Refund.EVENT_TIMES:
        known_at, given = getattr(known, name), getattr(refund, name)
        if known_at is not None and given is not None:
            yield f"{path}.{name}", known_at, given
    if known.rejected_at and refund.withdrawn_at:
        yield f"{path}.withdrawn_at", None, refund.withdrawn_at
    if known.withdrawn_at and refund.rejected_at:
        yield f"{path}.rejected_at", None, refund.rejected_at


def _compare_amounts(
    snapshot: OrderSnapshot, order: Order | None, lines: Lines
) -> Iterator[Difference]:
    """Compare refunds with what was paid: a little more is compensation, twice as much an error."""
    shipping = sum(line.shipping for line in lines)
    total = shipping + sum(line.paid for line in lines)
    for refund in snapshot.refunds:
        highest = 2 * total
        yield f"refunds[{refund.number}].amount", min(refund.amount, highest), refund.amount
        yield f"refunds[{refund.number}].freight", min(refund.freight, shipping), refund.freight
    freight = {(row.number, row.line): row.freight for row in snapshot.refunds if row.done_at}
    for row in order.done_refunds() if order else ():
        freight[row.number, row.line.number] = row.freight
    refunded = sum(freight.values())
    yield "freight", min(refunded, shipping), refunded
