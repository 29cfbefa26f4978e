"""A client whose orders contradict what is known is paused before anything is held."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from alarms.models import Alarm
from common import clock
from common.errors import PermissionMissing, ReasonRequired
from events.models import Event
from integration.clients import create_client
from integration.models import ApiClient
from integration.pausing import ClientNotPaused, pause_client, resume_client
from orders.models import Order, OrderConflict
from tests.api.mall import Mall
from tests.api.test_order_batches import body
from tests.cast import NOON, give, staff
from tests.shop import open_shop

pytestmark = pytest.mark.django_db

SHIFTED = {"placed_at": "2026-11-02T11:00:00+08:00"}


@pytest.fixture
def mall() -> Mall:
    open_shop()
    client, secret = create_client(name="mall", scopes=None, at=NOON)
    return Mall(client.key, secret)


def send(mall: Mall, *orders: dict[str, Any]) -> Any:
    return mall.post("/orders:batch", {"orders": list(orders)})


def orders(count: int, start: int = 0, **fields: Any) -> list[dict[str, Any]]:
    return [body(f"O-{number}", **fields) for number in range(start, start + count)]


def test_20_conflicts_above_5_percent_pause_the_client(mall: Mall) -> None:
    send(mall, *orders(40))

    refused = send(mall, *orders(20, **SHIFTED), *orders(1, start=100))

    assert (refused.status_code, refused.json()["code"]) == (409, "client_paused")
    assert not OrderConflict.objects.exists()
    assert Order.objects.count() == 40
    assert ApiClient.objects.get().paused_at
    assert Alarm.objects.get(kind="client_paused").detail["conflicting"] == 20
    assert Event.objects.filter(name="integration.client_paused").count() == 1


def test_19_conflicts_are_filed_one_by_one(mall: Mall) -> None:
    send(mall, *orders(40))

    assert send(mall, *orders(19, **SHIFTED)).status_code == 200
    assert send(mall, *orders(19, **SHIFTED)).status_code == 200  # repeated: still 19 orders
    assert OrderConflict.objects.count() == 19
    assert mall.put("/orders/O-19", orders(1, start=19, **SHIFTED)[0]).json()["code"] == (
        "client_paused"
    )
    assert OrderConflict.objects.count() == 19


def test_up_to_5_percent_pause_nobody(mall: Mall) -> None:
    send(mall, *orders(400))

    assert send(mall, *orders(20, **SHIFTED)).status_code == 200
    assert send(mall, *orders(1, start=20, **SHIFTED)).status_code == 409


def test_a_paused_client_may_read_and_rehearse(mall: Mall) -> None:
    send(mall, body())
    pause_client(client=ApiClient.objects.get(), conflicting=20, sent=40, at=NOON)

    assert send(mall, body()).json()["code"] == "client_paused"
    assert mall.put("/orders/O-1", body()).json()["code"] == "client_paused"
    rehearsed = mall.send("PUT", "/orders/O-1", body(), query="dry_run=true")
    assert rehearsed.json()["status"] == "unchanged"
    assert mall.get("/orders/O-1").status_code == 200


def test_another_client_goes_on(mall: Mall) -> None:
    pause_client(client=ApiClient.objects.get(), conflicting=20, sent=40, at=NOON)
    client, secret = create_client(name="other", scopes=None, at=NOON)

    assert send(Mall(client.key, secret), body()).status_code == 200


def test_staff_resume_a_client_with_a_reason(
    mall: Mall, django_capture_on_commit_callbacks: Any
) -> None:
    send(mall, *orders(40))
    send(mall, *orders(20, **SHIFTED))
    client = ApiClient.objects.get()
    boss = give(staff("boss"), "change_apiclient")

    with pytest.raises(ReasonRequired):
        resume_client(client=client, reason=" ", by=boss, at=NOON)
    with pytest.raises(PermissionMissing):
        resume_client(client=client, reason="checked", by=staff("guest"), at=NOON)
    with django_capture_on_commit_callbacks(execute=True):
        resume_client(client=client, reason="time zone corrected", by=boss, at=clock.now())
    with pytest.raises(ClientNotPaused):
        resume_client(client=client, reason="again", by=boss, at=NOON + timedelta(days=1))

    assert send(mall, *orders(1, **SHIFTED)).status_code == 200
    assert Alarm.objects.get(kind="client_paused").status == "closed"
