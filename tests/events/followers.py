"""Flows for the tests of the outbox: followers that leave a trace in the ledger."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path

from django.db import connection, models, transaction

from events.models import Event
from ledger.chart import Kind, Reason
from ledger.models import Transfer
from ledger.services import Source, platform_account, transfer
from ledger.services.errors import KeyReused
from members.models import Identity
from tests.events.declared import declared

IN_TRANSACTION = {
    declared("test.agreed"): ["tests.events.followers.agree", "tests.events.followers.agree_too"],
    declared("test.faulty"): ["tests.events.followers.fail"],
}
AFTER_COMMIT = {
    declared("test.noted"): ["tests.events.followers.note"],
    declared("test.noted_twice"): [
        "tests.events.followers.note",
        "tests.events.followers.note_again",
    ],
    declared("test.poisoned"): ["tests.events.followers.note_unless_poison"],
    declared("test.awaited"): ["tests.events.followers.let_the_second_pass"],
    declared("test.deadly"): ["tests.events.followers.pay_and_die_once"],
    declared("test.hostile"): ["tests.events.followers.do_something_hostile"],
    declared("test.watched"): ["tests.events.followers.watch"],
}
second_noted = threading.Event()
watchers: list[Callable[[], object]] = []
watched: list[list[int]] = []


def trace(key: str) -> Transfer:
    """Move one unit between two platform accounts; the unique key makes it idempotent."""
    return transfer(
        key=key,
        debit=platform_account(Kind.BANK),
        credit=platform_account(Kind.PROVIDER_BALANCE),
        amount=1,
        reason=Reason.TREASURY,
        source=Source("test", key),
        effective_at=datetime.fromisoformat("2026-11-01T00:00:00Z"),
    )


def traces(prefix: str = "") -> list[str]:
    transfers = Transfer.objects.filter(key__startswith=prefix).order_by("pk")
    return [key.removeprefix(prefix) for key in transfers.values_list("key", flat=True)]


def agree(subjects: Iterable[models.Model], *, at: datetime) -> None:
    for subject in subjects:
        trace(f"together:{subject.pk}:{at:%d}")


def agree_too(subjects: Iterable[models.Model], *, at: datetime) -> None:
    for subject in subjects:
        trace(f"together-too:{subject.pk}")


def fail(subjects: Iterable[models.Model], *, at: datetime) -> None:
    agree(subjects, at=at)
    raise ZeroDivisionError("a fault of the follower")


def note(events: list[Event]) -> None:
    for event in events:
        trace(f"note:{event.subject_id}:{event.data['n']}")


def note_again(events: list[Event]) -> None:
    for event in events:
        trace(f"again:{event.subject_id}:{event.data['n']}")


def note_unless_poison(events: list[Event]) -> None:
    note(events)
    if any(event.data["n"] == "poison" for event in events):
        raise ValueError("indigestible")


def do_something_hostile(events: list[Event]) -> None:
    """Run the action named in the event, or else ``note``."""
    action = events[0].data["n"]
    if action == "fail at the commit":
        Identity.objects.create(member_id=10**9, provider="mall", external_id="nobody")
    elif action == "raise what cannot be stored":
        raise ValueError("zero \0 and half a pair \udc80")
    elif action == "raise an error without its data":
        raise KeyReused  # whose message needs a key
    elif action == "lose the connection":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    elif action == "roll back":
        transaction.set_rollback(True)
    elif action == "raise afterwards":
        transaction.on_commit(raise_it)
    else:
        note(events)


def raise_it() -> None:
    raise ZeroDivisionError("too late")


def watch(events: list[Event]) -> None:
    """Report the events to the test, and let it act while they are handled."""
    watched.append([event.data["n"] for event in events])
    if watchers:
        thread = threading.Thread(target=watchers.pop())  # with its own connection
        thread.start()
        thread.join(30)


def let_the_second_pass(events: list[Event]) -> None:
    """Wait during the first event, so that the second could be handled before it."""
    if events[0].data["n"] == 1:
        second_noted.wait(timeout=1)
    note(events)
    if events[-1].data["n"] == 2:
        transaction.on_commit(second_noted.set)


def pay_and_die_once(events: list[Event]) -> None:
    """Commit a payment as an external provider would; kill the process before the first reply."""

    def pay() -> None:
        for event in events:
            trace(f"paid:{event.pk}")
        connection.close()

    thread = threading.Thread(target=pay)  # its own connection, which commits
    thread.start()
    thread.join()
    sign = Path(os.environ["TESTS_SIGN"])
    if not sign.exists():
        sign.touch()
        os.kill(os.getpid(), signal.SIGKILL)
