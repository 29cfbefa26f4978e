"""Each member of a settlement gets one event; see also ``test_member_events.py``."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from commissions.models import Commission, CreditedMember, CreditFanOut, Settlement
from events.models import Delivery
from tests.commissions.member_events import (
    RELEASED,
    deliver_all,
    events,
    settled,
    told,
)
from tests.shop import (
    DAY,
    PLACED,
    ingest,
    open_shop,
    order,
    plan,
    refund,
    rule,
    settle_all,
    with_refund,
)

pytestmark = pytest.mark.django_db
CREDITED = "commissions.credited_to_member"


def test_settlement_records_no_member_event_itself() -> None:
    settled()

    assert told(CREDITED) == []
    waiting = Delivery.objects.get(event__name="commissions.credited")
    assert waiting.follower == "commissions.services.record_member_credits"


def test_each_member_gets_one_event_with_count_and_amounts() -> None:
    settled(orders=2)

    deliver_all()

    settlement = Settlement.objects.get()
    assert sorted(told(CREDITED)) == [
        ("Lan", {"settlement": settlement.public_id, "count": 2, "amounts": {"cash": 2198}}),
        ("Mei", {"settlement": settlement.public_id, "count": 2, "amounts": {"cash": 1098}}),
    ]
    subjects = {(event.subject_kind, event.at) for event in events(CREDITED)}
    assert subjects == {("members.member", RELEASED)}
    assert CreditedMember.objects.count() == 2
    assert not CreditFanOut.objects.exists()


def test_amounts_of_different_assets_are_not_added_up() -> None:
    bo = open_shop()
    ingest(order(bo, received=True))
    plan(rule(1_000, None, asset="points"), at=PLACED + DAY)
    ingest(order(bo, number="O-2", placed_at=PLACED + DAY, received=True))
    settle_all(at=RELEASED + DAY)

    deliver_all()

    assert [data["amounts"] for name, data in told(CREDITED) if name == "Lan"] == [
        {"cash": 1099, "points": 10}
    ]


def test_a_refund_before_the_delivery_does_not_change_the_credited_amount() -> None:
    bo = settled()
    ingest(with_refund(order(bo, received=True), refund(3663)), at=RELEASED)
    assert Commission.objects.get(tier=1).current == 732

    deliver_all()

    assert [data["amounts"] for name, data in told(CREDITED) if name == "Lan"] == [{"cash": 1099}]


def test_the_database_refuses_a_second_event_of_a_member() -> None:
    settled()
    deliver_all()
    row = CreditedMember.objects.all()[0]

    with pytest.raises(IntegrityError, match="credited_member_unique_per_settlement"):
        CreditedMember.objects.create(settlement=row.settlement, member=row.member)


def test_a_credited_member_is_never_deleted() -> None:
    settled()
    deliver_all()

    with pytest.raises(IntegrityError), transaction.atomic():
        CreditedMember.objects.all().delete()

    assert CreditedMember.objects.count() == 2
