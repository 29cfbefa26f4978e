"""Who earned by new orders gets one event for some seconds of them; no order waits for it."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from commissions.models import AnnouncedAccruals
from commissions.services import announce_accruals, member_accruals
from common import clock
from events.models import Delivery
from members.models import Member
from notices.models import Notice
from tests.api.phone import Phone
from tests.commissions.member_events import (
    HALF,
    LATER,
    RELEASED,
    Killed,
    deliver_all,
    events,
    told,
)
from tests.concurrency import run_concurrently, run_during_transaction
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

ACCRUED = "commissions.accrued_to_member"


def announce(*, at: datetime = PLACED) -> None:
    while announce_accruals(at=at):
        pass


def orders(bo: Member, count: int) -> None:
    ingest(*(order(bo, number=f"O-{n}") for n in range(1, count + 1)))


@pytest.mark.django_db
def test_each_member_gets_one_event_for_all_new_orders() -> None:
    bo = open_shop()
    ingest(order(bo, line(), line(number=2)), order(bo, number="O-2"))
    assert told(ACCRUED) == []

    announce()

    assert sorted(told(ACCRUED)) == [
        ("Lan", {"orders": 2, "count": 3, "amounts": {"cash": 3 * 1_099}}),
        ("Mei", {"orders": 2, "count": 3, "amounts": {"cash": 3 * 549}}),
    ]
    assert {event.at for event in events(ACCRUED)} == {PLACED}
    assert ACCRUED in PUBLIC


@pytest.mark.django_db
def test_a_second_run_tells_only_of_what_is_new() -> None:
    bo = open_shop()
    orders(bo, 1)
    announce()
    announce()
    assert len(told(ACCRUED)) == 2

    orders(bo, 3)
    announce()

    assert [data["orders"] for name, data in told(ACCRUED) if name == "Lan"] == [1, 2]


@pytest.mark.django_db
def test_changes_of_known_commissions_are_no_news() -> None:
    bo = open_shop()
    orders(bo, 1)
    announce()

    ingest(order(bo, received=True), at=RELEASED)
    settle_all(at=RELEASED)
    ingest(with_refund(order(bo, received=True), HALF), at=LATER)
    announce(at=LATER)

    assert len(told(ACCRUED)) == 2


@pytest.mark.django_db
def test_an_order_that_is_paid_later_is_told_when_it_is_paid() -> None:
    bo = open_shop()
    ingest(order(bo, paid=False))
    announce()
    assert told(ACCRUED) == []

    ingest(order(bo), at=PLACED + DAY)
    announce(at=PLACED + DAY)

    assert sorted(name for name, _ in told(ACCRUED)) == ["Lan", "Mei"]


@pytest.mark.django_db
def test_what_is_refunded_or_credited_meanwhile_is_not_told() -> None:
    bo = open_shop()
    ingest(
        with_refund(order(bo), refund(10_990, quantity=1)),
        order(bo, number="O-2", received=True),
        at=RELEASED,
    )
    settle_all(at=RELEASED)

    announce(at=RELEASED)

    assert told(ACCRUED) == []


@pytest.mark.django_db
def test_the_past_that_an_import_repeats_is_told_to_nobody() -> None:
    orders(open_shop(), 1)

    announce(at=PLACED + DAY)
    announce(at=PLACED)

    assert told(ACCRUED) == []


@pytest.mark.django_db
def test_amounts_of_different_assets_are_not_added_up() -> None:
    bo = open_shop()
    ingest(order(bo))
    plan(rule(1_000, None, asset="points"), at=PLACED + DAY)
    ingest(order(bo, number="O-2", placed_at=PLACED + DAY))

    announce()

    assert dict(told(ACCRUED))["Lan"]["amounts"] == {"cash": 1_099, "points": 10}


@pytest.mark.django_db
def test_the_notice_names_the_amount_and_opens_the_commissions() -> None:
    orders(open_shop(), 1)
    announce()
    deliver_all()

    lan = Member.objects.get(nickname="Lan")
    rows = Phone(lan).get("/notices").json()["results"]
    (notice,) = (row for row in rows if row["kind"] == "accrued")
    assert "10.99" in notice["body"]
    assert notice["target"] == {"kind": "commissions", "id": ""}
    assert Notice.objects.filter(kind="accrued").count() == 2


@pytest.mark.django_db
def test_slices_follow_each_other_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(member_accruals, "COMMISSIONS_PER_SLICE", 2)
    bo = open_shop()
    for number in range(1, 4):
        ingest(order(bo, number=f"O-{number}"))

    sizes = []
    while read := announce_accruals(at=PLACED):
        sizes.append(read)

    assert sizes == [1, 1, 1]
    assert [data["orders"] for name, data in told(ACCRUED) if name == "Lan"] == [1, 1, 1]


@pytest.mark.django_db
def test_the_queries_do_not_grow_with_commissions_and_members() -> None:
    bo, lan = open_shop(), Member.objects.get(nickname="Lan")
    counts = []
    for first, buyers in ((1, [bo]), (10, [bo, lan] * 10)):
        ingest(*(order(who, number=f"O-{first + n}") for n, who in enumerate(buyers)))
        with CaptureQueriesContext(connection) as queries:
            assert announce_accruals(at=PLACED)
        counts.append(len(queries))

    assert counts[0] == counts[1]


@pytest.mark.django_db
def test_orders_do_nothing_for_it() -> None:
    bo = open_shop()
    with CaptureQueriesContext(connection) as queries:
        orders(bo, 2)

    assert not [row for row in queries if "announcedaccruals" in row["sql"]]
    assert not Delivery.objects.filter(event__name=ACCRUED).exists()


def test_a_killed_worker_has_recorded_nothing_and_the_next_records_all(
    committed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders(open_shop(), 1)
    place = AnnouncedAccruals.current().at

    def die(*_args: object, **_kwargs: object) -> None:
        record(*_args, **_kwargs)  # type: ignore[arg-type]
        raise Killed

    record = member_accruals.record_each
    with monkeypatch.context() as patch:
        patch.setattr(member_accruals, "record_each", die)
        with pytest.raises(Killed):
            announce()
    assert (told(ACCRUED), AnnouncedAccruals.current().at) == ([], place)

    announce()

    assert sorted(name for name, _ in told(ACCRUED)) == ["Lan", "Mei"]


def test_workers_that_announce_at_once_tell_everybody_once(committed: str) -> None:
    orders(open_shop(), 3)

    run_concurrently(announce, announce, announce)
    announce()

    assert sorted((name, data["orders"]) for name, data in told(ACCRUED)) == [
        ("Lan", 3), ("Mei", 3),
    ]  # fmt: skip


def told_of_an_order_that_commits_late() -> int:
    """Return how many orders Mei hears of, where the earlier of two commits late."""
    bo = open_shop()
    lan = Member.objects.get(nickname="Lan")

    def later() -> None:
        ingest(order(lan, number="O-2"))
        announce()

    assert not [end for end in run_during_transaction(lambda: ingest(order(bo)), later)[1:] if end]
    announce()
    return sum(data["orders"] for name, data in told(ACCRUED) if name == "Mei")


def test_an_order_that_commits_late_is_told(committed: str) -> None:
    assert told_of_an_order_that_commits_late() == 2


def test_control_without_waiting_it_is_missed(
    committed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(member_accruals, "settled_until", clock.now)

    assert told_of_an_order_that_commits_late() == 1
