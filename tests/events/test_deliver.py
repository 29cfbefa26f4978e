from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import transaction

from common import clock
from events import delivery, queries
from events.models import Delivery, Reference
from events.services import record
from tests.cast import NOON
from tests.events.declared import declared
from tests.events.followers import traces

A, B = Reference("test", "A"), Reference("test", "B")


@pytest.fixture(autouse=True)
def database(committed: str) -> None:
    """Commit: each delivery takes its own transaction."""


@transaction.atomic
def record_event(subject: Reference, n: object, name: str = "test.noted") -> None:
    record(declared(name, "n"), subject, at=NOON, n=n)


def deliver_all(at: datetime | None = None) -> None:
    while delivery.deliver_due(at=at or clock.now()):
        pass


def test_every_event_reaches_its_followers_once_and_in_order() -> None:
    for n in range(1, 4):
        record_event(A, n)
        record_event(B, n)

    deliver_all()
    deliver_all()

    assert traces("note:A:") == ["1", "2", "3"]
    assert traces("note:B:") == ["1", "2", "3"]
    assert not Delivery.objects.exists()


def test_a_poisoned_event_blocks_only_its_own_subject() -> None:
    for n in (1, "poison", 3):
        record_event(A, n, "test.poisoned")
    for n in (1, 2):
        record_event(B, n, "test.poisoned")
    at = clock.now()

    deliver_all(at)
    deliver_all(
        at + timedelta(seconds=6)
    )  # delivered singly, so the event before the poison succeeds
    deliver_all(at + timedelta(seconds=20))

    assert traces("note:B:") == ["1", "2"]
    assert traces("note:A:") == ["1"]
    stuck = Delivery.objects.order_by("pk").first()
    assert stuck is not None
    assert stuck.event.data == {"n": "poison"}
    assert "indigestible" in stuck.last_error


def test_the_wait_doubles_with_every_failure() -> None:
    record_event(A, "poison", "test.poisoned")
    at, waits = clock.now(), []

    for _ in range(4):
        deliver_all(at)
        row = Delivery.objects.get()
        waits.append((row.due_at - at).total_seconds())
        at = row.due_at

    assert waits == [5, 10, 20, 40]
    assert Delivery.objects.get().attempts == 4


def test_no_delivery_of_a_waiting_subject_is_due_early() -> None:
    for n in ("poison", 2, 3):
        record_event(A, n, "test.poisoned")
    at = clock.now()
    deliver_all(at)

    assert not Delivery.objects.filter(due_at__lte=at).exists()


def test_a_waiting_delivery_can_be_tried_again_now() -> None:
    record_event(A, "poison", "test.poisoned")
    at = clock.now()
    deliver_all(at)
    assert delivery.deliver_due(at=at) == 0

    delivery.retry(delivery=Delivery.objects.get(), at=at)

    assert delivery.deliver_due(at=at) == 1


def test_the_age_of_the_oldest_delivery_is_reported() -> None:
    assert queries.oldest_undelivered_age(at=clock.now()) == 0
    record_event(A, 1)

    assert queries.oldest_undelivered_age(at=clock.now() + timedelta(minutes=2)) >= 120
    deliver_all()
    assert queries.oldest_undelivered_age(at=clock.now()) == 0


@pytest.mark.parametrize(
    "action",
    [
        "fail at the commit",
        "raise what cannot be stored",
        "raise an error without its data",
        "lose the connection",
        "roll back",
    ],
)
def test_a_failing_follower_does_not_delay_other_deliveries(action: str) -> None:
    record_event(A, action, "test.hostile")
    for n in range(3):
        record_event(Reference("test", f"B{n}"), n, "test.hostile")

    assert delivery.deliver_due(at=clock.now()) == 4

    assert len(traces("note:")) == 3
    assert Delivery.objects.get().last_error


def test_a_failure_after_the_commit_is_not_retried() -> None:
    record_event(A, "raise afterwards", "test.hostile")
    deliver_all()
    assert not Delivery.objects.exists()


def test_events_before_a_failing_one_are_handled_at_most_twice() -> None:
    for n in (1, 2, 3, "poison"):
        record_event(A, n, "test.poisoned")
    at = clock.now()

    deliver_all(at)
    assert traces("note:A:") == []
    deliver_all(at + timedelta(seconds=6))

    assert traces("note:A:") == ["1", "2", "3"]


def test_no_wait_is_longer_than_an_hour() -> None:
    record_event(A, "poison", "test.poisoned")
    Delivery.objects.update(attempts=40)
    at = clock.now()
    deliver_all(at)
    assert Delivery.objects.get().due_at == at + timedelta(hours=1)


def test_a_claim_takes_the_oldest_of_a_lane_and_counts_before_it_is_tried() -> None:
    for n in (1, 2):
        record_event(A, n)
    at = clock.now()

    assert [head.event.data["n"] for head in delivery._claim(at=at)] == [1]
    assert delivery._claim(at=at) == []

    first, second = Delivery.objects.order_by("pk")
    assert (first.attempts, first.due_at) == (1, at + timedelta(seconds=5))
    assert second.attempts == 0
