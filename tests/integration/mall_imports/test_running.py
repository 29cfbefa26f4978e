"""A colleague starts an import; a worker imports it turn by turn, exactly once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from commissions.models import Commission, Plan
from common.errors import PermissionMissing
from common.status import WrongStatus
from distribution.models import Binding
from events.models import Event
from integration.mall_imports import claims, running
from integration.mall_imports.preparing import add_files, ask_check, discard
from integration.mall_imports.running import (
    AnotherMallImportRuns,
    MallImportChanged,
    start,
    stop,
)
from integration.models import MallImport
from integration.tasks import work_on_mall_imports
from members.models import Member, User
from members.reviews import ReviewTooEarly
from orders.models import Order, OrderConflict
from tests.cast import CLOCK, give, link, member, staff
from tests.integration.files import FILES
from tests.integration.mall_imports.malls import (
    changed,
    checked,
    prepared,
    preparer,
    started,
    starter,
    uploads,
    work,
)

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def finished(row: MallImport) -> MallImport:
    while row.status == "running":
        work(row)
    return row


def test_an_import_runs_to_its_end() -> None:
    row = finished(started())

    assert (row.status, row.events_done, row.percent) == ("done", 8, 100)
    assert row.finished_at == CLOCK
    assert row.goods == {
        "goods": 1, "goods_changed": 0, "categories": 2, "categories_changed": 0,
    }  # fmt: skip
    assert (Member.objects.count(), Order.objects.count(), Binding.objects.count()) == (3, 1, 2)
    assert Commission.objects.count() == 2
    names = list(
        Event.objects.filter(name__startswith="integration.import_")
        .order_by("pk")
        .values_list("name", flat=True)
    )
    assert names == [f"integration.import_{step}" for step in ("checked", "started", "finished")]


def test_the_rules_become_a_plan_of_two_people() -> None:
    row = finished(started())

    plan = Plan.objects.get()
    assert (plan.name, plan.status, plan.editors) == (row.name, "published", [row.by_id])
    assert plan.published_by_id == row.starter_id


def test_it_goes_on_turn_by_turn_from_the_last_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("integration.mall.history.EVENTS_PER_BATCH", 2)
    row = started()

    steps = []
    while row.status == "running":
        work(row, seconds=0)
        steps.append(row.events_done)

    assert (row.status, Order.objects.count()) == ("done", 1)
    assert steps == sorted(steps)
    assert len(steps) > 2


def test_the_same_files_again_change_nothing() -> None:
    finished(started())
    before = [Member.objects.count(), Order.objects.count(), Commission.objects.count()]
    row = finished(started())

    assert row.status == "done"
    assert [Member.objects.count(), Order.objects.count(), Commission.objects.count()] == before
    assert Plan.objects.count() == 1


def test_two_accounts_of_one_person_are_one_person() -> None:
    mei = member("Mei")
    qian, feng = preparer(), starter()
    link(qian, mei)
    row = checked(by=qian)
    with pytest.raises(IntegrityError, match="mallimport_four_eyes"), transaction.atomic():
        MallImport.objects.filter(pk=row.pk).update(
            starter=feng, starter_member=mei.pk, started_at=CLOCK
        )


@pytest.mark.parametrize("right", ["prepare_mallimport", "publish_plan", "view_mallimport"])
def test_only_those_with_the_right_start_it(right: str) -> None:
    row = checked()
    lin = give(staff("Lin"), right)

    with pytest.raises(PermissionMissing):
        start(mall_import=row, seal=row.seal, by=lin, at=CLOCK)

    row.refresh_from_db()
    assert row.status == "ready"


def test_a_plan_in_it_needs_the_right_to_publish() -> None:
    row = checked()
    lin = give(staff("Lin"), "start_mallimport")

    with pytest.raises(PermissionMissing):
        start(mall_import=row, seal=row.seal, by=lin, at=CLOCK)

    assert Plan.objects.count() == 0


def test_a_new_account_does_not_start_it() -> None:
    row = checked()
    young = User.objects.create_user(
        "young", is_staff=True, is_superuser=True, may_review_from=CLOCK + timedelta(days=9_000)
    )

    with pytest.raises(ReviewTooEarly):
        start(mall_import=row, seal=row.seal, by=young, at=CLOCK)
    with pytest.raises(IntegrityError), transaction.atomic():
        MallImport.objects.filter(pk=row.pk).update(
            starter=young, starter_member=0, started_at=CLOCK
        )


def test_what_changed_since_the_page_was_opened_is_not_started() -> None:
    row = checked()
    read = row.seal
    add_files(
        mall_import=row, files=uploads({"orders.csv": FILES["orders.csv"] + "\n"}), by=row.by,
        at=CLOCK,
    )  # fmt: skip
    ask_check(mall_import=row, by=row.by)
    work(row)

    with pytest.raises(MallImportChanged):
        start(mall_import=row, seal=read, by=starter(), at=CLOCK)

    row.refresh_from_db()
    assert (row.status, Order.objects.count()) == ("ready", 0)


@pytest.mark.parametrize("state", ["draft", "checking", "faulty", "running", "discarded"])
def test_only_a_checked_import_is_started(state: str) -> None:
    row = {
        "draft": prepared, "checking": prepared, "running": started, "discarded": checked,
        "faulty": lambda: checked(changed("orders.csv", "109.90", "much")),
    }[state]()  # fmt: skip
    if state == "checking":
        ask_check(mall_import=row, by=row.by)
    if state == "discarded":
        discard(mall_import=row, by=row.by, at=CLOCK)

    with pytest.raises(WrongStatus):
        start(mall_import=row, seal=row.seal, by=starter(), at=CLOCK)

    row.refresh_from_db()
    assert row.status == state


def test_one_import_runs_at_a_time() -> None:
    first = started()
    second = checked()

    with pytest.raises(AnotherMallImportRuns):
        start(mall_import=second, seal=second.seal, by=starter(), at=CLOCK)

    second.refresh_from_db()
    assert second.status == "ready"
    finished(first)
    start(mall_import=second, seal=second.seal, by=starter(), at=CLOCK)


def test_a_stopped_import_goes_on_where_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("integration.mall.history.EVENTS_PER_BATCH", 2)
    row = work(started(), seconds=0)
    done = row.events_done
    assert 0 < done < row.events_total

    stop(mall_import=row, by=row.by, at=CLOCK)
    assert claims.claim(at=CLOCK) is None
    start(mall_import=row, seal=row.seal, by=starter(), at=CLOCK)
    row.refresh_from_db()
    assert row.events_done == done

    assert finished(row).status == "done"
    assert Order.objects.count() == 1


def test_a_worker_ends_when_a_person_stops_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("integration.mall.history.EVENTS_PER_BATCH", 2)
    row = started()
    save = claims.save_progress

    def stopping(mall_import: MallImport, **fields: Any) -> None:
        save(mall_import, **fields)
        if "reached" in fields:
            stop(mall_import=MallImport.objects.get(pk=row.pk), by=starter(), at=CLOCK)

    monkeypatch.setattr(claims, "save_progress", stopping)
    work(row)

    assert (row.status, row.lease_until) == ("stopped", None)
    assert row.events_done < row.events_total


def test_what_no_longer_fits_stops_before_anything_is_written() -> None:
    row = started()
    other = checked(changed("orders.csv", "109.90,0.00", "119.90,0.00"))
    MallImport.objects.filter(pk=row.pk).update(status="stopped", lease_until=None)
    start(mall_import=other, seal=other.seal, by=starter(), at=CLOCK)
    finished(other)
    row.refresh_from_db()
    start(mall_import=row, seal=row.seal, by=starter(), at=CLOCK)

    work(row)

    assert (row.status, row.goods, row.events_done) == ("stopped", None, 0)
    assert "检查" in row.failure["zh-hans"]
    ask_check(mall_import=row, by=row.by)
    assert work(row).status == "faulty"


def test_orders_that_contradict_are_held_when_it_runs() -> None:
    finished(started())
    row = finished(started(changed("orders.csv", "109.90,0.00", "119.90,0.00"), skip_bad=True))

    assert (row.status, row.held_orders) == ("done", 1)
    assert OrderConflict.objects.exists()


def test_a_refused_plan_stops_it_with_the_reason() -> None:
    row = started()
    feng = row.starter
    assert feng
    User.objects.filter(pk=feng.pk).update(may_review_from=CLOCK + timedelta(days=9_000))

    work(row)

    assert (row.status, row.goods, Plan.objects.count()) == ("stopped", None, 0)
    assert "feng" in row.failure["en"]


def test_a_fault_is_tried_again_and_then_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    row = started()

    def broken(*_: Any, **__: Any) -> Any:
        raise RuntimeError("disk")

    monkeypatch.setattr(running, "check_files", broken)
    for _attempt in range(claims.MAX_ATTEMPTS):
        work_on_mall_imports()
        row.refresh_from_db()
        assert (row.status, row.lease_until) == ("running", None)
    work_on_mall_imports()

    row.refresh_from_db()
    assert row.status == "stopped"
    assert row.failure["en"].startswith("The worker failed")


@pytest.mark.parametrize("act", [start, stop])
def test_strangers_neither_start_nor_stop(act: Any) -> None:
    row = started()
    options = {"seal": row.seal} if act is start else {}

    with pytest.raises(PermissionMissing):
        act(mall_import=row, by=staff("Chen"), at=CLOCK, **options)

    row.refresh_from_db()
    assert row.status == "running"
