"""Correct what a mall told, at the decision of a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from distribution.services import record_purchases
from orders.intake.refunds import add_up
from orders.intake.update import set_release_times
from orders.intake.validate import is_plausible_time
from orders.intake.values import PART, number_of, time_of
from orders.models import Order, OrderAmendment, OrderConflict, OrderLine, Refund

LINE_FIELDS = ("quantity", "unit_price", "discount", "shipping")
REFUND_FIELDS = ("quantity", "amount", "freight")


@dataclass(frozen=True, slots=True)
class Correction:
    """What a line has less than is known: units, and fen of goods and of shipping."""

    line: OrderLine
    quantity: int
    amount: int
    freight: int

    @property
    def is_less(self) -> bool:
        """Whether nothing grows, and something shrinks."""
        parts = (self.quantity, self.amount, self.freight)
        return min(parts) >= 0 < max(parts)


def refund_the_rest(order: Order, *, reason: str, at: datetime) -> None:
    """Count everything that is left of an order as refunded, by corrections of its lines.

    :param order: locked
    """
    lines = list(order.lines.order_by("pk"))
    Refund.objects.bulk_create(
        _build_refund(
            f"correction-{order.public_id}",
            Correction(line, line.remaining_quantity, line.remaining_paid, 0),
            reason=reason,
            at=at,
        )
        for line in lines
        if line.remaining_paid
    )
    record_purchases(add_up(lines, {order.pk: order}))


def amend_time(conflict: OrderConflict, *, at: datetime) -> bool:
    """Set the time of an order to the conflict's given value; nothing if that cannot be true.

    :param conflict: about one of ``Order.EVENT_TIMES``; its order is locked
    :returns: whether the time was set
    """
    order, field = conflict.order, conflict.field
    assert order, "the caller accepts conflicts of known orders only"
    before, after = getattr(order, field), time_of(conflict.given)
    if before is None or not is_plausible_time(after, order.placed_at, at):
        return False
    # First: the database changes a time only beside its amendment.
    OrderAmendment.objects.create(
        order=order, conflict=conflict, field=field, before=before, after=after, at=at
    )
    setattr(order, field, after)
    order.release_at = None
    set_release_times([order])
    order.save(update_fields=[field, "release_at"])
    return True


def find_correction(conflict: OrderConflict) -> Correction | None:
    """Return how much less a conflict gives to its line than is known.

    Earlier accepted conflicts of the line count as known.

    :returns: ``None`` if it is not about the quantity or money of a line, or of a refund that is
        done and no exchange
    """
    part = PART.fullmatch(conflict.field)
    if part is None or conflict.order is None:
        return None
    rows, key, name = part.groups()
    given = _accepted(conflict.order, f"{rows}[{key}].")
    if rows == "lines" and name in LINE_FIELDS:
        line = OrderLine.objects.get(order=conflict.order, number=int(key))
        known = {field: getattr(line, field) for field in LINE_FIELDS} | given
        return _less_of_line(line, known, known | {name: number_of(name, conflict.given)})
    refunds = Refund.objects.counted().filter(number=key, line__order=conflict.order)
    refund = refunds.select_related("line").first()
    if rows == "lines" or name not in REFUND_FIELDS or refund is None or len(refunds) > 1:
        return None
    before = given.get(name, getattr(refund, name))
    return _more_of_refund(refund.line, name, number_of(name, conflict.given) - before)


def book_correction(
    conflict: OrderConflict, correction: Correction, *, reason: str, at: datetime
) -> None:
    """Book a correction as a refund, as far as anything is left of its line.

    :param conflict: its order is locked
    """
    order, line = conflict.order, correction.line
    assert order, "a correction has an order"
    lines = list(order.lines.order_by("pk"))
    freight = sum(row.shipping for row in lines) - sum(
        refund.freight for refund in Refund.objects.filter(line__in=lines, done_at__isnull=False)
    )
    left = Correction(
        line,
        min(correction.quantity, line.remaining_quantity),
        min(correction.amount, line.remaining_paid),
        min(correction.freight, max(0, freight)),
    )
    if not left.is_less:
        return
    number = f"correction-{conflict.public_id}"
    Refund.objects.bulk_create([_build_refund(number, left, reason=reason, at=at)])
    record_purchases(add_up(lines, {order.pk: order}))


def _accepted(order: Order, prefix: str) -> dict[str, Any]:
    """Return the values that people accepted for a line or a refund, by the name of the field."""
    rows = OrderConflict.objects.filter(
        order=order, status=OrderConflict.Status.ACCEPTED, field__startswith=prefix
    ).order_by("ended_at", "pk")
    numbers = (*LINE_FIELDS, *REFUND_FIELDS)
    return {
        row.field_name: number_of(row.field, row.given)
        for row in rows
        if row.field_name in numbers
    }  # fmt: skip


def _less_of_line(line: OrderLine, known: dict[str, int], given: dict[str, int]) -> Correction:
    return Correction(
        line,
        known["quantity"] - given["quantity"],
        _paid(known) - _paid(given),
        known["shipping"] - given["shipping"],
    )


def _paid(values: dict[str, int]) -> int:
    return max(0, values["quantity"] * values["unit_price"] - values["discount"])


def _more_of_refund(line: OrderLine, name: str, more: int) -> Correction:
    parts = dict.fromkeys(REFUND_FIELDS, 0) | {name: more}
    return Correction(line, **parts)


def _build_refund(number: str, what: Correction, *, reason: str, at: datetime) -> Refund:
    return Refund(
        number=number,
        line=what.line,
        kind=Refund.Kind.CORRECTION,
        quantity=what.quantity,
        amount=what.amount,
        freight=what.freight,
        reason=reason,
        requested_at=at,
        approved_at=at,
        done_at=at,
    )
