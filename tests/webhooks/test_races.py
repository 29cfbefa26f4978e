"""Several processes queue and claim at the same moment, while others record events."""

from __future__ import annotations

from collections import Counter

from django.db import transaction

from catalog.events import CATALOG_ON_SALE
from catalog.models import Product
from common import clock
from events.models import Event, Reference
from events.services import record
from integration.clients import create_client
from tests.cast import NOON
from tests.concurrency import run_concurrently
from webhooks import feed, sending
from webhooks.endpoints import create_endpoint
from webhooks.models import FeedPosition, WebhookDelivery
from webhooks.queueing import queue_events

SUBJECT = Product._meta.label_lower


def open_endpoint() -> None:
    client, _secret = create_client(name="mall", scopes=None, at=NOON)
    create_endpoint(client=client, url="https://shop.example.com/", by=client, at=NOON)


def record_many(writer: int) -> None:
    for number in range(40):
        with transaction.atomic():
            record(CATALOG_ON_SALE, Reference(SUBJECT, f"{writer}-{number % 8}"), at=NOON)


def test_no_event_is_missed_or_queued_twice(committed: str) -> None:
    open_endpoint()

    def queue() -> None:
        for _ in range(40):
            queue_events(at=clock.now())

    read: list[str] = []

    def follow() -> None:
        cursor = ""
        for _ in range(60):
            page = feed.read(cursor, limit=7)
            read.extend(event["id"] for event in page.events)
            cursor = page.cursor

    raised = run_concurrently(
        *(lambda writer=writer: record_many(writer) for writer in range(4)), queue, queue, follow
    )
    while queue_events(at=clock.now()):
        pass

    assert [each for each in raised if each] == []
    recorded = Event.objects.filter(name=CATALOG_ON_SALE.name).order_by("pk")
    queued = WebhookDelivery.objects.order_by("pk").values_list("message__event", flat=True)
    assert list(queued) == list(recorded.values_list("pk", flat=True))
    assert recorded.count() == 160
    everything = [event["id"] for event in feed.read("", limit=1_000).events]
    assert read == everything[: len(read)]
    assert FeedPosition.current().queued_until == recorded.last().pk


def test_claims_share_the_four_calls_of_an_endpoint(committed: str) -> None:
    open_endpoint()
    record_many(1)
    queue_events(at=NOON)

    claims = run_concurrently(*(lambda: sending.claim(at=clock.now(), limit=64) for _ in range(6)))

    claimed = [delivery for claim in claims for delivery in claim]
    assert len(claimed) == sending.MAX_IN_FLIGHT
    assert max(Counter(delivery.subject for delivery in claimed).values()) == 1


def test_one_of_many_takes_the_turn(committed: str) -> None:
    at = clock.now()

    taken = run_concurrently(*(lambda: sending.take_turn(at=at) for _ in range(6)))

    assert sorted(taken) == [False] * 5 + [True]
