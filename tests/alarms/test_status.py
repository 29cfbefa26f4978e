"""/statusz, /metrics and ``manage.py health``: money that is late is seen from outside."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.management import call_command
from django.db import OperationalError, connections
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from alarms.kinds import CHANNEL_PAUSED, LEDGER_INCONSISTENT
from alarms.services import close_alarm, raise_alarm, record_job_finished
from common import clock
from config import jobs, status
from events.models import Delivery, Event, Reference
from members.models import Member
from orders.intake import ingest_orders
from tests.cast import CLOCK, NOON, member, staff
from tests.shop import (
    DAY,
    PLACED,
    WEEK,
    ingest,
    line,
    open_shop,
    order,
    refund,
    settle_all,
    with_refund,
)
from tests.withdrawals import factories
from tests.withdrawals.factories import YUAN

TOKEN = "a-long-token-for-the-monitoring"
PAGES = pytest.mark.parametrize("path", ["/statusz", "/metrics"])
RELEASED = PLACED + 3 * DAY + WEEK
BEARER = {"HTTP_AUTHORIZATION": f"Bearer {TOKEN}"}


@pytest.fixture(autouse=True)
def token(settings: LazySettings) -> None:
    settings.STATUS_TOKEN = TOKEN


@pytest.fixture
def now(db: None, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return the function that sets the clock."""

    def set_clock(moment: datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment)

    return set_clock


def workers_run(at: datetime) -> None:
    for name in jobs.schedule():
        record_job_finished(name, at=at)


def health(capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    try:
        call_command("health", no_color=True)
    except SystemExit as end:
        return int(str(end.code)), capsys.readouterr().out
    return 0, capsys.readouterr().out


@PAGES
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"HTTP_AUTHORIZATION": ""},
        {"HTTP_AUTHORIZATION": "Bearer "},
        {"HTTP_AUTHORIZATION": "Bearer wrong"},
        {"HTTP_AUTHORIZATION": f"Bearer {TOKEN}x"},
        {"HTTP_AUTHORIZATION": f"Basic {TOKEN}"},
        {"HTTP_AUTHORIZATION": TOKEN},
        {"HTTP_AUTHORIZATION": "Bearer 密"},
    ],
)
def test_without_the_token_nothing_is_shown(
    client: Client, path: str, headers: dict[str, str]
) -> None:
    """No database is allowed here."""
    response = client.get(path, **headers)  # type: ignore[arg-type]

    assert (response.status_code, response.content) == (401, b"")
    assert response["WWW-Authenticate"] == "Bearer"
    assert client.get(f"{path}?token={TOKEN}").status_code == 401


@PAGES
def test_without_a_configured_token_the_pages_are_closed(
    client: Client, settings: LazySettings, path: str
) -> None:
    settings.STATUS_TOKEN = ""

    assert client.get(path).status_code == 401
    assert client.get(path, HTTP_AUTHORIZATION="Bearer ").status_code == 401


@PAGES
def test_staff_need_the_token_too(
    as_qian: Client, as_boss: Client, path: str, settings: LazySettings
) -> None:
    assert as_qian.get(path).status_code == 401
    assert as_boss.get(path).status_code == 401


@PAGES
def test_nothing_can_be_sent_there(client: Client, path: str) -> None:
    assert client.post(path, **BEARER).status_code == 405  # type: ignore[arg-type]


@PAGES
def test_without_a_database_they_are_unavailable(
    client: Client, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OperationalError("refused")

    monkeypatch.setattr(connections["default"], "cursor", refuse)

    response = client.get(path, **BEARER)  # type: ignore[arg-type]
    assert response.status_code == 503
    assert response.json() == {"status": "unavailable"}


def test_a_system_that_works(client: Client, now: Any, capsys: pytest.CaptureFixture[str]) -> None:
    now(NOON)
    workers_run(NOON)

    response = client.get("/statusz", **BEARER)
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    body = response.json()
    assert (body["status"], body["late"]) == ("ok", [])
    assert {name: age["seconds"] for name, age in body["ages"].items()} == {
        "due_commission": 0, "approved_withdrawal": 0, "payout_attempt": 0,
        "undelivered_event": 0,
    }  # fmt: skip
    assert set(body["jobs"]) == set(jobs.schedule())
    assert body["jobs"]["commissions.tasks.settle"]["finished_at"] == "2026-11-01T04:00:00Z"
    code, out = health(capsys)
    assert code == 0
    assert "LATE" not in out


def test_commissions_two_hours_overdue_with_dead_workers(
    client: Client, now: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    ingest(order(open_shop(), received=True))
    workers_run(RELEASED)
    Delivery.objects.all().delete()
    now(RELEASED)
    assert client.get("/statusz", **BEARER).status_code == 200

    now(RELEASED + timedelta(hours=2))

    response = client.get("/statusz", **BEARER)
    assert response.status_code == 503
    body = response.json()
    assert body["status"] == "late"
    assert body["ages"]["due_commission"] == {"seconds": 7_200, "limit": 900}
    assert set(body["late"]) == {"due_commission", *jobs.STOPS_MONEY}
    code, out = health(capsys)
    assert code == 1
    assert "LATE  最早一笔到期未入账的佣金：7200 秒" in out
    assert "LATE  commissions.tasks.settle" in out

    settle_all(at=RELEASED + timedelta(hours=2))
    workers_run(RELEASED + timedelta(hours=2))
    Delivery.objects.all().delete()
    assert client.get("/statusz", **BEARER).status_code == 200
    assert health(capsys)[0] == 0


def ages(at: datetime) -> dict[str, int]:
    return {age.name: age.seconds for age in status.collect(at=at).ages}


def test_a_commission_on_hold_is_not_late(db: None) -> None:
    facts = order(open_shop(), received=True)
    ingest(with_refund(facts, refund(100, done=False)))

    assert ages(RELEASED + DAY)["due_commission"] == 0
    assert status.collect(at=RELEASED + DAY).holds["commissions.after_sale"] == 2


def test_the_oldest_of_several_days_counts(db: None) -> None:
    buyer = open_shop()
    ingest(order(buyer, received=True))
    ingest(order(buyer, number="O-2", placed_at=PLACED + 3 * DAY, received=True))

    assert ages(RELEASED + 3 * DAY + timedelta(seconds=5))["due_commission"] == 3 * 86_400 + 5


def test_an_approved_withdrawal_waits_for_its_payment(db: None, settings: LazySettings) -> None:
    lan = factories.ready(member("Lan"), 1_000 * YUAN)
    people = factories.operations(staff("Qian")), factories.finance(staff("Feng"))
    approved = factories.approved(lan, 300 * YUAN, *people)
    approved.refresh_from_db()
    at = approved.finance_reviewed_at + timedelta(hours=2)

    assert ages(at)["approved_withdrawal"] == 7_200
    assert "approved_withdrawal" in status.collect(at=at).late
    settings.PAYOUT_GATEWAY = "manual"  # by people, within days
    assert "approved_withdrawal" not in status.collect(at=at).late


@pytest.mark.slow
def test_a_withdrawal_that_is_blocked_itself_does_not_stop_money(
    db: None, settings: LazySettings
) -> None:
    people = factories.operations(staff("Qian")), factories.finance(staff("Feng"))
    for name, hours in (("Lan", 0), ("Bo", 1)):
        member_paid = factories.ready(member(name), 1_000 * YUAN)
        factories.approved(
            member_paid, 300 * YUAN, *people, at=factories.NOW + timedelta(hours=hours)
        )
    at = factories.NOW + timedelta(hours=2)
    assert ages(at)["approved_withdrawal"] > 3_600

    factories.owe(Member.objects.get(nickname="Lan"))
    assert 0 < ages(at)["approved_withdrawal"] <= 3_600

    factories.owe(Member.objects.get(nickname="Bo"))
    assert ages(at)["approved_withdrawal"] == 0


def test_an_attempt_past_its_time(db: None) -> None:
    lan = factories.ready(member("Lan"), 1_000 * YUAN)
    people = factories.operations(staff("Qian")), factories.finance(staff("Feng"))
    attempt = factories.attempted(lan, 300 * YUAN, *people)
    assert attempt.next_run_at

    figures = ages(attempt.next_run_at + timedelta(hours=1))

    assert figures["payout_attempt"] == 3_600
    assert figures["approved_withdrawal"] == 0


def test_an_event_that_is_not_delivered(db: None) -> None:
    event = Event.objects.create(name="test.x", subject_kind="t", subject_id="1", at=NOON)
    Delivery.objects.create(event=event, follower="test", subject="t:1")
    event.refresh_from_db()

    assert ages(event.recorded_at + timedelta(seconds=901))["undelivered_event"] == 901


def test_metrics_are_those_of_the_status_page(client: Client, now: Any) -> None:
    ingest(order(open_shop(), received=True))
    workers_run(RELEASED)
    raise_alarm(CHANNEL_PAUSED, Reference("withdrawals.channel", "all"), at=NOON)
    now(RELEASED + timedelta(hours=2))

    response = client.get("/metrics", **BEARER)

    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/plain")
    samples = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(response.content.decode())
        for sample in family.samples
    }
    assert samples["twotier_oldest_seconds", "due_commission"] == 7_200
    assert samples["twotier_oldest_limit_seconds", "due_commission"] == 900
    finished = samples["twotier_job_last_finished_timestamp_seconds", "commissions.tasks.settle"]
    assert finished == RELEASED.timestamp()
    assert samples["twotier_job_late", "commissions.tasks.settle"] == 1
    assert samples["twotier_alarms", "channel_paused"] == 1
    assert samples["twotier_alarms", "job_late"] == 0
    assert samples["twotier_holds", "commissions.frozen"] == 0
    assert samples["twotier_holds", "risk.amount_spike"] == 0
    assert samples["twotier_differences",] == 0
    assert samples["twotier_conflicts",] == 0
    assert samples["twotier_money_late",] == 1


def test_open_conflicts_are_counted(
    client: Client, now: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    now(NOON)
    bo = open_shop()
    ingest(order(bo, received=True))
    wrong = order(bo, line(price=9_990), shipped_at=PLACED - 30 * DAY)
    ingest_orders([wrong], at=PLACED, clock=CLOCK)

    assert client.get("/statusz", **BEARER).json()["conflicts"] == 2
    assert "twotier_conflicts 2.0" in client.get("/metrics", **BEARER).content.decode()
    assert "订单冲突: 2" in health(capsys)[1]

    ingest(order(bo, shipped_at=PLACED + DAY))
    assert client.get("/statusz", **BEARER).json()["conflicts"] == 0


def test_a_ledger_that_does_not_add_up(
    client: Client, now: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    now(NOON)
    workers_run(NOON)
    proof = Reference("ledger", "proof")
    raise_alarm(LEDGER_INCONSISTENT, proof, at=NOON)
    Delivery.objects.all().delete()

    assert client.get("/statusz", **BEARER).json()["late"] == ["ledger_inconsistent"]
    code, out = health(capsys)
    assert code == 1
    assert "LATE  账本自证失败" in out

    close_alarm(LEDGER_INCONSISTENT, proof, at=NOON)
    Delivery.objects.all().delete()
    assert client.get("/statusz", **BEARER).status_code == 200
