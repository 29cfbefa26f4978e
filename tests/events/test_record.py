from __future__ import annotations

from typing import Any

import pytest
import structlog
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from events.declarations import EventType
from events.models import Delivery, Event, Reference
from events.services import record, record_each
from members.models import Member, User
from tests.cast import NOON
from tests.events.declared import declared
from tests.events.followers import traces


def test_an_event_records_actor_subject_time_and_request(mei: Member, qian: User) -> None:
    with structlog.contextvars.bound_contextvars(request_id="abc-123"):
        record(
            declared("test.renamed", "reason"),
            mei,
            at=NOON,
            by=qian,
            before={"nickname": "Mei"},
            after={"nickname": "May"},
            reason="asked for it",
        )

    event = Event.objects.get(name="test.renamed")
    assert event.subject == Reference("members.member", mei.public_id)
    assert (event.actor_kind, event.actor_id) == ("members.user", "qian")
    assert (event.at, event.request_id) == (NOON, "abc-123")
    assert (event.before, event.after) == ({"nickname": "Mei"}, {"nickname": "May"})
    assert event.data == {"reason": "asked for it"}
    assert not Delivery.objects.exists()


def test_each_subject_gets_an_event_and_a_batch_gets_one(mei: Member, lan: Member) -> None:
    record(declared("test.seen"), [mei, lan], at=NOON)
    record(declared("test.seen"), Member.objects.all(), at=NOON)
    record(
        declared("test.settled", "rows"), Reference("commissions.batch", "7"), at=NOON, rows=5_000
    )

    assert Event.objects.filter(name="test.seen").count() == 4
    batch = Event.objects.get(name="test.settled")
    assert batch.subject_id == "7"
    assert batch.data == {"rows": 5_000}


def test_a_savepoint_rolls_back_only_the_events_recorded_after_it(mei: Member, lan: Member) -> None:
    with transaction.atomic():
        record(declared("test.kept"), mei, at=NOON)
        savepoint = transaction.savepoint()
        record(declared("test.gone"), mei, at=NOON)
        transaction.savepoint_rollback(savepoint)
        record(declared("test.kept"), lan, at=NOON)

    events = Event.objects.filter(name__startswith="test.").order_by("pk")
    assert list(events.values_list("name", "subject_id")) == [
        ("test.kept", mei.public_id),
        ("test.kept", lan.public_id),
    ]


def test_followers_in_the_transaction_run_in_order(mei: Member, lan: Member) -> None:
    record(declared("test.agreed"), [mei, lan], at=NOON)

    assert traces() == [
        f"together:{mei.pk}:01",
        f"together:{lan.pk}:01",
        f"together-too:{mei.pk}",
        f"together-too:{lan.pk}",
    ]


def test_a_failing_follower_rolls_the_event_back(mei: Member) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        record(declared("test.faulty"), mei, at=NOON)

    assert traces() == []
    assert not Event.objects.filter(name="test.faulty").exists()


def test_each_follower_after_the_commit_gets_a_delivery(mei: Member, lan: Member) -> None:
    record(declared("test.noted_twice", "n"), [mei, lan], at=NOON, n=1)

    assert Delivery.objects.count() == 4
    assert traces() == []


def test_an_event_outside_a_transaction_is_rejected(committed: str) -> None:
    with pytest.raises(RuntimeError, match="in the transaction of its change"):
        record(declared("test.noted", "n"), Reference("test", "1"), at=NOON, n=1)

    assert not Event.objects.exists()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events_event SET name = 'other'",
        "UPDATE events_event SET actor_id = '' WHERE false",
        "DELETE FROM events_event",
        "TRUNCATE events_event CASCADE",
    ],
)
def test_events_are_append_only(mei: Member, statement: str) -> None:
    before = list(Event.objects.values())
    assert before

    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(DatabaseError) as refused, transaction.atomic():
            cursor.execute(statement)

    assert "append-only" in str(refused.value)
    assert list(Event.objects.values()) == before


@pytest.mark.parametrize(
    ("data", "words"),
    [({}, "n"), ({"n": 1, "m": 1}, "m"), ({"n": "1"}, "n as int")],
    ids=["missing", "undeclared", "of another type"],
)
def test_an_event_has_exactly_its_declared_fields(
    mei: Member, data: dict[str, Any], words: str
) -> None:
    counted = EventType("test.counted", fields={"n": int})

    with pytest.raises(RuntimeError, match=f"declares.* {words}"):
        record(counted, mei, at=NOON, **data)

    assert not Event.objects.filter(name="test.counted").exists()
    record(counted, mei, at=NOON, n=None)


def test_each_subject_may_have_data_of_its_own(mei: Member, lan: Member) -> None:
    earned = declared("test.earned", "fen")

    record_each(earned, [(mei, {"fen": 1}), (lan, {"fen": 2})], at=NOON)
    record_each(earned, [], at=NOON)

    rows = Event.objects.filter(name="test.earned").order_by("pk").values_list("subject_id", "data")
    assert list(rows) == [(mei.public_id, {"fen": 1}), (lan.public_id, {"fen": 2})]


def test_one_wrong_event_refuses_all(mei: Member, lan: Member) -> None:
    earned = declared("test.earned", "fen")

    with pytest.raises(RuntimeError, match="declares fen"):
        record_each(earned, [(mei, {"fen": 1}), (lan, {})], at=NOON)

    assert not Event.objects.filter(name="test.earned").exists()


def test_many_events_take_as_many_queries_as_one(mei: Member) -> None:
    earned = declared("test.earned", "fen")
    counts = []
    for number in (1, 50):
        with CaptureQueriesContext(connection) as queries:
            record_each(earned, [(mei, {"fen": fen}) for fen in range(number)], at=NOON)
        counts.append(len(queries))

    assert counts[0] == counts[1]
