"""Deliver recorded events to their followers: at least once, and in order for each subject.

A *lane* is one follower and one subject. Only the oldest row of a lane may be claimed, so that two
workers never swap two events of a subject, and a stuck row blocks only its own lane.
"""

from __future__ import annotations

import traceback
from datetime import datetime, timedelta

import structlog
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet, Value
from django.db.models.functions import Greatest
from django.utils.module_loading import import_string

from common.locks import advisory_lock
from events.models import Delivery, Event

log = structlog.get_logger(__name__)

LANES_PER_CLAIM = 20
EVENTS_PER_BATCH = 100
FIRST_RETRY_DELAY = timedelta(seconds=5)
MAX_RETRY_DELAY = timedelta(hours=1)
MAX_ERROR_LENGTH = 2_000  # characters


def deliver_due(*, at: datetime) -> int:
    """Claim a batch of due lanes and deliver them.

    :returns: the number of claimed lanes; 0 when nothing is due
    """
    heads = _claim(at=at)
    for head in heads:
        _deliver(head)
    return len(heads)


def _lane(head: Delivery) -> QuerySet[Delivery]:
    return Delivery.objects.filter(follower=head.follower, subject=head.subject)


@transaction.atomic
def _claim(*, at: datetime) -> list[Delivery]:
    # One worker claims at a time: a claim with an older snapshot would lock rows that it may no
    # longer take, and the worker that owns them would skip them as locked.
    advisory_lock("events.claim")
    # Count the attempt and set its retry beforehand: an event that kills its worker backs off, too,
    # instead of killing the next worker at once.
    older = Delivery.objects.filter(
        follower=OuterRef("follower"), subject=OuterRef("subject"), id__lt=OuterRef("id")
    )
    heads = list(
        Delivery.objects.filter(~Exists(older), due_at__lte=at)
        .order_by("due_at", "id")
        .select_for_update(skip_locked=True, of=("self",))[:LANES_PER_CLAIM]
    )
    for head in heads:
        head.attempts += 1
        head.due_at = at + min(FIRST_RETRY_DELAY * 2 ** min(head.attempts - 1, 20), MAX_RETRY_DELAY)
    Delivery.objects.bulk_update(heads, ["attempts", "due_at"])
    return heads


def _deliver(head: Delivery) -> None:
    """Handle the events of one lane and delete their deliveries in the same transaction."""
    try:
        with transaction.atomic():
            rows = _lock_batch(head)
            if rows:
                _handle(head.follower, [row.event for row in rows])
                Delivery.objects.filter(pk__in=[row.pk for row in rows]).delete()
    except Exception as failure:  # a failing follower must not stop the others
        log.exception("delivery_failed", follower=head.follower, subject=head.subject)
        _record_failure(head, traceback.format_exception_only(failure)[-1])


def _lock_batch(head: Delivery) -> list[Delivery]:
    """Lock the next deliveries of a lane, oldest first; none if another worker has them."""
    head_row = Delivery.objects.select_for_update(skip_locked=True).filter(pk=head.pk)
    if not head_row.values_list("pk"):
        return []
    # After a failure one event at a time, so that the good ones before a bad one get through.
    limit = EVENTS_PER_BATCH if head.attempts == 1 else 1
    return list(_lane(head).select_related("event").order_by("id")[:limit])


def _handle(follower: str, events: list[Event]) -> None:
    import_string(follower)(events)
    if transaction.get_rollback():
        raise RuntimeError(f"{follower} rolled its transaction back without raising")


def _record_failure(head: Delivery, error: str) -> None:
    connection.close_if_unusable_or_obsolete()  # a follower may have lost it
    text = error.strip().encode(errors="replace").decode().replace("\0", "")[:MAX_ERROR_LENGTH]
    with transaction.atomic():
        # The whole lane waits with its head, so that polls skip its other rows. It then goes one by
        # one, or the rows before the bad one would be handled again and again.
        _lane(head).update(
            attempts=Greatest("attempts", 1), due_at=Greatest("due_at", Value(head.due_at))
        )
        Delivery.objects.filter(pk=head.pk).update(last_error=text)


@transaction.atomic
def retry(*, delivery: Delivery, at: datetime) -> None:
    """Deliver a waiting lane now instead of later."""
    _lane(delivery).filter(due_at__gt=at).update(due_at=at)
