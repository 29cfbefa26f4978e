"""Each clawback is one event of its member; see also ``test_member_events.py``."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from commissions.models import AnnouncedClawback
from events.models import Event
from members.models import Member
from tests.commissions.member_events import (
    HALF,
    LATER,
    RELEASED,
    deliver_all,
    events,
    settled,
    tell,
    told,
)
from tests.ledger.money import spend
from tests.shop import (
    DAY,
    PLACED,
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

pytestmark = pytest.mark.django_db
CLAWED_BACK = "commissions.clawed_back_from_member"


def test_each_member_gets_one_event_with_a_negative_amount() -> None:
    tell(settled(), HALF)
    assert told(CLAWED_BACK) == []

    deliver_all()

    assert sorted(told(CLAWED_BACK)) == [
        ("Lan", {"commission": "O-1-1-1", "refund": "R-1", "amounts": {"cash": -550}, "owed": 0}),
        ("Mei", {"commission": "O-1-1-2", "refund": "R-1", "amounts": {"cash": -275}, "owed": 0}),
    ]
    subjects = {(event.subject_kind, event.at) for event in events(CLAWED_BACK)}
    assert subjects == {("members.member", LATER)}


def test_what_the_wallet_lacks_is_owed() -> None:
    bo = settled()
    spend(Member.objects.get(nickname="Lan"), 1_000, "out")
    tell(bo, HALF)

    deliver_all()

    assert {name: data["owed"] for name, data in told(CLAWED_BACK)} == {"Lan": 451, "Mei": 0}


def test_points_are_taken_back_as_points() -> None:
    bo = open_shop()
    plan(rule(1_000, None, asset="points"), at=PLACED + DAY)
    sold = order(bo, line(quantity=2), placed_at=PLACED + DAY, received=True)
    ingest(sold)
    settle_all(at=LATER)
    ingest(with_refund(sold, refund(10_990, quantity=1, at=LATER)), at=LATER)

    deliver_all()

    assert [data["amounts"] for _, data in told(CLAWED_BACK)] == [{"points": -11}]


def test_each_refund_is_an_event_of_its_own_and_a_growth_is_none() -> None:
    bo = settled()
    tell(bo, HALF)
    tell(bo, HALF, refund(1_099, number="R-2", at=RELEASED))

    deliver_all()

    assert [
        (data["refund"], data["amounts"]["cash"])
        for name, data in told(CLAWED_BACK)
        if name == "Lan"
    ] == [("R-1", -550), ("R-2", -110)]


def test_a_refund_before_the_credit_is_no_clawback() -> None:
    bo = open_shop()
    ingest(with_refund(order(bo), refund(5_495)))

    deliver_all()

    assert events("commissions.clawed_back") == told(CLAWED_BACK) == []


def test_others_read_it_as_a_public_event() -> None:
    tell(settled(), HALF)
    deliver_all()
    event = Event.objects.filter(name=CLAWED_BACK).latest("pk")
    event.sequence = 1  # type: ignore[attr-defined]

    message = as_message(event)

    assert event.name in PUBLIC
    assert message["subject"]["type"] == "members.member"
    assert message["data"]["amounts"]["cash"] < 0


def test_the_database_refuses_a_second_event_and_keeps_the_first() -> None:
    tell(settled(), HALF)
    deliver_all()
    row = AnnouncedClawback.objects.all()[0]

    with pytest.raises(IntegrityError), transaction.atomic():
        AnnouncedClawback.objects.create(change=row.change)
    with pytest.raises(IntegrityError), transaction.atomic():
        AnnouncedClawback.objects.all().delete()
