"""Check whether a snapshot can be an order: by itself, and beside what is known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice

from django.utils.translation import gettext as _

from common.clock import EARLIEST_TIME, LATEST_TIME
from common.errors import TwotierError
from common.keys import mangled_key
from orders.intake.conflicts import conflicts
from orders.intake.context import IntakeContext
from orders.intake.errors import ImplausibleTime, InvalidOrder
from orders.models import Order, Refund
from orders.snapshots import LineSnapshot, OrderSnapshot, RefundSnapshot

MAX_NUMBER_LENGTH = 64
MAX_BUYER_LENGTH = 128
MAX_REASON_LENGTH = 200
MAX_LINE_AMOUNT = 10**13  # fen of one line
MAX_QUANTITY = 10**6


TIME_TOLERANCE = timedelta(days=1)
"""The clocks of a mall, and the time zones of its exports, may differ by less."""


def check_against_known(snapshot: OrderSnapshot, context: IntakeContext, clock: datetime) -> None:
    """Check that a snapshot that is not malformed is plausible and agrees with what is known.

    :raises ImplausibleTime: one of its times cannot be true
    :raises InvalidOrder: it names unknown goods
    :raises SnapshotConflict: it contradicts what is known, or refunds far more than was paid
    """
    for error in time_errors(snapshot, clock):
        raise error
    if snapshot.number in context.goods:
        _validate_goods(snapshot, context)
    order = context.orders.get(snapshot.number)
    for conflict in conflicts(snapshot, order, context.refunds):
        raise conflict


def malformed_snapshots(
    snapshots: Iterable[OrderSnapshot],
) -> Iterator[tuple[str, TwotierError]]:
    """Return the numbers of snapshots that are malformed, each with its first error."""
    for snapshot in snapshots:
        for error in islice(malformed_errors(snapshot), 1):
            yield snapshot.number, error


def snapshot_errors(snapshot: OrderSnapshot, clock: datetime) -> Iterator[TwotierError]:
    """Return why a snapshot cannot be an order, whatever is known: first what is malformed.

    :param clock: the present time
    """
    malformed = False
    for error in malformed_errors(snapshot):
        malformed = True
        yield error
    if not malformed:
        yield from time_errors(snapshot, clock)


def malformed_errors(snapshot: OrderSnapshot) -> Iterator[InvalidOrder]:
    for what in _malformed_parts(snapshot):
        yield InvalidOrder(number=snapshot.number, what=what)


def time_errors(snapshot: OrderSnapshot, clock: datetime) -> Iterator[ImplausibleTime]:
    """Return the times of a well-formed snapshot that cannot be true.

    :param clock: the present time
    """
    for name, time in implausible_times(snapshot, snapshot.placed_at, clock):
        if time < snapshot.placed_at:
            what = _("its %(field)s (%(time)s) is before it was placed (%(placed_at)s)")
        else:
            what = _("its %(field)s (%(time)s) is after the present time (%(clock)s)")
        shown = {"field": name, "time": time, "placed_at": snapshot.placed_at, "clock": clock}
        yield ImplausibleTime(number=snapshot.number, what=what % shown)


def _malformed_parts(snapshot: OrderSnapshot) -> Iterator[str]:
    if not _writable(snapshot.number, MAX_NUMBER_LENGTH):
        yield _("its number must have 1 to 64 characters")
    if not _writable(snapshot.buyer, MAX_BUYER_LENGTH):
        yield _("it names no buyer, or one that cannot be written down")
    if not all(_writable(text, MAX_NUMBER_LENGTH * 4) for text in snapshot.contact.values()):
        yield _("its contact cannot be written down")
    times = (snapshot.placed_at, *(getattr(snapshot, name) for name in Order.EVENT_TIMES))
    if not all(_possible_time(time) for time in times if time):
        yield _("one of its times is impossible, or has no offset")
    yield from _mangled_keys(snapshot)
    yield from _line_errors(snapshot)
    yield from _refund_errors(snapshot)


def _mangled_keys(snapshot: OrderSnapshot) -> Iterator[str]:
    refunds = (refund.number for refund in snapshot.refunds)
    skus = (line.sku for line in snapshot.lines)
    for key in (snapshot.number, snapshot.buyer, snapshot.referrer or "", *refunds, *skus):
        if mangled_key(key):
            what = _(
                "a spreadsheet has changed “%(key)s”: format the column as text and export it again"
            )
            yield what % {"key": key}


def _writable(text: str, max_length: int) -> bool:
    """Whether a text is neither empty nor too long, and the database can store it."""
    return 0 < len(text) <= max_length and "\0" not in text and _encodes(text)


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _possible_time(time: datetime) -> bool:
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
    if len({(refund.number, refund.line) for refund in snapshot.refunds}) < len(snapshot.refunds):
        yield _("two of its refunds have one number and one line")
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
    times = (refund.requested_at, *(getattr(refund, name) for name in Refund.EVENT_TIMES))
    return (
        _writable(refund.number, MAX_NUMBER_LENGTH)
        and (not refund.reason or _writable(refund.reason, MAX_REASON_LENGTH))
        and all(_possible_time(time) for time in times if time)
        and min(refund.quantity, refund.amount, refund.freight) >= 0
        and 0 < max(refund.quantity, refund.amount, refund.freight) <= MAX_LINE_AMOUNT
        and refund.quantity <= MAX_QUANTITY
        and (refund.kind is None or refund.kind in Refund.TOLD_KINDS)
        and (refund.kind != Refund.Kind.EXCHANGE or not max(refund.amount, refund.freight))
        and not (refund.rejected_at and refund.withdrawn_at)
    )


def implausible_times(
    snapshot: OrderSnapshot, placed_at: datetime, clock: datetime
) -> Iterator[tuple[str, datetime]]:
    """Return the times of a snapshot that are not plausible, with their paths."""
    for name, time in _times(snapshot):
        if not is_plausible_time(time, placed_at, clock):
            yield name, time


def is_plausible_time(time: datetime, placed_at: datetime, clock: datetime) -> bool:
    """Whether a time is neither before the placement nor in the future, by more than a day."""
    return placed_at - TIME_TOLERANCE <= time <= clock + TIME_TOLERANCE


def _times(snapshot: OrderSnapshot) -> Iterator[tuple[str, datetime]]:
    """Return every known time with its path in the snapshot."""
    yield "placed_at", snapshot.placed_at
    for name in Order.EVENT_TIMES:
        if time := getattr(snapshot, name):
            yield name, time
    for refund in snapshot.refunds:
        for name in ("requested_at", *Refund.EVENT_TIMES):
            if time := getattr(refund, name):
                yield f"refunds[{refund.number}].{name}", time


def _validate_goods(snapshot: OrderSnapshot, context: IntakeContext) -> None:
    for line, goods in zip(snapshot.lines, context.goods[snapshot.number], strict=True):
        if goods is None:
            what = _("the SKU “%(sku)s” of line %(line)s is unknown")
            raise InvalidOrder(
                number=snapshot.number, what=what % {"sku": line.sku, "line": line.number}
            )
