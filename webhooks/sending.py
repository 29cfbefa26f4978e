"""Send what is due: in order for each subject, and without one endpoint delaying another.

A *lane* is one endpoint and one subject. Only the oldest waiting delivery of a lane is sent, so the
events of a subject arrive in their order, and what fails holds up only its own lane.
"""

from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, Value
from django.db.models.functions import Greatest
from standardwebhooks.webhooks import Webhook

from alarms.kinds import WEBHOOK_FAILING, WEBHOOK_SWITCHED_OFF
from alarms.services import close_alarm, raise_alarm
from events.services import record
from webhooks import calls, endpoints
from webhooks.calls import Answer
from webhooks.endpoints import EndpointRemoved
from webhooks.events import WEBHOOKS_ENDPOINT_FAILING
from webhooks.models import (
    FeedPosition,
    WebhookAttempt,
    WebhookDelivery,
    WebhookEndpoint,
)

MAX_IN_FLIGHT = 4  # calls of an endpoint
MAX_CALLS = 64  # in all
LEASE = timedelta(seconds=60)  # longer than a call may take
FIRST_RETRY_DELAY = timedelta(seconds=5)
MAX_RETRY_DELAY = timedelta(hours=6)
MAX_ATTEMPTS = 20
WARN_AT = (5, 10, 15)
MAX_ENDPOINT_DELAY = timedelta(minutes=5)
OFF_AFTER = timedelta(days=3)
SUCCESS_RECORDED_EVERY = timedelta(minutes=1)
OffReason = WebhookEndpoint.OffReason


class Courier:
    """Claims deliveries, calls the endpoints in threads, and records the answers."""

    def __init__(self, *, timeout: float = calls.TIMEOUT) -> None:
        self._timeout = timeout
        self._pool = ThreadPoolExecutor(MAX_CALLS, thread_name_prefix="webhook")
        self._flying: dict[Future[Answer], WebhookDelivery] = {}

    def __enter__(self) -> Courier:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(wait=True)

    @property
    def is_idle(self) -> bool:
        return not self._flying

    def send_due(self, *, at: datetime) -> int:
        """Start calls for what is due, as far as threads are free.

        :returns: the number of calls
        """
        claimed = claim(at=at, limit=MAX_CALLS - len(self._flying))
        for delivery in claimed:
            headers = signed_headers(delivery, at=at)
            call = self._pool.submit(
                calls.post,
                delivery.endpoint.url,
                bytes(delivery.message.body),
                headers,
                timeout=self._timeout,
            )
            self._flying[call] = delivery
        return len(claimed)

    def record_answers(self, *, at: datetime, wait_for: float | None = None) -> int:
        """Record the answers that have come; wait for the first one.

        :param wait_for: at most so many seconds; ``None``: as long as it takes
        :returns: the number of answers
        """
        done, _waiting = wait(self._flying, timeout=wait_for, return_when=FIRST_COMPLETED)
        for call in done:
            record_answer(self._flying.pop(call), call.result(), at=at)
        return len(done)


def take_turn(*, at: datetime) -> bool:
    """Become, or stay, the one process that sends; return whether it is.

    A turn ends by itself after ``LEASE``.
    """
    free = Q(courier_until=None) | Q(courier_until__lte=at)
    return bool(FeedPosition.objects.filter(free, pk=1).update(courier_until=at + LEASE))


def keep_turn(*, at: datetime) -> None:
    FeedPosition.objects.filter(pk=1).update(courier_until=at + LEASE)


def end_turn() -> None:
    FeedPosition.objects.filter(pk=1).update(courier_until=None)


def claim(*, at: datetime, limit: int) -> list[WebhookDelivery]:
    """Lease the heads of lanes that are due; an endpoint gets at most ``MAX_IN_FLIGHT``.

    The attempt is counted and its retry set beforehand: if this process ends, the delivery is sent
    again after its lease.
    """
    claimed: list[WebhookDelivery] = []
    due = WebhookDelivery.objects.filter(endpoint=OuterRef("pk"), delivered_at=None, due_at__lte=at)
    ready = WebhookEndpoint.objects.filter(
        Q(wait_until=None) | Q(wait_until__lte=at),
        Exists(due),
        status=WebhookEndpoint.Status.ACTIVE,
        client__revoked_at=None,
        client__switched_off_at=None,
    )
    # Those that wait longest come first, so that with few threads each gets its turn.
    waiting_longest = F("last_success_at").asc(nulls_first=True)
    for key in list(ready.order_by(waiting_longest, "pk").values_list("pk", flat=True)):
        if len(claimed) >= limit:
            break
        claimed += _claim_of(key, at=at, limit=limit - len(claimed))
    return claimed


@transaction.atomic
def _claim_of(key: int, *, at: datetime, limit: int) -> list[WebhookDelivery]:
    endpoint = (
        WebhookEndpoint.objects.filter(pk=key, status=WebhookEndpoint.Status.ACTIVE)
        .select_for_update(no_key=True, skip_locked=True)
        .first()
    )
    if endpoint is None:
        return []
    waiting = WebhookDelivery.objects.filter(endpoint=endpoint, delivered_at=None)
    # One that fails is tried with single calls, so that it holds up no threads of others.
    allowed = MAX_IN_FLIGHT if endpoint.failures < WARN_AT[0] else 1
    free = allowed - waiting.filter(leased_until__gt=at).count()
    if free <= 0:
        return []
    older = waiting.filter(subject=OuterRef("subject"), pk__lt=OuterRef("pk"))
    idle = Q(leased_until=None) | Q(leased_until__lte=at)
    heads = list(
        waiting.filter(idle, ~Exists(older), due_at__lte=at)
        .order_by("due_at", "pk")
        .select_related("message")[: min(free, limit)]
    )
    for head in heads:
        head.endpoint = endpoint
        head.attempts += 1
        head.leased_until = at + LEASE
    WebhookDelivery.objects.bulk_update(heads, ["attempts", "leased_until"])
    return heads


def signed_headers(delivery: WebhookDelivery, *, at: datetime) -> dict[str, str]:
    """Return the headers of a call, with a signature by each valid secret."""
    message, body = delivery.message, bytes(delivery.message.body).decode()
    signatures = [
        Webhook(secret).sign(message.public_id, at, body)
        for secret in delivery.endpoint.live_secrets(at)
    ]
    return {
        "Content-Type": "application/json",
        "User-Agent": "Twotier-Webhooks/1",
        "Connection": "close",
        "webhook-id": message.public_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


@transaction.atomic
def record_answer(delivery: WebhookDelivery, answer: Answer, *, at: datetime) -> None:
    """Log an answer, and set when the delivery and its endpoint are called again."""
    try:
        endpoint = endpoints.lock(delivery.endpoint)
    except EndpointRemoved:
        WebhookDelivery.objects.filter(pk=delivery.pk).delete()
        return
    WebhookAttempt.objects.create(
        delivery=delivery, at=at, status=answer.status, milliseconds=answer.milliseconds,
        error=answer.error, answer=answer.text,
    )  # fmt: skip
    if answer.error:
        _record_failure(delivery, endpoint, answer, at=at)
    else:
        _record_success(delivery, endpoint, at=at)


def _record_success(delivery: WebhookDelivery, endpoint: WebhookEndpoint, *, at: datetime) -> None:
    WebhookDelivery.objects.filter(pk=delivery.pk).update(delivered_at=at, leased_until=None)
    if endpoint.failures >= WARN_AT[0]:
        # It is back: what waits for its next attempt goes now. After fewer failures it was not
        # away, and an event that it refuses would be repeated after each success.
        WebhookDelivery.objects.filter(endpoint=endpoint, delivered_at=None, due_at__gt=at).update(
            due_at=at
        )
        close_alarm(WEBHOOK_FAILING, endpoint, at=at)
    elif not endpoint.failing_since and _is_recent(endpoint.last_success_at, at):
        return
    endpoint.last_success_at = at
    endpoint.failures, endpoint.failing_since, endpoint.wait_until = 0, None, None
    endpoint.save(update_fields=["last_success_at", "failures", "failing_since", "wait_until"])


def _is_recent(success: datetime | None, at: datetime) -> bool:
    return success is not None and at < success + SUCCESS_RECORDED_EVERY


def _record_failure(
    delivery: WebhookDelivery, endpoint: WebhookEndpoint, answer: Answer, *, at: datetime
) -> None:
    due_at = at + retry_delay(delivery.attempts)
    WebhookDelivery.objects.filter(pk=delivery.pk).update(leased_until=None)
    # The whole lane waits with its head, so that claims skip its other rows.
    WebhookDelivery.objects.filter(
        endpoint=endpoint, subject=delivery.subject, delivered_at=None
    ).update(due_at=Greatest("due_at", Value(due_at)))
    endpoint.failures += 1
    endpoint.failing_since = endpoint.failing_since or at
    if endpoint.failures >= WARN_AT[0]:
        doublings = min(endpoint.failures - WARN_AT[0], 10)
        endpoint.wait_until = at + min(FIRST_RETRY_DELAY * 2**doublings, MAX_ENDPOINT_DELAY)
    endpoint.save(update_fields=["failures", "failing_since", "wait_until"])
    if delivery.attempts >= MAX_ATTEMPTS:
        _give_up(endpoint, OffReason.ATTEMPTS, answer, at=at)
    elif at - endpoint.failing_since >= OFF_AFTER:
        _give_up(endpoint, OffReason.NO_SUCCESS, answer, at=at)
    elif endpoint.status == WebhookEndpoint.Status.ACTIVE and endpoint.failures in WARN_AT:
        record(WEBHOOKS_ENDPOINT_FAILING, endpoint, at=at, failures=endpoint.failures)
        raise_alarm(
            WEBHOOK_FAILING, endpoint, at=at, failures=endpoint.failures,
            error=answer.error, status=answer.status,
        )  # fmt: skip


def _give_up(endpoint: WebhookEndpoint, reason: OffReason, answer: Answer, *, at: datetime) -> None:
    if endpoint.status != WebhookEndpoint.Status.ACTIVE:
        return
    endpoints.switch_off(endpoint=endpoint, reason=reason, at=at)
    raise_alarm(
        WEBHOOK_SWITCHED_OFF, endpoint, at=at, reason=str(reason),
        error=answer.error, status=answer.status,
    )  # fmt: skip


def retry_delay(attempts: int) -> timedelta:
    """Return the time between an attempt and the next: 5 seconds, doubled, at most 6 hours.

    Twenty attempts take some two days.
    """
    return min(FIRST_RETRY_DELAY * (1 << min(attempts - 1, 20)), MAX_RETRY_DELAY)
