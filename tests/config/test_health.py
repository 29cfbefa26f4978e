"""/healthz and /readyz; the servers really go away in tests/production."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connections
from django.test import Client
from kombu.exceptions import OperationalError as BrokerError

import devservers
from common import clock
from config import health
from events.models import Delivery, Event


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
        "oldest_event_seconds": 0,
    }
    assert "no-store" in response["Cache-Control"]


@pytest.mark.django_db
@pytest.mark.usefixtures("broker")
def test_ready_tells_how_long_the_oldest_fact_waits(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = clock.now()
    event = Event.objects.create(name="test.waited", subject_kind="test", subject_id="1", at=now)
    Delivery.objects.create(event=event, follower="test", subject="test:1")
    monkeypatch.setattr(clock, "now", lambda: event.recorded_at + timedelta(seconds=90))
    assert client.get("/readyz").json()["oldest_event_seconds"] == 90


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
