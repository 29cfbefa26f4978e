"""Cut the history of the mall into batches, in the order of time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from integration.mall.files import Files
from integration.mall.sheets import Row
from orders.snapshots import LineSnapshot, OrderSnapshot, RefundSnapshot

EVENTS_PER_BATCH = 500
Moment = tuple[datetime, str, str]
"""When, the kind of event, and the key of its row or order."""
LATER_TIMES = ("paid_at", "shipped_at", "received_at", "closed_at")  # than the placement


@dataclass(frozen=True, slots=True)
class Batch:
    """The members, bindings and orders with an event in this batch, as they were at ``until``."""

    until: datetime
    members: list[Row]
    bindings: list[Row] | None
    """By time; ``None``: the rows of members have the uplines."""
    orders: list[OrderSnapshot]
    event_count: int


def order_snapshots(files: Files) -> dict[str, OrderSnapshot]:
    """Build a snapshot of every order with all its refunds, by number."""
    refunds: dict[str, list[RefundSnapshot]] = defaultdict(list)
    for row in files.refunds.rows:
        refunds[row["order_no"]].append(_refund(row))
    heads: dict[str, Row] = {}
    lines: dict[str, list[LineSnapshot]] = defaultdict(list)
    for row in files.orders.rows:
        heads.setdefault(row["order_no"], row)
        lines[row["order_no"]].append(_line(row))
    return {
        number: OrderSnapshot(
            number=number,
            lines=tuple(lines[number]),
            refunds=tuple(refunds[number]),
            **head.pick("buyer", "placed_at", *LATER_TIMES),
        )
        for number, head in heads.items()
    }


def snapshots_until(files: Files, until: datetime | None) -> list[OrderSnapshot]:
    """Return the orders placed until then as they were at that moment; ``None``: all of them."""
    return [
        snapshot_at(order, until) if until else order
        for order in order_snapshots(files).values()
        if until is None or order.placed_at <= until
    ]


def _line(row: Row) -> LineSnapshot:
    return LineSnapshot(
        number=row["line_no"],
        **row.pick("sku", "quantity", "unit_price", "discount", "shipping"),
    )


def _refund(row: Row) -> RefundSnapshot:
    at = row["refunded_at"]
    return RefundSnapshot(
        number=row["refund_no"],
        line=row["line_no"],
        requested_at=at,
        approved_at=at,
        done_at=at,
        freight=row["freight"] or 0,
        **row.pick("quantity", "amount", "kind"),
    )


def snapshot_at(order: OrderSnapshot, at: datetime) -> OrderSnapshot:
    """Return the order without the times and refunds after ``at``."""
    future: dict[str, Any] = {
        name: None for name in LATER_TIMES if (getattr(order, name) or at) > at
    }
    refunds = tuple(refund for refund in order.refunds if refund.requested_at <= at)
    return replace(order, refunds=refunds, **future)


def batches(files: Files, until: datetime | None) -> Iterator[Batch]:
    """Yield history up to and including ``until``; events of one moment stay in one batch.

    :param until: ``None`` for all
    """
    orders = order_snapshots(files)
    members = {row["member"]: row for row in files.members.rows}
    bindings = {f"{row.line:09}": row for row in files.bindings.rows} if files.bindings else {}
    moments = sorted(
        (at, kind, key)
        for at, kind, key in (
            *_order_times(orders),
            *_member_times(members, with_binding=files.bindings is None),
            *_binding_times(bindings),
        )
        if until is None or at <= until
    )
    start = 0
    while start < len(moments):
        end = min(start + EVENTS_PER_BATCH, len(moments))
        last = moments[end - 1][0]
        while end < len(moments) and moments[end][0] == last:
            end += 1
        times = moments[start:end]
        yield Batch(
            until=last,
            members=[members[key] for _, kind, key in times if kind == "member"],
            bindings=[bindings[key] for key in _keys(times, "binding")] if files.bindings else None,
            orders=[snapshot_at(orders[key], last) for key in _keys(times, "order")],
            event_count=len(times),
        )
        start = end


def _keys(moments: list[Moment], kind: str) -> list[str]:
    return list(dict.fromkeys(key for _at, found, key in moments if found == kind))


def _member_times(members: dict[str, Row], *, with_binding: bool) -> Iterator[Moment]:
    for name, row in members.items():
        yield row["joined_at"], "member", name
        if with_binding and row["bound_at"] and row["bound_at"] != row["joined_at"]:
            yield row["bound_at"], "member", name


def _binding_times(bindings: dict[str, Row]) -> Iterator[Moment]:
    for key, row in bindings.items():
        yield row["bound_at"], "binding", key
        if row["ended_at"]:
            yield row["ended_at"], "binding", key


def _order_times(orders: dict[str, OrderSnapshot]) -> Iterator[Moment]:
    for number, order in orders.items():
        times = [getattr(order, name) for name in LATER_TIMES]
        times += [refund.requested_at for refund in order.refunds]
        # Some malls record a payment before the placement: it takes effect at the placement.
        moments = {max(at, order.placed_at) for at in times if at} | {order.placed_at}
        for at in moments:
            yield at, "order", number
