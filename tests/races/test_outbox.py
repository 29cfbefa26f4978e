"""Events of a subject are delivered in order; the controls show how they would be swapped."""

from __future__ import annotations

import threading
from functools import partial

import pytest
from django.db import transaction
from django.utils.module_loading import import_string
from pytest_django import Settings

from common import clock
from events import delivery
from events.models import Delivery, Event, Reference
from events.services import record
from tests.cast import NOON
from tests.concurrency import run_concurrently, run_during_transaction
from tests.events import followers
from tests.events.declared import declared
from tests.events.followers import traces

A = Reference("test", "A")


@pytest.fixture(autouse=True)
def flows(committed: str, settings: Settings) -> None:
    settings.FLOWS = "tests.events.followers"
    followers.second_noted.clear()
    followers.watched.clear()
    followers.watchers.clear()


@transaction.atomic
def record_event(n: int, name: str = "test.noted") -> None:
    record(declared(name, "n"), A, at=NOON, n=n)


def work() -> None:
    """Process deliveries once, as a worker."""
    while delivery.deliver_due(at=clock.now()):
        pass


def test_two_workers_never_swap_events_of_a_subject() -> None:
    for n in (1, 2):
        record_event(n, "test.awaited")
        Delivery.objects.update(attempts=1)  # leave the second event free

    run_concurrently(work, work)
    work()

    assert traces("note:A:") == ["1", "2"]


def test_control_workers_that_claim_any_row_swap_events() -> None:
    for n in (1, 2):
        record_event(n, "test.awaited")

    @transaction.atomic
    def take_any() -> None:
        row = Delivery.objects.order_by("id").select_for_update(skip_locked=True).first()
        assert row
        import_string(row.follower)([row.event])
        row.delete()

    run_concurrently(take_any, take_any)

    assert traces("note:A:") == ["2", "1"]


def test_a_subject_in_progress_is_not_claimed_by_another_worker() -> None:
    for n in (1, 2):
        record_event(n, "test.watched")
    Delivery.objects.update(attempts=1)
    followers.watchers.append(work)

    work()

    assert followers.watched == [[1], [2]]


def test_an_event_claimed_by_two_workers_is_handled_once() -> None:
    record_event(1, "test.watched")
    (head,) = delivery._claim(at=clock.now())
    followers.watchers.append(partial(delivery._deliver, head))

    delivery._deliver(head)

    assert followers.watched == [[1]]


def test_a_claim_waits_for_another_and_takes_the_rest() -> None:
    with transaction.atomic():
        record(declared("test.noted", "n"), [Reference("test", s) for s in "ABC"], at=NOON, n=1)
    claim = partial(delivery._claim, at=clock.now())

    first, second = run_during_transaction(claim, claim)

    assert (len(first), second) == (3, [])


def test_many_workers_deliver_every_event_once_and_in_order() -> None:
    with transaction.atomic():
        for n in range(100):
            record(
                declared("test.noted", "n"),
                [Reference("test", s) for s in "ABC"],
                at=NOON,
                n=f"{n:03}",
            )

    run_concurrently(work, work, work)

    for subject in "ABC":
        assert traces(f"note:{subject}:") == [f"{n:03}" for n in range(100)]


def record_both_ways_round(record: object) -> None:
    """Record the first event first, in a transaction that would commit last."""
    first_recorded, second_done = threading.Event(), threading.Event()

    def first() -> None:
        with transaction.atomic():
            record(1)  # type: ignore[operator]
            first_recorded.set()
            second_done.wait(timeout=1)

    def second() -> None:
        assert first_recorded.wait(30)
        with transaction.atomic():
            record(2)  # type: ignore[operator]
        work()
        second_done.set()

    assert run_concurrently(first, second) == [None, None]
    work()


def test_the_later_of_two_open_transactions_waits_for_the_earlier() -> None:
    record_both_ways_round(partial(record_event))

    assert traces("note:A:") == ["1", "2"]


def test_control_without_a_lock_the_later_event_is_delivered_first() -> None:
    def record(n: int) -> None:
        event = Event.objects.create(
            name="test.noted", subject_kind="test", subject_id="A", at=NOON, data={"n": n}
        )
        Delivery.objects.create(event=event, follower="tests.events.followers.note", subject=str(A))

    record_both_ways_round(record)

    assert traces("note:A:") == ["2", "1"]
