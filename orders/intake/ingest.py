"""Ingest order snapshots: complete, repeatable, in any order of arrival."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from django.db import OperationalError, transaction

from common.errors import TwotierError, violated_constraint
from events.services import record
from orders.events import ORDERS_CHANGED
from orders.intake.context import IntakeContext, load_context
from orders.intake.create import PlacedOrder, create_orders
from orders.intake.errors import OrderIngestionFailed
from orders.intake.refunds import save_refunds
from orders.intake.update import update_orders
from orders.intake.validate import invalid_snapshots, validate
from orders.models import Order
from orders.snapshots import OrderSnapshot

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class IngestionResult:
    """The result of ingesting one order; neither changed nor an error: it was known already."""

    number: str
    changed: bool
    error: TwotierError | None = None


def ingest_orders(snapshots: Iterable[OrderSnapshot], *, at: datetime) -> list[IngestionResult]:
    """Create new orders and set what is new of known ones.

    Each value is set once: repeating it changes nothing, contradicting it is an error. An order
    with an error does not affect the others, except in a transaction of the caller.

    :param at: when the snapshots were received
    :returns: a result for each snapshot, in their order
    :raises OperationalError: the database has ended a transaction, e.g. in a deadlock: retry all
    """
    numbered = list(enumerate(snapshots))
    results: dict[int, IngestionResult] = {}
    for batch in _distinct_batches(numbered):
        places = [place for place, _ in batch]
        results |= zip(places, _bisect([row for _, row in batch], at), strict=True)
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


def _bisect(snapshots: list[OrderSnapshot], at: datetime) -> list[IngestionResult]:
    """Ingest all at once; if that fails, each half, until the faulty order is alone."""
    try:
        with transaction.atomic():
            return _ingest_batch(snapshots, at)
    except OperationalError:
        raise
    except Exception as failure:  # noqa: BLE001 - a fault of one order must not stop the others
        if violated_constraint(failure) == "order_number_unique":
            # Another transaction has just placed it: it is known now.
            return _bisect(snapshots, at)
        if len(snapshots) == 1:
            number = snapshots[0].number
            return [IngestionResult(number, False, _as_error(number, failure))]
    middle = len(snapshots) // 2
    return _bisect(snapshots[:middle], at) + _bisect(snapshots[middle:], at)


def _as_error(number: str, failure: Exception) -> TwotierError:
    if isinstance(failure, TwotierError):
        return failure
    log.exception("order_ingestion_failed", number=number)
    return OrderIngestionFailed(
        number=number, rule=violated_constraint(failure) or type(failure).__name__
    )


def _ingest_batch(snapshots: list[OrderSnapshot], at: datetime) -> list[IngestionResult]:
    # Validated before any query: some values cannot even be sent to the database.
    errors: dict[str, TwotierError] = dict(invalid_snapshots(snapshots))
    possible = [snapshot for snapshot in snapshots if snapshot.number not in errors]
    context = load_context(possible)
    errors |= _validate(possible, context)
    valid = [snapshot for snapshot in possible if snapshot.number not in errors]
    changed = _save(valid, context, at)
    return [
        IngestionResult(snapshot.number, snapshot.number in changed, errors.get(snapshot.number))
        for snapshot in snapshots
    ]


def _validate(
    snapshots: Sequence[OrderSnapshot], context: IntakeContext
) -> Iterator[tuple[str, TwotierError]]:
    for snapshot in snapshots:
        try:
            validate(snapshot, context)
        except TwotierError as error:
            yield snapshot.number, error


def _save(snapshots: Sequence[OrderSnapshot], context: IntakeContext, at: datetime) -> set[str]:
    """Write valid snapshots and record the change; return the numbers of the changed orders."""
    known = [snapshot for snapshot in snapshots if snapshot.number in context.orders]
    new = [snapshot for snapshot in snapshots if snapshot.number not in context.orders]
    updated = update_orders(known, context.orders)
    placed = create_orders(new, context.goods)
    orders = context.orders | {row.order.number: row.order for row in placed}
    refunded = save_refunds(snapshots, orders, context.refunds)
    # An order with refunds is read again by the followers.
    changes: dict[int, Order | PlacedOrder] = {row.order.pk: row for row in placed}
    changes |= {order.pk: order for order in (*updated, *refunded)}
    if not changes:
        return set()
    changed = {order.pk: order for order in orders.values() if order.pk in changes}
    keys = sorted(changes)
    record(
        ORDERS_CHANGED,
        [changed[key] for key in keys],
        at=at,
        follower_input=[changes[key] for key in keys],
    )
    return {order.number for order in changed.values()}
