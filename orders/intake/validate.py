"""Check whether a snapshot can be an order: by itself, and beside what is known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice

from django.utils.translation import gettext as _

from orders.intake.conflicts import conflicts
from orders.intake.context import IntakeContext
from orders.intake.errors import InvalidOrder
from orders.models import Order
from orders.snapshots import LineSnapshot, OrderSnapshot, RefundSnapshot

MAX_NUMBER_LENGTH = 64
MAX_BUYER_LENGTH = 128
MAX_REASON_LENGTH = 200
MAX_LINE_AMOUNT = 10**13  # fen of one line
MAX_QUANTITY = 10**6
EARLIEST_TIME, LATEST_TIME = datetime(1990, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


def check_against_known(snapshot: OrderSnapshot, context: IntakeContext) -> None:
    """Check that a snapshot without ``validation_errors`` agrees with what is known.

    :raises InvalidOrder: it names unknown goods, or refunds more than was paid
    :raises SnapshotConflict: it contradicts what is known
    """
    order = context.orders.get(snapshot.number)
    if order is None:
        _validate_goods(snapshot, context)
    for conflict in conflicts(snapshot, order, context.refunds):
        raise conflict
    _validate_refunds(snapshot, order)


def invalid_snapshots(snapshots: Iterable[OrderSnapshot]) -> Iterator[tuple[str, InvalidOrder]]:
    """Return the numbers of snapshots that cannot be orders, each with its first error."""
    for snapshot in snapshots:
        for what in islice(validation_errors(snapshot), 1):
            yield snapshot.number, InvalidOrder(number=snapshot.number, what=what)


def validation_errors(snapshot: OrderSnapshot) -> Iterator[str]:
    """Return in words why a snapshot cannot be an order, whatever is known."""
    if not _writable(snapshot.number, MAX_NUMBER_LENGTH):
        yield _("its number must have 1 to 64 characters")
    if not _writable(snapshot.buyer, MAX_BUYER_LENGTH):
        yield _("it names no buyer, or one that cannot be written down")
    if not all(_writable(text, MAX_NUMBER_LENGTH * 4) for text in snapshot.contact.values()):
        yield _("its contact cannot be written down")
    times = (snapshot.placed_at, *(getattr(snapshot, name) for name in Order.EVENT_TIMES))
    if not all(_plausible(time) for time in times if time):
        yield _("one of its times is impossible, or has no offset")
    yield from _line_errors(snapshot)
    yield from _refund_errors(snapshot)


def _writable(text: str, max_length: int) -> bool:
    """Whether a text is neither empty nor too long, and the database can store it."""
    return 0 < len(text) <= max_length and "\0" not in text and _encodes(text)


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _plausible(time: datetime) -> bool:
    return time.utcoffset() is not None and EARLIEST_TIME <= time < LATEST_TIME


def _line_errors(snapshot: OrderSnapshot) -> Iterator[str]:
    if not snapshot.lines:
        yield _("it has no lines")
    if len({line.number for line in snapshot.lines}) < len(snapshot.lines):
        yield _("two of its lines have one number")
    for line in snapshot.lines:
        if not _possible_line(line):
            yield _("the amounts of line %(line)s are impossible") % {"line": line.number}


def _refund_errors(snapshot: OrderSnapshot) -> Iterator[str]:
    if len({refund.number for refund in snapshot.refunds}) < len(snapshot.refunds):
        yield _("two of its refunds have one number")
    lines = {line.number for line in snapshot.lines}
    for refund in snapshot.refunds:
        if refund.line not in lines:
            yield _("refund %(refund)s names no line of it") % {"refund": refund.number}
        if not _possible_refund(refund):
            yield _("refund %(refund)s is impossible") % {"refund": refund.number}


def _possible_line(line: LineSnapshot) -> bool:
    amounts = (line.unit_price, line.discount, line.shipping, line.unit_cost or 0)
    return (
        0 < line.number < 2**15
        and 0 < line.quantity <= MAX_QUANTITY
        and all(0 <= amount <= MAX_LINE_AMOUNT for amount in amounts)
        and 0 <= line.paid <= MAX_LINE_AMOUNT
    )


def _possible_refund(refund: RefundSnapshot) -> bool:
    outcomes = (refund.done_at, refund.rejected_at, refund.withdrawn_at)
    times = (refund.requested_at, refund.approved_at, *outcomes)
    return (
        _writable(refund.number, MAX_NUMBER_LENGTH)
        and (not refund.reason or _writable(refund.reason, MAX_REASON_LENGTH))
        and all(_plausible(time) for time in times if time)
        and min(refund.quantity, refund.amount, refund.freight) >= 0
        and 0 < max(refund.quantity, refund.amount, refund.freight) <= MAX_LINE_AMOUNT
        and sum(time is not None for time in outcomes) <= 1
    )


def _validate_goods(snapshot: OrderSnapshot, context: IntakeContext) -> None:
    for line, goods in zip(snapshot.lines, context.goods[snapshot.number], strict=True):
        if goods is None:
            what = _("the SKU “%(sku)s” of line %(line)s is unknown")
            raise InvalidOrder(
                number=snapshot.number, what=what % {"sku": line.sku, "line": line.number}
            )


def _validate_refunds(snapshot: OrderSnapshot, order: Order | None) -> None:
    """Refuse refunds above what was paid: each by itself, and all done ones of a line together."""
    lines = {line.number: line for line in snapshot.lines}
    known = order.done_refunds() if order else ()
    done = {refund.number: (refund.line.number, refund.quantity, refund.amount) for refund in known}
    done |= {
        refund.number: (refund.line, refund.quantity, refund.amount)
        for refund in snapshot.refunds
        if refund.done_at
    }
    sums = {number: [0, 0] for number in lines}
    for number, quantity, amount in done.values():
        sums[number][0] += quantity
        sums[number][1] += amount
    claims = [(number, *total) for number, total in sums.items()]
    claims += [(refund.line, refund.quantity, refund.amount) for refund in snapshot.refunds]
    for number, quantity, amount in claims:
        if quantity > lines[number].quantity or amount > lines[number].paid:
            what = _("the refunds of line %(line)s exceed what was paid for it")
            raise InvalidOrder(number=snapshot.number, what=what % {"line": number})
