"""The one door through which orders come in: whole, repeatable, in any order of arrival."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from django.db import OperationalError, transaction

from common.bulk_insert import deferred_inserts
from common.db_errors import violated_constraint
from common.errors import TwotierError
from events.services import record
from orders.events import ORDERS_CHANGED
from orders.services import checks, known, placement, refunds
from orders.services.errors import OrderIngestionFailed
from orders.services.situation import situation
from orders.snapshots import OrderSnapshot

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class IngestionResult:
    """What came of one order: it was changed, or known already, or refused."""

    number: str
    changed: bool
    refusal: TwotierError | None = None


def ingest_orders(facts: Iterable[OrderSnapshot], *, at: datetime) -> list[IngestionResult]:
    """Take in what is known of some orders: new ones, and what is new of known ones.

    Each fact is set once. What is known already is a no-op; what contradicts it is refused. A bad
    order answers with its refusal, and the others go on: they do not stand or fall together, unless
    the caller's transaction makes them.

    :param at: when it came to be known
    :returns: an outcome for each, in their order
    :raises OperationalError: the database has ended one, say of a deadlock: send all again
    """
    numbered = list(enumerate(facts))
    outcomes: dict[int, IngestionResult] = {}
    for some in _once_each(numbered):
        outcomes |= zip(
            (place for place, _ in some), _or_halves([one for _, one in some], at), strict=True
        )
    return [outcomes[place] for place, _ in numbered]


def _once_each(
    numbered: Sequence[tuple[int, OrderSnapshot]],
) -> Iterator[list[tuple[int, OrderSnapshot]]]:
    """Rounds in which no order comes twice."""
    left = list(numbered)
    while left:
        seen: set[str] = set()
        this: list[tuple[int, OrderSnapshot]] = []
        later: list[tuple[int, OrderSnapshot]] = []
        for one in left:
            (later if one[1].number in seen else this).append(one)
            seen.add(one[1].number)
        yield this
        left = later


def _or_halves(facts: list[OrderSnapshot], at: datetime) -> list[IngestionResult]:
    try:
        with transaction.atomic(), deferred_inserts():
            return _put(facts, at)
    except OperationalError:
        raise
    except Exception as failure:  # noqa: BLE001 - one order's fault must not keep the others out
        if violated_constraint(failure) == "order_number_unique":
            # Placed by another transaction at this moment: it is known now.
            return _or_halves(facts, at)
        if len(facts) == 1:
            return [IngestionResult(facts[0].number, False, _refusal(facts[0], failure))]
    middle = len(facts) // 2
    return _or_halves(facts[:middle], at) + _or_halves(facts[middle:], at)


def _refusal(facts: OrderSnapshot, failure: Exception) -> TwotierError:
    if isinstance(failure, TwotierError):
        return failure
    log.exception("order_ingestion_failed", number=facts.number)
    return OrderIngestionFailed(
        number=facts.number, rule=violated_constraint(failure) or type(failure).__name__
    )


def _put(facts: list[OrderSnapshot], at: datetime) -> list[IngestionResult]:
    # What cannot be written down is not asked for either.
    refusals: dict[str, TwotierError] = dict(checks.impossible(facts))
    possible = [one for one in facts if one.number not in refusals]
    now = situation(possible)
    orders = known.read([one.number for one in possible if one.number not in now.fresh])
    refunds_known = refunds.numbered([each.number for one in possible for each in one.refunds])
    for one in possible:
        try:
            checks.check(one, orders.get(one.number), refunds_known, now.fresh.get(one.number))
        except TwotierError as refusal:
            refusals[one.number] = refusal
    good = [one for one in possible if one.number not in refusals]
    changed = known.fill([one for one in good if one.number in orders], orders)
    changed += placement.place([one for one in good if one.number not in orders], orders, now)
    changed += refunds.take(good, orders, refunds_known)
    if changed:
        distinct = {order.pk: order for order in changed}
        record(ORDERS_CHANGED, [distinct[key] for key in sorted(distinct)], at=at)
    moved = {order.number for order in changed}
    return [
        IngestionResult(one.number, one.number in moved, refusals.get(one.number)) for one in facts
    ]
