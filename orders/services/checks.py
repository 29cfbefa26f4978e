"""Whether what is told of an order can be true: in itself, and beside what is known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from django.utils.translation import gettext as _

from orders.models import Order, OrderLine, Refund
from orders.services.errors import InvalidOrder, SnapshotConflict
from orders.services.situation import Fresh
from orders.snapshots import LineSnapshot, OrderSnapshot, RefundSnapshot

MAX_NUMBER_LENGTH = 64
MAX_BUYER_LENGTH = 128
MAX_REASON_LENGTH = 200
MAX_LINE_AMOUNT = 10**13  # fen of one line
MAX_QUANTITY = 10**6
EARLIEST_TIME, LATEST_TIME = datetime(1990, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


def check(
    facts: OrderSnapshot,
    order: Order | None,
    refunds_known: dict[str, Refund],
    fresh: Fresh | None,
) -> None:
    """Return if ``facts``, which have no ``validation_errors``, may be taken in.

    :param order: what is known of it, with its lines
    :param refunds_known: of the refunds that are named here, by number
    :param fresh: how things stand, for a new order
    :raises NotAnOrder: it names unknown goods, or gives back more than was paid
    :raises FactConflict: it contradicts what is known
    """
    if fresh:
        for line, goods in zip(facts.lines, fresh.goods, strict=True):
            if goods is None:
                what = _("the SKU “%(sku)s” of line %(line)s is unknown")
                raise InvalidOrder(
                    number=facts.number, what=what % {"sku": line.sku, "line": line.number}
                )
    for field, before, given in differences(facts, order, refunds_known):
        raise SnapshotConflict(number=facts.number, field=field, known=before, given=given)
    _refundable(facts, order)


def differences(
    facts: OrderSnapshot, order: Order | None, refunds_known: dict[str, Refund]
) -> Iterator[tuple[str, Any, Any]]:
    """What ``facts`` say otherwise than what is known: the field, what is known, what is given."""
    told = [] if order is None else list(_against(facts, order))
    told += _refunds_against(facts, order, refunds_known)
    return ((field, before, given) for field, before, given in told if before != given)


def impossible(facts: Iterable[OrderSnapshot]) -> Iterator[tuple[str, InvalidOrder]]:
    """Those that cannot be orders, by number, with the first of their faults."""
    for one in facts:
        for what in islice(validation_errors(one), 1):
            yield one.number, InvalidOrder(number=one.number, what=what)


def validation_errors(facts: OrderSnapshot) -> Iterator[str]:
    """Why it cannot be an order, whatever is known; in words, nothing if it can."""
    if not _writable(facts.number, MAX_NUMBER_LENGTH):
        yield _("its number must have 1 to 64 characters")
    if not _writable(facts.buyer, MAX_BUYER_LENGTH):
        yield _("it names no buyer, or one that cannot be written down")
    if not all(_writable(text, MAX_NUMBER_LENGTH * 4) for text in facts.contact.values()):
        yield _("its contact cannot be written down")
    moments = (facts.placed_at, *(getattr(facts, name) for name in Order.EVENT_TIMES))
    if not all(_plausible(moment) for moment in moments if moment):
        yield _("one of its times is impossible, or has no offset")
    yield from _line_faults(facts)
    yield from _refund_faults(facts)


def _writable(text: str, most: int) -> bool:
    """Neither empty nor too long, and of characters that the database can keep."""
    return 0 < len(text) <= most and "\0" not in text and _encodes(text)


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _plausible(moment: datetime) -> bool:
    return moment.utcoffset() is not None and EARLIEST_TIME <= moment < LATEST_TIME


def _line_faults(facts: OrderSnapshot) -> Iterator[str]:
    if not facts.lines:
        yield _("it has no lines")
    if len({line.number for line in facts.lines}) < len(facts.lines):
        yield _("two of its lines have one number")
    for line in facts.lines:
        if not _possible(line):
            yield _("the amounts of line %(line)s are impossible") % {"line": line.number}


def _refund_faults(facts: OrderSnapshot) -> Iterator[str]:
    if len({refund.number for refund in facts.refunds}) < len(facts.refunds):
        yield _("two of its refunds have one number")
    lines = {line.number for line in facts.lines}
    for refund in facts.refunds:
        if refund.line not in lines:
            yield _("refund %(refund)s names no line of it") % {"refund": refund.number}
        if not _possible_refund(refund):
            yield _("refund %(refund)s is impossible") % {"refund": refund.number}


def _possible(line: LineSnapshot) -> bool:
    amounts = (line.unit_price, line.discount, line.shipping, line.unit_cost or 0)
    return (
        0 < line.number < 2**15
        and 0 < line.quantity <= MAX_QUANTITY
        and all(0 <= amount <= MAX_LINE_AMOUNT for amount in amounts)
        and 0 <= line.paid <= MAX_LINE_AMOUNT
    )


def _possible_refund(refund: RefundSnapshot) -> bool:
    ends = (refund.done_at, refund.rejected_at, refund.withdrawn_at)
    moments = (refund.requested_at, refund.approved_at, *ends)
    return (
        _writable(refund.number, MAX_NUMBER_LENGTH)
        and (not refund.reason or _writable(refund.reason, MAX_REASON_LENGTH))
        and all(_plausible(moment) for moment in moments if moment)
        and min(refund.quantity, refund.amount, refund.freight) >= 0
        and 0 < max(refund.quantity, refund.amount, refund.freight) <= MAX_LINE_AMOUNT
        and sum(end is not None for end in ends) <= 1
    )


def _against(facts: OrderSnapshot, order: Order) -> Iterator[tuple[str, Any, Any]]:
    buyers = {identity.external_id for identity in order.buyer.identities.all()}
    known = facts.buyer if facts.buyer in buyers else ", ".join(sorted(buyers))
    yield "buyer", known, facts.buyer
    yield "placed_at", order.placed_at, facts.placed_at
    for name in Order.EVENT_TIMES:
        before, given = getattr(order, name), getattr(facts, name)
        if before is not None and given is not None:
            yield name, before, given
    lines = {line.number: line for line in order.all_lines}
    yield "lines", sorted(lines), sorted(line.number for line in facts.lines)
    for line in facts.lines:
        if line.number in lines:
            yield from _line_against(line, lines[line.number])


def _line_against(line: LineSnapshot, before: OrderLine) -> Iterator[tuple[str, Any, Any]]:
    yield f"lines[{line.number}].sku", before.sku.code, line.sku
    for name in ("quantity", "unit_price", "discount", "shipping"):
        yield f"lines[{line.number}].{name}", getattr(before, name), getattr(line, name)
    if line.unit_cost is not None:
        yield f"lines[{line.number}].unit_cost", before.unit_cost, line.unit_cost


def _refunds_against(
    facts: OrderSnapshot, order: Order | None, refunds_known: dict[str, Refund]
) -> Iterator[tuple[str, Any, Any]]:
    for refund in facts.refunds:
        before = refunds_known.get(refund.number)
        if before is None:
            continue
        place = f"refunds[{refund.number}]"
        yield f"{place}.order", before.line.order_id, order.pk if order else None
        yield f"{place}.line", before.line.number, refund.line
        for name in ("quantity", "amount", "freight", "requested_at"):
            yield f"{place}.{name}", getattr(before, name), getattr(refund, name)
        ends = {"rejected_at", "withdrawn_at", "done_at"}
        known_end = next((name for name in ends if getattr(before, name)), None)
        for name in Refund.EVENT_TIMES:
            known_at, given = getattr(before, name), getattr(refund, name)
            if given is not None and (known_at is not None or (known_end and name in ends)):
                yield f"{place}.{name}", known_at, given


def _refundable(facts: OrderSnapshot, order: Order | None) -> None:
    """Nobody gets back more than they paid: all refunds of a line that are done, together."""
    lines = {line.number: line for line in facts.lines}
    known = list(order.done_refunds()) if order else []
    done = {refund.number: (refund.line.number, refund.quantity, refund.amount) for refund in known}
    done |= {
        refund.number: (refund.line, refund.quantity, refund.amount)
        for refund in facts.refunds
        if refund.done_at
    }
    for number, line in lines.items():
        here = [one for one in done.values() if one[0] == number]
        quantity, amount = sum(one[1] for one in here), sum(one[2] for one in here)
        if quantity > line.quantity or amount > line.paid:
            what = _("the refunds of line %(line)s exceed what was paid for it")
            raise InvalidOrder(number=facts.number, what=what % {"line": number})
    for refund in facts.refunds:
        line = lines[refund.line]
        if refund.quantity > line.quantity or refund.amount > line.paid:
            what = _("the refunds of line %(line)s exceed what was paid for it")
            raise InvalidOrder(number=facts.number, what=what % {"line": refund.line})
