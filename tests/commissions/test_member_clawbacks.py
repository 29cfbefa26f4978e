"""Each clawback is one event of its member, whatever happens to the worker that records it."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from commissions.models import AnnouncedClawback
from commissions.services import member_clawbacks, record_member_clawbacks
from common import clock
from events.delivery import deliver_due
from events.models import Delivery, Event
from members.models import Member
from orders.snapshots import RefundSnapshot
from tests.concurrency import run_concurrently
from tests.ledger.money import spend
from tests.shop import (
    DAY,
    PLACED,
    WEEK,
    ingest,
    line,
    open_shop,
    order,
    plan,
    refund,
    rule,
    settle_all,
    with_refund,
)
from webhooks.catalogue import PUBLIC
from webhooks.messages import as_message

RELEASED = PLACED + 3 * DAY + WEEK
LATER = RELEASED + DAY
HALF = refund(5_495, at=RELEASED)


class Killed(BaseException):
    """Ends the worker: no handler may catch it."""


def settled() -> Member:
    """Return Bo, whose mask has credited Lan 10.99 and Mei 5.49."""
    bo = open_shop()
    ingest(order(bo, received=True))
    settle_all(at=RELEASED)
    return bo


def tell(bo: Member, *refunds: RefundSnapshot) -> None:
    ingest(with_refund(order(bo, received=True), *refunds), at=LATER)


def clawed_back_events() -> list[Event]:
    return list(Event.objects.filter(name="commissions.clawed_back").order_by("pk"))


def member_events() -> list[tuple[str, dict[str, Any]]]:
    """Nickname and data of each per-member event, in their order."""
    names = dict(Member.objects.values_list("public_id", "nickname"))
    events = Event.objects.filter(name="commissions.clawed_back_from_member").order_by("pk")
    return [(names[event.subject_id], event.data) for event in events]


def names() -> list[str]:
    return sorted(name for name, _ in member_events())


def deliver_all(*, after: timedelta = DAY) -> None:
    while deliver_due(at=clock.now() + after):
        pass


@pytest.mark.django_db
def test_each_member_gets_one_event_with_a_negative_amount() -> None:
    tell(settled(), HALF)
    assert member_events() == []

    deliver_all()

    assert sorted(member_events()) == [
        ("Lan", {"commission": "O-1-1-1", "refund": "R-1", "amounts": {"cash": -550}, "owed": 0}),
        ("Mei", {"commission": "O-1-1-2", "refund": "R-1", "amounts": {"cash": -275}, "owed": 0}),
    ]
    events = Event.objects.filter(name="commissions.clawed_back_from_member")
    assert {(event.subject_kind, event.at) for event in events} == {("members.member", LATER)}


@pytest.mark.django_db
def test_what_the_wallet_lacks_is_owed() -> None:
    bo = settled()
    spend(Member.objects.get(nickname="Lan"), 1_000, "out")
    tell(bo, HALF)

    deliver_all()

    assert {name: data["owed"] for name, data in member_events()} == {"Lan": 451, "Mei": 0}


@pytest.mark.django_db
def test_points_are_taken_back_as_points() -> None:
    bo = open_shop()
    plan(rule(1_000, None, asset="points"), at=PLACED + DAY)
    told = order(bo, line(quantity=2), placed_at=PLACED + DAY, received=True)
    ingest(told)
    settle_all(at=LATER)
    ingest(with_refund(told, refund(10_990, quantity=1, at=LATER)), at=LATER)

    deliver_all()

    assert [data["amounts"] for _, data in member_events()] == [{"points": -11}]


@pytest.mark.django_db
def test_each_refund_is_an_event_of_its_own_and_a_growth_is_none() -> None:
    bo = settled()
    tell(bo, HALF)
    tell(bo, HALF, refund(1_099, number="R-2", at=RELEASED))

    deliver_all()

    assert [
        (data["refund"], data["amounts"]["cash"]) for name, data in member_events() if name == "Lan"
    ] == [("R-1", -550), ("R-2", -110)]


@pytest.mark.django_db
def test_a_refund_before_the_credit_is_no_clawback() -> None:
    bo = open_shop()
    ingest(with_refund(order(bo), refund(5_495)))

    deliver_all()

    assert clawed_back_events() == member_events() == []


@pytest.mark.django_db
def test_others_read_it_as_a_public_event() -> None:
    tell(settled(), HALF)
    deliver_all()
    event = Event.objects.filter(name="commissions.clawed_back_from_member").latest("pk")
    event.sequence = 1  # type: ignore[attr-defined]

    message = as_message(event)

    assert event.name in PUBLIC
    assert message["subject"]["type"] == "members.member"
    assert message["data"]["amounts"]["cash"] < 0


@pytest.mark.django_db
def test_an_event_that_is_delivered_twice_changes_nothing() -> None:
    tell(settled(), HALF)
    record_member_clawbacks(clawed_back_events())
    before = member_events()

    record_member_clawbacks(clawed_back_events())

    assert member_events() == before
    assert AnnouncedClawback.objects.count() == 2


@pytest.mark.django_db
def test_the_database_refuses_a_second_event_and_keeps_the_first() -> None:
    tell(settled(), HALF)
    deliver_all()
    row = AnnouncedClawback.objects.all()[0]

    with pytest.raises(IntegrityError), transaction.atomic():
        AnnouncedClawback.objects.create(change=row.change)
    with pytest.raises(IntegrityError), transaction.atomic():
        AnnouncedClawback.objects.all().delete()


def die_at_second_clawback(monkeypatch: pytest.MonkeyPatch) -> None:
    record, calls = member_clawbacks.record, []

    def die(*args: Any, **kwargs: Any) -> None:
        calls.append(args)
        if len(calls) == 2:
            raise Killed
        record(*args, **kwargs)

    monkeypatch.setattr(member_clawbacks, "record", die)


def test_a_killed_worker_resumes_with_the_members_that_are_missing(
    committed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each clawback commits by itself, so the second call has only the rest to do."""
    tell(settled(), HALF)
    with monkeypatch.context() as patch:
        die_at_second_clawback(patch)
        with pytest.raises(Killed):
            record_member_clawbacks(clawed_back_events())
    assert len(member_events()) == AnnouncedClawback.objects.count() == 1

    record_member_clawbacks(clawed_back_events())

    assert names() == ["Lan", "Mei"]


def test_a_killed_delivery_is_delivered_again(
    committed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(settled(), HALF)
    with monkeypatch.context() as patch:
        die_at_second_clawback(patch)
        with pytest.raises(Killed):
            deliver_all()
    connection.close()

    deliver_all(after=2 * DAY)

    assert names() == ["Lan", "Mei"]
    assert not Delivery.objects.exists()


def test_workers_that_deliver_at_once_record_each_member_once(committed: str) -> None:
    tell(settled(), HALF)
    follow = partial(record_member_clawbacks, clawed_back_events())

    run_concurrently(follow, follow, follow)
    follow()

    assert names() == ["Lan", "Mei"]
    assert AnnouncedClawback.objects.count() == 2
