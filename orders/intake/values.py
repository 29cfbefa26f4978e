"""The values of an order's fields by their path, such as ``refunds[R-1].amount``, and as texts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from common.clock import SHANGHAI
from common.money import parse_yuan, plain_yuan
from orders.models import Order, OrderLine
from orders.snapshots import LineSnapshot, OrderSnapshot

AMOUNTS = frozenset({"unit_price", "discount", "shipping", "unit_cost", "amount", "freight"})
PART = re.compile(r"(lines|refunds)\[(.+)\]\.(\w+)")


def to_text(field: str, value: Any) -> str:
    """Return a value for people: in yuan, and in times of Shanghai; empty for ``None``."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(SHANGHAI).isoformat()
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if field.rpartition(".")[2] in AMOUNTS and isinstance(value, int):
        return plain_yuan(value)
    return str(value)


def time_of(text: str) -> datetime:
    """Return the time of a text that ``to_text`` made."""
    return datetime.fromisoformat(text)


def number_of(field: str, text: str) -> int:
    """Return the fen or the quantity of a text that ``to_text`` made."""
    return parse_yuan(text) if field.rpartition(".")[2] in AMOUNTS else int(text)


def reports_known_value(snapshot: OrderSnapshot, order: Order, field: str) -> bool:
    """Return whether a snapshot reports what is known of a field.

    :param order: with lines, refunds and the buyer's identities
    """
    if field == "buyer":
        return snapshot.buyer in {row.external_id for row in order.buyer.identities.all()}
    if (part := PART.fullmatch(field)) and part[1] == "refunds" and part[3] == "order":
        # The refund belongs to another order.
        return part[2] not in {refund.number for refund in snapshot.refunds}
    refunds = [(refund.line, refund) for refund in snapshot.refunds]
    given = _values(snapshot, snapshot.lines, refunds, field)
    lines = list(order.lines.all())
    known_refunds = [(line.number, refund) for line in lines for refund in line.refunds.all()]
    known = _values(order, lines, known_refunds, field)
    return bool(given) and all(known.get(line) == text for line, text in given.items())


def _values(
    order: Any, lines: Sequence[Any], refunds: Sequence[tuple[int, Any]], field: str
) -> dict[int, str]:
    """Return the values of a field as texts by line, 0 for the order; none that is ``None``."""
    values: dict[int, Any]
    if part := PART.fullmatch(field):
        rows, key, name = part.groups()
        if rows == "lines":
            values = {row.number: _line_value(row, name) for row in lines if str(row.number) == key}
        else:
            values = {
                number: number if name == "line" else getattr(row, name)
                for number, row in refunds
                if row.number == key
            }
    elif field == "lines":
        values = {0: sorted(row.number for row in lines)}
    elif field == "freight":
        values = {0: sum(row.freight for _number, row in refunds if row.done_at)}
    else:
        values = {0: getattr(order, field)}
    return {key: to_text(field, value) for key, value in values.items() if value is not None}


def _line_value(row: LineSnapshot | OrderLine, name: str) -> Any:
    if name == "sku" and isinstance(row, OrderLine):
        return row.sku.code
    return getattr(row, name)
