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
from ledger.services import KeyReused, Source, platform_account, transfer
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
    """One unit moves between two platform accounts; its unique key makes a repetition harmless."""
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
    found = Transfer.objects.filter(key__startswith=prefix).order_by("pk")
    return [key.removeprefix(prefix) for key in found.values_list("key", flat=True)]


def agree(subjects: Iterable[models.Model], *, at: datetime) -> None:
    for subject in subjects:
        trace(f"together:{subject.pk}:{at:%d}")


def agree_too(subjects: Iterable[models.Model], *, at: datetime) -> None:
    for subject in subjects:
        trace(f"together-too:{subject.pk}")


def fail(subjects: Iterable[models.Model], *, at: datetime) -> None:
    agree(subjects, at=at)
    raise ZeroDivisionError("a fault of the follower")


def note(facts: list[Event]) -> None:
    for fact in facts:
        trace(f"note:{fact.subject_id}:{fact.data['n']}")


def note_again(facts: list[Event]) -> None:
    for fact in facts:
        trace(f"again:{fact.subject_id}:{fact.data['n']}")


def note_unless_poison(facts: list[Event]) -> None:
    note(facts)
    if any(fact.data["n"] == "poison" for fact in facts):
        raise ValueError("indigestible")


def do_something_hostile(facts: list[Event]) -> None:
    """What the fact says; ``note`` if it says nothing."""
    deed = facts[0].data["n"]
    if deed == "fail at the commit":
        Identity.objects.create(member_id=10**9, provider="mall", external_id="nobody")
    elif deed == "raise what cannot be stored":
        raise ValueError("zero \0 and half a pair \udc80")
    elif deed == "raise what cannot be told":
        raise KeyReused  # whose message needs a key
    elif deed == "lose the connection":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    elif deed == "roll back":
        transaction.set_rollback(True)
    elif deed == "raise afterwards":
        transaction.on_commit(raise_it)
    else:
        note(facts)


def raise_it() -> None:
    raise ZeroDivisionError("too late")


def watch(facts: list[Event]) -> None:
    """Tell the test which facts came, and let it do something while they are handled."""
    watched.append([fact.data["n"] for fact in facts])
    if watchers:
        elsewhere = threading.Thread(target=watchers.pop())  # with a connection of its own
        elsewhere.start()
        elsewhere.join(30)


def let_the_second_pass(facts: list[Event]) -> None:
    """The first fact gives the second every chance to be handled before it."""
    if facts[0].data["n"] == 1:
        second_noted.wait(timeout=1)
    note(facts)
    if facts[-1].data["n"] == 2:
        transaction.on_commit(second_noted.set)


def pay_and_die_once(facts: list[Event]) -> None:
    """Pay for good, as a payment outside would be; the first time die before acknowledging it."""

    def pay() -> None:
        for fact in facts:
            trace(f"paid:{fact.pk}")
        connection.close()

    elsewhere = threading.Thread(target=pay)  # a connection of its own, which commits
    elsewhere.start()
    elsewhere.join()
    sign = Path(os.environ["TESTS_SIGN"])
    if not sign.exists():
        sign.touch()
        os.kill(os.getpid(), signal.SIGKILL)
