"""Pause a client whose orders contradict what is known so often that it must be broken."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime, timedelta

import redis
import structlog
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from alarms.kinds import CLIENT_PAUSED
from alarms.services import close_alarm, raise_alarm
from api.errors import Unavailable
from api.throttling import store
from common.errors import TwotierError
from common.requirements import require_permission, require_reason
from events.services import record
from integration.events import INTEGRATION_CLIENT_PAUSED, INTEGRATION_CLIENT_RESUMED
from integration.models import ApiClient
from members.models import User
from orders.intake import (
    ImplausibleTime,
    IngestionResult,
    SnapshotConflict,
    find_contradictions,
)
from orders.models import Order
from orders.snapshots import OrderSnapshot

log = structlog.get_logger(__name__)

PERIOD = timedelta(hours=1)
MAX_PERCENT, ALWAYS_ALLOWED = 5, 19
MANAGE_PERMISSION = "integration.change_apiclient"


class ClientPaused(TwotierError):
    code = "client_paused"
    message = _(
        "This client is paused, because many of its orders contradict what is known: a time zone"
        " may be shifted. Nothing was taken in. Correct it, then have staff resume the client."
    )


class ClientNotPaused(TwotierError):
    code = "client_not_paused"
    message = _("This client is not paused. Reload the page.")


def guarded(
    client: ApiClient,
    snapshots: Sequence[OrderSnapshot],
    ingest: Callable[[], list[IngestionResult]],
    *,
    at: datetime,
) -> list[IngestionResult]:
    """Ingest a batch of a client, unless too many of its orders are in conflict.

    Above 5 % of the orders that the client sent within an hour, and at least 20, the client is
    paused. Nothing of that batch is taken in, so none of its orders is held.

    :param ingest: takes in the snapshots
    :raises ClientPaused: the client is paused, now or before
    """
    if client.paused_at:
        raise ClientPaused
    numbers = sorted({row.number for row in snapshots})
    recent = _Recent(client, numbers, at)
    # Of an order that is not known nothing can be held.
    known = Order.objects.filter(number__in=numbers).values_list("number", flat=True)
    if recent.too_many(known):
        found = {row.number for row in find_contradictions(snapshots, clock=at)}
        if recent.too_many(found):
            pause_client(
                client=client, conflicting=recent.conflicting(found), sent=recent.sent, at=at
            )
            raise ClientPaused
    results = ingest()
    recent.add({row.number for row in results if is_conflict(row.error)})
    return results


def is_conflict(error: Exception | None) -> bool:
    return isinstance(error, SnapshotConflict | ImplausibleTime)


class _Recent:
    """Counts the orders that a client sent within the period, with a batch that it sends now.

    :param numbers: those of the batch
    """

    def __init__(self, client: ApiClient, numbers: list[str], at: datetime) -> None:
        self._names, self._numbers, self._now = _names(client), numbers, at.timestamp()
        self.sent, self._conflicting, self._counted = self._read()

    def _read(self) -> tuple[int, int, set[str]]:
        """Return how many were sent and how many conflicted, and which of the batch did before."""
        if not self._numbers:
            return 0, 0, set()
        try:
            with store().pipeline() as pipe:
                for name in self._names:
                    pipe.zremrangebyscore(name, "-inf", self._now - PERIOD.total_seconds())
                    pipe.zcard(name)
                    pipe.zmscore(name, self._numbers)
                _, sent_count, sent_scores, _, conflict_count, scores = pipe.execute()
        except redis.RedisError as failure:
            log.warning("conflict_counts_unavailable", error=str(failure))
            raise Unavailable from None
        counted = {
            number for number, score in zip(self._numbers, scores, strict=True) if score is not None
        }
        return sent_count + sent_scores.count(None), conflict_count, counted

    def conflicting(self, numbers: Iterable[str]) -> int:
        """Return how many conflict if these do."""
        return self._conflicting + len(set(numbers) - self._counted)

    def too_many(self, numbers: Iterable[str]) -> bool:
        return self.conflicting(numbers) > max(ALWAYS_ALLOWED, self.sent * MAX_PERCENT / 100)

    def add(self, conflicting: Collection[str]) -> None:
        """Count the batch as sent, and these of it as conflicting."""
        try:
            with store().pipeline() as pipe:
                for name, numbers in zip(self._names, (self._numbers, conflicting), strict=True):
                    if numbers:
                        pipe.zadd(name, dict.fromkeys(numbers, self._now))
                        pipe.expire(name, int(PERIOD.total_seconds()))
                pipe.execute()
        except redis.RedisError as failure:  # the orders are taken in
            log.warning("conflict_counts_unavailable", error=str(failure))


def _names(client: ApiClient) -> tuple[str, str]:
    return f"orders_sent:{client.key}", f"orders_conflicting:{client.key}"


@transaction.atomic
def pause_client(*, client: ApiClient, conflicting: int, sent: int, at: datetime) -> None:
    """Refuse the orders of a client until a person resumes it; repeatable."""
    if not ApiClient.objects.filter(pk=client.pk, paused_at=None).update(paused_at=at):
        return
    record(INTEGRATION_CLIENT_PAUSED, client, at=at, conflicting=conflicting, sent=sent)
    raise_alarm(
        CLIENT_PAUSED, client, at=at, client=client.name, conflicting=conflicting, sent=sent
    )


@transaction.atomic
def resume_client(*, client: ApiClient, reason: str, by: User, at: datetime) -> None:
    """Take in the orders of a client again, and count its conflicts from now on.

    :raises PermissionMissing: ``by`` may not manage clients
    :raises ReasonRequired: there is no reason, or it is too long
    :raises ClientNotPaused: the client is not paused
    """
    require_permission(by, MANAGE_PERMISSION)
    reason = require_reason(reason)
    if not ApiClient.objects.filter(pk=client.pk, paused_at__isnull=False).update(paused_at=None):
        raise ClientNotPaused
    record(INTEGRATION_CLIENT_RESUMED, client, at=at, by=by, reason=reason)
    close_alarm(CLIENT_PAUSED, client, at=at)
    transaction.on_commit(lambda: store().delete(*_names(client)))
