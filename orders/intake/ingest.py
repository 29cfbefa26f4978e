"""Ingest order snapshots: complete, repeatable, in any order of arrival."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import structlog
from django.db import transaction

from common.batches import bisect_failures
from common.errors import TwotierError, violated_constraint
from distribution.services import Purchase, record_purchases
from events.services import record
from orders.events import ORDERS_CHANGED
from orders.intake.context import IntakeContext, load_context
from orders.intake.create import OrderWithLines, create_orders
from orders.intake.errors import InvalidOrder, OrderIngestionFailed
from orders.intake.filing import contradictions, update_conflicts
from orders.intake.lines import revise_lines
from orders.intake.refunds import save_refunds
from orders.intake.repeats import repeat_if_ended
from orders.intake.update import update_orders
from orders.intake.validate import check_against_known, malformed_snapshots
from orders.models import Order
from orders.snapshots import OrderSnapshot

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class IngestionResult:
    """The result of ingesting one order. Without a change or an error, nothing of it was new."""

    number: str
    changed: bool
    error: TwotierError | None = None
    created: bool = False


@dataclass(frozen=True, slots=True)
class _Arrival:
    """Who reports the snapshots, when they were received, and the present time."""

    source: str
    at: datetime
    clock: datetime


def ingest_orders(
    snapshots: Iterable[OrderSnapshot], *, at: datetime, clock: datetime, source: str = "mall"
) -> list[IngestionResult]:
    """Create new orders and set what is new of known ones.

    Each value is set once: repeating it changes nothing, contradicting it is an error. An order
    with an error does not affect the others, except in a transaction of the caller. What a
    well-formed snapshot contradicts is filed as an ``OrderConflict``, which holds the commissions.

    :param at: when the snapshots were received; in a replay, the moment that is replayed
    :param clock: the present time, also in a replay: what lies after it cannot have happened
    :param source: who reports them; it ends its conflicts by reporting what is known
    :returns: a result for each snapshot, in their order
    :raises OperationalError: the database ended a transaction each time that it was repeated, or
        that of the caller, e.g. in a deadlock: retry all
    """
    numbered = list(enumerate(snapshots))
    arrival = _Arrival(source, at, clock)
    results: dict[int, IngestionResult] = {}
    for batch in _distinct_batches(numbered):
        places = [place for place, _ in batch]
        results |= zip(places, _ingest_bisecting([row for _, row in batch], arrival), strict=True)
    return [results[place] for place, _ in numbered]


def _distinct_batches(
    numbered: Sequence[tuple[int, OrderSnapshot]],
) -> Iterator[list[tuple[int, OrderSnapshot]]]:
    """Split so that no batch has two snapshots of one order."""
    remaining = list(numbered)
    while remaining:
        numbers: set[str] = set()
        batch: list[tuple[int, OrderSnapshot]] = []
        later: list[tuple[int, OrderSnapshot]] = []
        for pair in remaining:
            (later if pair[1].number in numbers else batch).append(pair)
            numbers.add(pair[1].number)
        yield batch
        remaining = later


def _ingest_bisecting(snapshots: list[OrderSnapshot], arrival: _Arrival) -> list[IngestionResult]:
    """Ingest all at once; if that fails, each half, until the faulty order is alone."""
    results: dict[str, IngestionResult] = {}

    def ingest(rows: Sequence[OrderSnapshot]) -> None:
        ingested = repeat_if_ended(partial(_ingest_batch, rows, arrival))
        results.update((result.number, result) for result in ingested)

    def retry_or_report(snapshot: OrderSnapshot, failure: Exception) -> None:
        if violated_constraint(failure) == "order_number_unique":
            # Another transaction has just placed it: it is known now.
            bisect_failures(ingest, [snapshot], on_failure=retry_or_report, faults=(Exception,))
        else:
            error = _as_error(snapshot.number, failure)
            results[snapshot.number] = IngestionResult(snapshot.number, False, error)

    # Any fault: one of one order must not stop the others.
    bisect_failures(ingest, snapshots, on_failure=retry_or_report, faults=(Exception,))
    return [results[snapshot.number] for snapshot in snapshots]


def _as_error(number: str, failure: Exception) -> TwotierError:
    if isinstance(failure, TwotierError):
        return failure
    log.exception("order_ingestion_failed", number=number)
    return OrderIngestionFailed(
        number=number, rule=violated_constraint(failure) or type(failure).__name__
    )


@transaction.atomic
def _ingest_batch(snapshots: Sequence[OrderSnapshot], arrival: _Arrival) -> list[IngestionResult]:
    # Validated before any query: some values cannot even be sent to the database.
    errors: dict[str, TwotierError] = dict(malformed_snapshots(snapshots))
    parsed = [snapshot for snapshot in snapshots if snapshot.number not in errors]
    context = load_context(parsed)
    errors |= _refusals(parsed, context, arrival.clock)
    valid = [snapshot for snapshot in parsed if snapshot.number not in errors]
    refused = [
        contradiction
        for snapshot in parsed
        if snapshot.number in errors and not isinstance(errors[snapshot.number], InvalidOrder)
        for contradiction in contradictions(
            snapshot, context.orders.get(snapshot.number), context.refunds, arrival.clock
        )
    ]
    changed = _save(valid, context, arrival.at)
    touched = update_conflicts(
        parsed, refused, context.orders, source=arrival.source, at=arrival.at
    )
    _record_changes(changed | {order: order for order in touched if order not in changed}, arrival)
    numbers = {order.number for order in changed}
    return [
        IngestionResult(
            snapshot.number,
            snapshot.number in numbers,
            errors.get(snapshot.number),
            created=snapshot.number in numbers and snapshot.number not in context.orders,
        )
        for snapshot in snapshots
    ]


def _refusals(
    snapshots: Sequence[OrderSnapshot], context: IntakeContext, clock: datetime
) -> Iterator[tuple[str, TwotierError]]:
    for snapshot in snapshots:
        try:
            check_against_known(snapshot, context, clock)
        except TwotierError as error:
            yield snapshot.number, error


def _save(
    snapshots: Sequence[OrderSnapshot], context: IntakeContext, at: datetime
) -> dict[Order, Order | OrderWithLines]:
    """Write valid snapshots.

    :returns: the changed orders, each with what the followers of its change get
    """
    known = [snapshot for snapshot in snapshots if snapshot.number in context.orders]
    new = [snapshot for snapshot in snapshots if snapshot.number not in context.orders]
    # Lines before times: once paid_at is set, the database refuses other lines.
    revised = revise_lines(known, context.orders, context.goods)
    updated = update_orders(known, context.orders, at=at)
    placed = create_orders(new, context.goods)
    orders = context.orders | {row.order.number: row.order for row in placed}
    refunded, purchases = save_refunds(snapshots, orders, context.refunds)
    # The totals of all buyers in one pass: in two, opposite batches would deadlock.
    record_purchases(
        [
            *(Purchase(row.order.buyer_id, ordered_at=row.order.placed_at) for row in placed),
            *purchases,
        ]
    )
    changed: dict[Order, Order | OrderWithLines] = {row.order: row for row in placed}
    # A new order with refunds is passed as an Order, so that followers read its refunds.
    return changed | {order: order for order in (*revised, *updated, *refunded)}


def _record_changes(changed: dict[Order, Order | OrderWithLines], arrival: _Arrival) -> None:
    if not changed:
        return
    orders = sorted(changed, key=lambda order: order.pk)
    # Followed by commissions, then risk: see config/flows.py.
    record(
        ORDERS_CHANGED,
        orders,
        at=arrival.at,
        follower_input=[changed[order] for order in orders],
    )
