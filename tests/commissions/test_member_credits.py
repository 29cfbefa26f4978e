"""Each member of a settlement gets one event, whatever happens to the worker that records it."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from commissions.models import Commission, CreditedMember, CreditFanOut, Settlement
from commissions.services import member_credits, record_member_credits
from common import clock
from events.delivery import deliver_due
from events.models import Delivery, Event
from members.models import Member
from tests.concurrency import run_concurrently
from tests.shop import (
    DAY,
    PLACED,
    WEEK,
    ingest,
    open_shop,
    order,
    plan,
    refund,
    rule,
    settle_all,
    with_refund,
)

RELEASED = PLACED + 3 * DAY + WEEK


class Killed(BaseException):
    """Ends the worker: no handler may catch it."""


def settled(*, orders: int = 1) -> Member:
    bo = open_shop()
    ingest(*(order(bo, number=f"O-{n}", received=True) for n in range(orders)))
    settle_all(at=RELEASED)
    return bo


def credited_events() -> list[Event]:
    return list(Event.objects.filter(name="commissions.credited"))


def member_events() -> list[tuple[str, dict[str, Any]]]:
    """Nickname and data of each per-member event, in their order."""
    names = dict(Member.objects.values_list("public_id", "nickname"))
    events = Event.objects.filter(name="commissions.credited_to_member").order_by("pk")
    return [(names[event.subject_id], event.data) for event in events]


def deliver_all(*, after: timedelta = DAY) -> None:
    while deliver_due(at=clock.now() + after):
        pass


@pytest.mark.django_db
def test_settlement_records_no_member_event_itself() -> None:
    settled()

    assert member_events() == []
    waiting = Delivery.objects.get(event__name="commissions.credited")
    assert waiting.follower == "commissions.services.record_member_credits"


@pytest.mark.django_db
def test_each_member_gets_one_event_with_count_and_amounts() -> None:
    settled(orders=2)

    deliver_all()

    settlement = Settlement.objects.get()
    assert sorted(member_events()) == [
        ("Lan", {"settlement": settlement.public_id, "count": 2, "amounts": {"cash": 2198}}),
        ("Mei", {"settlement": settlement.public_id, "count": 2, "amounts": {"cash": 1098}}),
    ]
    events = Event.objects.filter(name="commissions.credited_to_member")
    assert {(event.subject_kind, event.at) for event in events} == {("members.member", RELEASED)}
    assert CreditedMember.objects.count() == 2
    assert not CreditFanOut.objects.exists()


@pytest.mark.django_db
def test_amounts_of_different_assets_are_not_added_up() -> None:
    bo = open_shop()
    ingest(order(bo, received=True))
    plan(rule(1_000, None, asset="points"), at=PLACED + DAY)
    ingest(order(bo, number="O-2", placed_at=PLACED + DAY, received=True))
    settle_all(at=RELEASED + DAY)

    deliver_all()

    assert [data["amounts"] for name, data in member_events() if name == "Lan"] == [
        {"cash": 1099, "points": 10}
    ]


@pytest.mark.django_db
def test_a_refund_before_the_delivery_does_not_change_the_credited_amount() -> None:
    bo = settled()
    snapshot = order(bo, number="O-0", received=True)
    ingest(with_refund(snapshot, refund(3663)), at=RELEASED)
    assert Commission.objects.get(tier=1).current == 732

    deliver_all()

    assert [data["amounts"] for name, data in member_events() if name == "Lan"] == [{"cash": 1099}]


@pytest.mark.django_db
def test_an_event_that_is_delivered_twice_changes_nothing() -> None:
    settled()
    record_member_credits(credited_events())
    before = member_events()

    record_member_credits(credited_events())

    assert member_events() == before
    assert CreditedMember.objects.count() == 2


@pytest.mark.django_db
def test_the_database_refuses_a_second_event_of_a_member() -> None:
    settled()
    deliver_all()
    row = CreditedMember.objects.all()[0]

    with pytest.raises(IntegrityError, match="credited_member_unique_per_settlement"):
        CreditedMember.objects.create(settlement=row.settlement, member=row.member)


@pytest.mark.django_db
def test_a_credited_member_is_never_deleted() -> None:
    settled()
    deliver_all()

    with pytest.raises(IntegrityError), transaction.atomic():
        CreditedMember.objects.all().delete()

    assert CreditedMember.objects.count() == 2


def die_at_second_member(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(member_credits, "MEMBERS_PER_SLICE", 1)
    record, calls = member_credits.record, []

    def die(*args: Any, **kwargs: Any) -> None:
        calls.append(args)
        if len(calls) == 2:
            raise Killed
        record(*args, **kwargs)

    monkeypatch.setattr(member_credits, "record", die)


def test_a_killed_worker_resumes_with_the_members_that_are_missing(
    committed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each slice commits by itself, so the second call has only the rest to do."""
    settled()
    with monkeypatch.context() as patch:
        die_at_second_member(patch)
        with pytest.raises(Killed):
            record_member_credits(credited_events())
    assert len(member_events()) == 1
    assert CreditedMember.objects.count() == 1

    record_member_credits(credited_events())

    assert sorted(name for name, _ in member_events()) == ["Lan", "Mei"]
    assert not CreditFanOut.objects.exists()


def test_a_killed_delivery_is_delivered_again(
    committed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The delivery and its rows are one transaction: the killed one leaves nothing."""
    settled()
    with monkeypatch.context() as patch:
        die_at_second_member(patch)
        with pytest.raises(Killed):
            deliver_all()
    connection.close()
    assert member_events() == []

    deliver_all(after=2 * DAY)

    assert sorted(name for name, _ in member_events()) == ["Lan", "Mei"]
    assert not Delivery.objects.exists()


def test_workers_that_deliver_at_once_record_each_member_once(committed: str) -> None:
    settled()
    follow = partial(record_member_credits, credited_events())

    run_concurrently(follow, follow, follow)
    follow()

    assert sorted(name for name, _ in member_events()) == ["Lan", "Mei"]
    assert CreditedMember.objects.count() == 2
