"""File what snapshots contradict as conflicts, and end those that their source reports no more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from common.locks import advisory_lock
from events.services import record
from orders.events import ORDERS_CHANGED, ORDERS_CONFLICT_FILED, ORDERS_CONFLICT_RESOLVED
from orders.intake.conflicts import conflicts
from orders.intake.context import lock_orders, read_orders, read_refunds
from orders.intake.validate import implausible_times, malformed_snapshots
from orders.intake.values import reports_known_value, to_text
from orders.models import Order, OrderConflict, Refund
from orders.snapshots import OrderSnapshot

Status = OrderConflict.Status
UPDATED = ("order", "known", "given", "last_seen", "status", "ended_at")


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A value that cannot be true, or that contradicts what is known, as texts for people."""

    number: str
    field: str
    known: str
    given: str


def find_contradictions(
    snapshots: Sequence[OrderSnapshot], *, clock: datetime
) -> Iterator[Contradiction]:
    """Return what ``ingest_orders`` would file; change and lock nothing. Malformed ones have none.

    :param clock: the present time
    """
    malformed = dict(malformed_snapshots(snapshots))
    parsed = [snapshot for snapshot in snapshots if snapshot.number not in malformed]
    orders = read_orders([snapshot.number for snapshot in parsed])
    refunds = read_refunds(parsed)
    for snapshot in parsed:
        yield from contradictions(snapshot, orders.get(snapshot.number), refunds, clock)


@transaction.atomic
def file_conflicts(
    snapshots: Sequence[OrderSnapshot], *, source: str, at: datetime, clock: datetime
) -> int:
    """File what ``ingest_orders`` would file for these snapshots, and take in nothing.

    :param source: who reports them
    :param clock: the present time
    :returns: the number of orders that are held, or no longer held, for it
    """
    malformed = dict(malformed_snapshots(snapshots))
    parsed = [snapshot for snapshot in snapshots if snapshot.number not in malformed]
    orders = read_orders(lock_orders([snapshot.number for snapshot in parsed]))
    refunds = read_refunds(parsed)
    refused = [
        contradiction
        for snapshot in parsed
        for contradiction in contradictions(snapshot, orders.get(snapshot.number), refunds, clock)
    ]
    touched = update_conflicts(parsed, refused, orders, source=source, at=at)
    if touched:
        record(ORDERS_CHANGED, touched, at=at)
    return len(touched)


def contradictions(
    snapshot: OrderSnapshot,
    order: Order | None,
    refunds: dict[str, list[Refund]],
    clock: datetime,
) -> list[Contradiction]:
    """Return every value of a snapshot that is not plausible or contradicts what is known.

    :param order: with lines, refunds and the buyer's identities; ``None`` if it is not known
    :param refunds: known refunds by number
    """
    placed_at = order.placed_at if order else snapshot.placed_at
    found = {
        field: Contradiction(
            snapshot.number, field, to_text(field, getattr(order, field, None)),
            to_text(field, time),
        )
        for field, time in implausible_times(snapshot, placed_at, clock)
    }  # fmt: skip
    for error in conflicts(snapshot, order, refunds):
        field, known, given = (error.data[name] for name in ("field", "known", "given"))
        found[field] = Contradiction(
            snapshot.number, field, to_text(field, known), to_text(field, given)
        )
    return list(found.values())


# In SQL, because every batch runs it and Django takes longer to compile it than the database to
# answer.
_ANY_CONFLICT = """
SELECT EXISTS (SELECT FROM orders_orderconflict WHERE number = ANY (%s) AND status = 'open')
"""


def update_conflicts(
    snapshots: Sequence[OrderSnapshot],
    refused: Sequence[Contradiction],
    orders: dict[str, Order],
    *,
    source: str,
    at: datetime,
) -> list[Order]:
    """File contradictions, and end the source's conflicts about what is now reported as known.

    Call it after the valid snapshots are saved.

    :param snapshots: all of the batch
    :param refused: the contradictions in them
    :param orders: the known ones by number, locked
    :returns: the orders whose conflicts were opened or ended, for ``orders.changed``
    """
    numbers = [snapshot.number for snapshot in snapshots]
    if not refused and not _any_open(numbers):
        return []
    if unknown := {row.number for row in refused} - set(orders):
        # No row can be locked: two first reports would both insert.
        advisory_lock(*(f"order_conflict:{number}" for number in unknown))
    rows = OrderConflict.objects.filter(number__in=numbers).order_by("pk")
    filing = _Filing(list(rows.select_for_update(no_key=True)), orders, source, at)
    for contradiction in refused:
        filing.file(contradiction)
    filing.resolve(snapshots)
    return filing.save()


def _any_open(numbers: Sequence[str]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_ANY_CONFLICT, [list(numbers)])
        (found,) = cursor.fetchone()
        return bool(found)


class _Filing:
    """The conflicts of a batch's orders while they are compared with its snapshots."""

    def __init__(
        self, rows: list[OrderConflict], orders: dict[str, Order], source: str, at: datetime
    ) -> None:
        self._orders, self._source, self._at = orders, source, at
        self._undecided = {
            (row.number, row.field): row
            for row in rows
            if row.source == source and row.status not in OrderConflict.DECIDED
        }
        self._decided = {
            (row.number, row.field, row.given): row
            for row in rows
            if row.status in OrderConflict.DECIDED
        }
        self._seen: list[OrderConflict] = []
        self._opened: list[OrderConflict] = []
        self._resolved: list[OrderConflict] = []

    def file(self, new: Contradiction) -> None:
        """Open a conflict, unless it is open already or a person decided about this value."""
        if decided := self._decided.get((new.number, new.field, new.given)):
            self._see(decided)
            return
        row = self._undecided.get((new.number, new.field))
        if row is None:
            row = OrderConflict(
                number=new.number, field=new.field, source=self._source,
                first_seen=self._at, last_seen=self._at,
            )  # fmt: skip
            self._undecided[new.number, new.field] = row
        order = self._orders.get(new.number)
        if row.pk is None or row.status != Status.OPEN or (row.order_id is None and order):
            self._opened.append(row)
        row.order = order or row.order
        row.known, row.given = new.known, new.given
        row.status, row.ended_at = Status.OPEN, None
        self._see(row)

    def resolve(self, snapshots: Sequence[OrderSnapshot]) -> None:
        """End the source's open conflicts whose field it now reports as known."""
        mine = [row for row in self._undecided.values() if row.status == Status.OPEN]
        # As they are now: the snapshots may have been saved since.
        orders = read_orders(list({row.number for row in mine}))
        given = {snapshot.number: snapshot for snapshot in snapshots}
        for row in mine:
            order = orders.get(row.number)
            if order and reports_known_value(given[row.number], order, row.field):
                row.status, row.ended_at = Status.RESOLVED, self._at
                self._see(row)
                self._resolved.append(row)

    def _see(self, row: OrderConflict) -> None:
        row.last_seen = max(row.last_seen, self._at)
        self._seen.append(row)

    def save(self) -> list[Order]:
        new = [row for row in self._seen if row.pk is None]
        known = [row for row in self._seen if row.pk is not None]
        OrderConflict.objects.bulk_create(new)
        OrderConflict.objects.bulk_update(known, UPDATED)
        for event_type, rows in (
            (ORDERS_CONFLICT_FILED, self._opened),
            (ORDERS_CONFLICT_RESOLVED, self._resolved),
        ):
            if rows:
                record(event_type, rows, at=self._at, source=self._source)
        changed = {row.order.pk: row.order for row in (*self._opened, *self._resolved) if row.order}
        return list(changed.values())
