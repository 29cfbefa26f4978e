"""/healthz and /readyz; the servers really go away in tests/production."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import OperationalError, connections
from django.test import Client
from kombu.exceptions import OperationalError as BrokerError

import devservers
from config import health
from events.models import Delivery, Event
from tests.cast import NOON


def refuse(failure: Exception) -> Any:
    def refused(*_: object, **__: object) -> None:
        raise failure

    return refused


def test_alive_asks_nobody(client: Client) -> None:
    """No database is allowed here, and no broker is there."""
    response = client.get("/healthz")
    assert response.json() == {"status": "ok"}
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_nothing_can_be_sent_there(client: Client, path: str) -> None:
    assert client.post(path).status_code == 405


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "check_broker", lambda: None)


@pytest.mark.django_db
@pytest.mark.usefixtures("broker")
def test_ready(client: Client) -> None:
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {
        "status": "ok",
        "database": True,
        "broker": True,
    }
    assert "no-store" in response["Cache-Control"]


@pytest.mark.django_db
@pytest.mark.usefixtures("broker")
def test_late_money_does_not_take_the_process_out_of_service(client: Client) -> None:
    event = Event.objects.create(name="test.x", subject_kind="t", subject_id="1", at=NOON)
    Delivery.objects.create(event=event, follower="test", subject="t:1")

    assert client.get("/readyz").status_code == 200


@pytest.mark.usefixtures("broker")
@pytest.mark.parametrize(
    "failure", [OperationalError("refused"), devservers.EmbeddedError("cannot start")]
)
def test_without_database(
    client: Client, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    monkeypatch.setattr(connections["default"], "cursor", refuse(failure))
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json() == {"status": "unavailable", "database": False, "broker": True}


@pytest.mark.django_db
@pytest.mark.parametrize("failure", [BrokerError("refused"), TimeoutError("silent")])
def test_without_broker(
    client: Client, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    monkeypatch.setattr(health, "check_broker", refuse(failure))
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["broker"] is False
    assert response.json()["database"] is True
