"""A refused report of a known order is filed, and holds its money until its source corrects it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from alarms.models import Alarm
from commissions.models import CommissionHold
from events.models import Event
from members.models import Member
from orders.handlers import alarm_conflicts
from orders.intake import find_contradictions, ingest_orders
from orders.models import Order, OrderConflict
from orders.queries import count_open_conflicts
from orders.services import alarm_waiting_orders, complete
from orders.snapshots import OrderSnapshot
from tests.cast import CLOCK
from tests.shop import (
    DAY,
    PLACED,
    commissions,
    ingest,
    line,
    open_shop,
    order,
    refund,
    settle_all,
    with_refund,
)

pytestmark = pytest.mark.django_db

LATER = PLACED + 60 * DAY
SWAPPED = datetime(2026, 5, 11, tzinfo=UTC)
CHEAPER = line(price=9_990)


@pytest.fixture
def bo(db: None) -> Member:
    return open_shop()


def report(snapshot: OrderSnapshot, *, source: str = "mall", at: datetime = PLACED) -> str:
    """Return the code of the refusal, or an empty text."""
    (result,) = ingest_orders([snapshot], at=at, clock=CLOCK, source=source)
    return result.error.code if result.error else ""


def conflicts() -> list[tuple[str, str, str, str]]:
    rows = OrderConflict.objects.order_by("pk")
    return list(rows.values_list("field", "known", "given", "status"))


def held() -> list[str]:
    return list(CommissionHold.objects.order_by("pk").values_list("reason", flat=True))


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"lines": (CHEAPER,)}, ("lines[1].unit_price", "109.90", "99.90")),
        ({"lines": (line(quantity=2),)}, ("lines[1].quantity", "1", "2")),
        ({"buyer": "chen"}, ("buyer", "bo", "chen")),
        (
            {"placed_at": PLACED + DAY / 24},
            ("placed_at", "2026-11-02T12:00:00+08:00", "2026-11-02T13:00:00+08:00"),
        ),
        (
            {"received_at": PLACED + 5 * DAY},
            ("received_at", "2026-11-05T12:00:00+08:00", "2026-11-07T12:00:00+08:00"),
        ),
        (
            {"received_at": SWAPPED},
            ("received_at", "2026-11-05T12:00:00+08:00", "2026-05-11T08:00:00+08:00"),
        ),
        ({"shipped_at": SWAPPED}, ("shipped_at", "", "2026-05-11T08:00:00+08:00")),
        (
            {"refunds": (refund(0, freight=999_900),)},
            ("refunds[R-1].freight", "8.00", "9999.00"),
        ),
        ({"refunds": (refund(99_999),)}, ("refunds[R-1].amount", "235.80", "999.99")),
        (
            {"refunds": (refund(100, at=SWAPPED, done=False),)},
            ("refunds[R-1].requested_at", "", "2026-05-11T08:00:00+08:00"),
        ),
    ],
)
def test_a_refused_report_holds_the_order(
    bo: Member, told: dict[str, Any], expected: tuple[str, str, str]
) -> None:
    known = order(bo, line(shipping=800), received=True)
    ingest(known)
    if "lines" in told:
        told = {"lines": tuple(replace(row, shipping=800) for row in told["lines"])}

    assert report(replace(known, **told)) in ("snapshot_conflict", "implausible_time")

    assert (*expected, "open") in conflicts()
    assert held() == ["conflict", "conflict"]
    assert settle_all(at=LATER) == 0
    assert complete(at=LATER) == 0
    assert [row[4:] for row in commissions()] == [(1_099, "protected"), (549, "protected")]


def test_the_source_ends_it_by_reporting_the_known_value(bo: Member) -> None:
    ingest(order(bo, received=True))
    report(order(bo, CHEAPER, received=True))

    assert report(order(bo, received=True), source="other mall") == ""
    assert held() == ["conflict", "conflict"]

    assert report(order(bo, received=True), at=PLACED + DAY) == ""
    assert conflicts() == [("lines[1].unit_price", "109.90", "99.90", "resolved")]
    assert held() == []
    assert settle_all(at=LATER) == 2


def test_a_report_about_something_else_does_not_end_it(bo: Member) -> None:
    ingest(order(bo, received=True))
    report(order(bo, received_at=SWAPPED))

    assert report(order(bo)) == ""

    assert held() == ["conflict", "conflict"]


def test_a_correct_time_ends_the_conflict_about_an_implausible_one(bo: Member) -> None:
    ingest(order(bo))
    assert report(order(bo, received_at=SWAPPED)) == "implausible_time"
    assert held() == ["conflict", "conflict"]  # although they are pending

    assert report(order(bo, received=True)) == ""

    assert held() == []
    assert settle_all(at=LATER) == 2


def test_a_corrected_refund_ends_its_conflict(bo: Member) -> None:
    known = order(bo, line(shipping=800), received=True)
    ingest(known)
    report(with_refund(known, refund(10_990, quantity=1, freight=999_900)))

    report(with_refund(known, refund(10_990, quantity=1, freight=800)))

    assert [row[3] for row in conflicts()] == ["resolved", "resolved"]
    assert held() == []
    assert [row[4] for row in commissions()] == [0, 0]


def test_a_repetition_only_raises_last_seen(bo: Member) -> None:
    ingest(order(bo, received=True))
    report(order(bo, CHEAPER))
    report(order(bo, CHEAPER), at=PLACED + DAY)

    row = OrderConflict.objects.get()
    assert (row.first_seen, row.last_seen) == (PLACED, PLACED + DAY)
    assert Event.objects.filter(name="orders.conflict_filed").count() == 1


def test_each_source_has_a_conflict_of_its_own(bo: Member) -> None:
    ingest(order(bo, received=True))
    report(order(bo, CHEAPER), source="mall")
    report(order(bo, CHEAPER), source="import")
    report(order(bo), source="import")

    assert [row[3] for row in conflicts()] == ["open", "resolved"]
    assert held() == ["conflict", "conflict"]


def test_a_resolved_conflict_opens_again(bo: Member) -> None:
    ingest(order(bo, received=True))
    report(order(bo, CHEAPER))
    report(order(bo))
    report(order(bo, line(price=8_990)))

    assert conflicts() == [("lines[1].unit_price", "109.90", "89.90", "open")]
    assert held() == ["conflict", "conflict"]


def test_one_report_may_end_a_conflict_and_open_another(bo: Member) -> None:
    ingest(order(bo, received=True))
    report(order(bo, CHEAPER))
    report(order(bo, line(quantity=2)))

    assert [(row[0], row[3]) for row in conflicts()] == [
        ("lines[1].unit_price", "resolved"),
        ("lines[1].quantity", "open"),
    ]
    assert held() == ["conflict", "conflict"]


def test_an_unknown_order_is_listed_and_holds_nothing(bo: Member) -> None:
    assert report(order(bo, received_at=SWAPPED)) == "implausible_time"

    row = OrderConflict.objects.get()
    assert (row.number, row.order, row.known) == ("O-1", None, "")
    alarm_waiting_orders(at=PLACED)
    assert Alarm.objects.unclosed().get().kind == "order_conflicts"
    report(order(bo, received=True), source="other mall")
    assert (held(), settle_all(at=LATER)) == ([], 2)


def test_an_unknown_order_holds_once_it_is_known(bo: Member) -> None:
    report(order(bo, received_at=SWAPPED))
    report(order(bo), source="other mall")
    report(order(bo, received_at=SWAPPED))

    assert OrderConflict.objects.get().order == Order.objects.get()
    assert held() == ["conflict", "conflict"]


def test_an_unknown_order_reported_right_ends_its_conflict(bo: Member) -> None:
    report(order(bo, received_at=SWAPPED))
    report(order(bo, received=True))

    assert [row[3] for row in conflicts()] == ["resolved"]


@pytest.mark.parametrize(
    "told",
    [
        {"lines": ()},
        {"lines": (line(price=-1),)},
        {"buyer": ""},
        {"refunds": (refund(0),)},
        {"received_at": datetime(2026, 11, 5)},  # noqa: DTZ001 - without an offset
    ],
)
def test_malformed_input_is_not_kept(bo: Member, told: dict[str, Any]) -> None:
    ingest(order(bo, received=True))

    assert report(replace(order(bo), **told)) == "invalid_order"

    assert (conflicts(), held()) == ([], [])


def test_a_rehearsal_files_nothing(bo: Member) -> None:
    ingest(order(bo, received=True))
    wrong = order(bo, CHEAPER)

    (found,) = find_contradictions([wrong], clock=CLOCK)
    with transaction.atomic():
        report(wrong)
        transaction.set_rollback(True)

    assert (found.field, found.known, found.given) == ("lines[1].unit_price", "109.90", "99.90")
    assert (conflicts(), held()) == ([], [])


def test_the_other_orders_of_a_batch_are_taken_in(bo: Member) -> None:
    ingest(order(bo, received=True))

    results = ingest_orders(
        [order(bo, CHEAPER), order(bo, number="O-2", received=True)], at=PLACED, clock=CLOCK
    )

    assert [(row.number, row.changed, bool(row.error)) for row in results] == [
        ("O-1", False, True),
        ("O-2", True, False),
    ]
    assert settle_all(at=LATER) == 2
    assert [row[5] for row in commissions("O-1")] == ["protected", "protected"]


def test_what_is_credited_stays_credited(bo: Member) -> None:
    ingest(order(bo, received=True))
    assert settle_all(at=LATER) == 2

    report(order(bo, CHEAPER))

    assert [row[3] for row in conflicts()] == ["open"]
    assert held() == []
    assert [row[5] for row in commissions()] == ["credited", "credited"]


def test_one_alarm_for_each_source(bo: Member) -> None:
    ingest(order(bo, received=True), order(bo, number="O-2", received=True))
    for number in ("O-1", "O-2"):
        report(order(bo, CHEAPER, number=number))
    report(order(bo, CHEAPER), source="import")

    alarm_conflicts(list(Event.objects.filter(name="orders.conflict_filed")))

    alarms = Alarm.objects.unclosed().order_by("subject_id")
    assert list(alarms.values_list("kind", "subject_id", "detail")) == [
        ("order_conflicts", "import", {"count": 1}),
        ("order_conflicts", "mall", {"count": 2}),
    ]
    assert count_open_conflicts() == 3

    report(order(bo), source="import")
    alarm_conflicts(list(Event.objects.filter(name="orders.conflict_resolved")))
    assert [row.subject_id for row in Alarm.objects.unclosed()] == ["mall"]


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"given": "1.00"}, "order_conflict_fixed_once_decided"),
        ({"status": "resolved"}, "order_conflict_status_transitions"),
        ({"reason": ""}, "order_conflict_fixed_once_decided"),
    ],
)
def test_a_decision_stays_in_the_database(
    bo: Member, qian: Any, change: dict[str, Any], constraint: str
) -> None:
    ingest(order(bo, received=True))
    report(order(bo, CHEAPER))
    OrderConflict.objects.update(
        status="dismissed", reason="asked the mall", decided_by=qian, ended_at=PLACED
    )

    with pytest.raises(DatabaseError) as refusal, transaction.atomic():
        OrderConflict.objects.update(**change)

    assert refusal.value.__cause__.diag.constraint_name == constraint


def test_the_database_changes_no_time_without_an_amendment(bo: Member) -> None:
    ingest(order(bo, received=True))

    for change in (
        {"paid_at": PLACED + DAY},
        {"received_at": None, "release_at": None, "protection_days": None},
        {"release_at": PLACED},
    ):
        with pytest.raises(DatabaseError) as refusal, transaction.atomic():
            Order.objects.update(**change)
        assert refusal.value.__cause__.diag.constraint_name == "order_time_set_once"
