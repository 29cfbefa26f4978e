"""Controls on request: one run at a time, its progress in a row, its results saved once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from closing.models import Control, ControlRun, Difference
from closing.services import reconcile, request_controls, take_requested_run
from closing.services.control_runs import LOST_AFTER, RunSuperseded
from closing.tasks import run_requested_controls
from common import clock
from common.errors import PermissionMissing
from events.models import Event
from ledger.chart import Kind, Reason
from ledger.services import Source, platform_account, transfer
from members.models import Member, User
from tests.closing.books import PAID
from tests.closing.statements import TODAY
from tests.shop import DAY

pytestmark = pytest.mark.django_db
YESTERDAY = TODAY - timedelta(days=1)


def stray_tax() -> None:
    transfer(
        key="stray", debit=platform_account(Kind.BANK), credit=platform_account(Kind.TAX_PAYABLE),
        amount=7, reason=Reason.TREASURY, source=Source("test", "1"), effective_at=PAID - DAY,
    )  # fmt: skip


def test_a_requested_run_saves_what_it_finds(
    lan: Member, feng: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: PAID)
    stray_tax()
    run = request_controls(by=feng, at=PAID)
    assert (run.day, run.started_at, run.differences) == (YESTERDAY, None, {})

    run_requested_controls()

    run.refresh_from_db()
    assert (run.started_at, run.ended_at, run.fault) == (PAID, PAID, "")
    assert set(run.differences) == {control.value for control in Control}
    assert (run.differences["tax"], run.total) == (1, 1)
    assert Difference.objects.get().control == "tax"
    assert Event.objects.filter(name="closing.reconciled").count() == 1
    run_requested_controls()
    assert ControlRun.objects.count() == 1


def test_two_people_who_ask_get_one_run(lan: Member, feng: User, fang: User) -> None:
    first = request_controls(by=feng, at=PAID)

    assert request_controls(by=fang, at=PAID + timedelta(minutes=1)) == first
    assert take_requested_run(at=PAID) == first
    assert take_requested_run(at=PAID) is None
    assert Event.objects.filter(name="closing.controls_requested").count() == 1


def test_a_lost_run_is_replaced(lan: Member, feng: User) -> None:
    lost = request_controls(by=feng, at=PAID)
    take_requested_run(at=PAID)

    fresh = request_controls(by=feng, at=PAID + LOST_AFTER + timedelta(seconds=1))

    lost.refresh_from_db()
    assert (lost.fault, fresh.pk != lost.pk) == ("lost", True)


def test_the_daily_run_replaces_an_open_one_which_then_saves_nothing(
    lan: Member, feng: User
) -> None:
    request_controls(by=feng, at=PAID)
    mine = take_requested_run(at=PAID)
    assert mine
    reconcile(day=YESTERDAY, at=PAID)
    stray_tax()

    with pytest.raises(RunSuperseded):
        reconcile(day=YESTERDAY, at=PAID, run=mine)

    mine.refresh_from_db()
    assert mine.fault == "superseded"
    assert not Difference.objects.exists()
    assert ControlRun.objects.finished().count() == 1


def test_a_run_that_fails_says_so(lan: Member, feng: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(_control: Control, _day: object) -> list[object]:
        raise RuntimeError("no disk")

    monkeypatch.setattr("closing.controls.run_control", break_down)
    request_controls(by=feng, at=PAID)
    run = take_requested_run(at=PAID)

    with pytest.raises(RuntimeError):
        reconcile(day=YESTERDAY, at=PAID, run=run)

    assert ControlRun.objects.get().fault == "RuntimeError"
    assert not ControlRun.objects.finished().exists()


def test_only_those_who_follow_up_differences_run_the_controls(lan: Member, qian: User) -> None:
    with pytest.raises(PermissionMissing):
        request_controls(by=qian, at=PAID)
    assert not ControlRun.objects.exists()
