"""Take in the orders that a client of the mall reports, or only say what would happen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from django.db import transaction

from common import clock
from integration.models import ApiClient
from integration.pausing import guarded
from integration.people import with_mall_ids
from orders.intake import IngestionResult, ingest_orders, repeat_if_ended
from orders.snapshots import OrderSnapshot


def ingest(snapshots: Sequence[OrderSnapshot], *, client: ApiClient) -> list[IngestionResult]:
    """Ingest the snapshots of a client, unless it is paused.

    What a deadlock has interrupted is repeated.

    :raises ClientPaused: too many of its orders contradict what is known
    :raises OperationalError: deadlocks interrupted it each time; a repetition is safe
    """
    at, snapshots = clock.now(), with_mall_ids(snapshots)
    take_in = partial(ingest_orders, snapshots, at=at, clock=at, source=client.source)
    return guarded(client, snapshots, take_in, at=at)


def rehearse(snapshots: Sequence[OrderSnapshot], *, client: ApiClient) -> list[IngestionResult]:
    """Return what ``ingest`` would answer; write nothing. A paused client may rehearse."""
    return repeat_if_ended(partial(_rehearse, snapshots, client.source, clock.now()))


@transaction.atomic
def _rehearse(
    snapshots: Sequence[OrderSnapshot], source: str, at: datetime
) -> list[IngestionResult]:
    snapshots = with_mall_ids(snapshots)
    results = ingest_orders(snapshots, at=at, clock=at, source=source)
    transaction.set_rollback(True)
    return results
