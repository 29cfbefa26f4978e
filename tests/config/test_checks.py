"""The system checks."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from django.conf import LazySettings

from config import checks
from events.declarations import EventType

KNOWN = "events.services.record"


@pytest.fixture
def flows(monkeypatch: pytest.MonkeyPatch, settings: LazySettings) -> ModuleType:
    module = ModuleType("test_flows")
    module.IN_TRANSACTION, module.AFTER_COMMIT = {}, {}  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "test_flows", module)
    settings.FLOWS = "test_flows"
    return module


def test_our_own_flows_resolve() -> None:
    assert checks.flows_resolve() == []


@pytest.mark.parametrize("table", ["IN_TRANSACTION", "AFTER_COMMIT"])
@pytest.mark.parametrize(
    "follower",
    ["events.services.recrod", "evnts.services.record", "record", "events.services"],
)
def test_a_misspelt_follower_is_reported(flows: ModuleType, table: str, follower: str) -> None:
    setattr(flows, table, {"orders.changed": [KNOWN, follower]})
    (problem,) = checks.flows_resolve()
    assert problem.id == "config.E001"
    assert f"test_flows.{table}: {follower}, to follow orders.changed, " in problem.msg


def test_an_event_that_no_room_declares_is_found(flows: ModuleType) -> None:
    assert checks.followed_events_are_declared() == []

    flows.AFTER_COMMIT = {EventType("orders.chnaged"): []}  # type: ignore[attr-defined]
    (problem,) = checks.followed_events_are_declared()
    assert problem.id == "config.E004"
    assert "test_flows.AFTER_COMMIT: orders.chnaged is declared by no room." in problem.msg


class FakeConnection(SimpleNamespace):
    def ensure_connection(self) -> None: ...


@pytest.mark.parametrize(
    ("vendor", "version", "expected"),
    [
        ("postgresql", 150_000, []),
        ("postgresql", 180_004, []),
        ("postgresql", 140_013, ["config.E003"]),
        ("sqlite", 0, ["config.E002"]),
    ],
)
def test_only_recent_postgresql_is_accepted(
    monkeypatch: pytest.MonkeyPatch, vendor: str, version: int, expected: list[str]
) -> None:
    server = SimpleNamespace(server_version=version)
    fake: dict[str, Any] = {"default": FakeConnection(vendor=vendor, connection=server)}
    monkeypatch.setattr(checks, "connections", fake)
    assert [
        problem.id for problem in checks.postgresql_is_recent(databases=["default"])
    ] == expected


def test_without_databases_the_check_connects_to_nothing() -> None:
    assert checks.postgresql_is_recent(databases=None) == []


RANDOM = [f"{n}abcdefghijklmnopqrstuvwxyz012345" for n in range(3)]


@pytest.fixture
def secrets(settings: LazySettings) -> LazySettings:
    settings.SECRET_KEY, settings.FINGERPRINT_KEY, key = RANDOM
    settings.FIELD_ENCRYPTION_KEYS = [key]
    return settings


def test_random_secrets_pass(secrets: LazySettings) -> None:
    assert checks.secrets_are_random() == []


@pytest.mark.parametrize("weak", ["twotier", "a" * 64, "0123" * 16, RANDOM[0][:31]])
@pytest.mark.parametrize("name", ["SECRET_KEY", "FINGERPRINT_KEY", "FIELD_ENCRYPTION_KEYS"])
def test_a_weak_secret_is_named_and_not_shown(secrets: LazySettings, name: str, weak: str) -> None:
    setattr(secrets, name, [RANDOM[2], weak] if name == "FIELD_ENCRYPTION_KEYS" else weak)
    (problem,) = checks.secrets_are_random()
    assert problem.id == "config.E005"
    assert problem.msg == f"{name} can be guessed."
    assert weak not in str(problem)


def test_equal_secrets_are_refused(secrets: LazySettings) -> None:
    secrets.FINGERPRINT_KEY = secrets.SECRET_KEY
    assert [problem.id for problem in checks.secrets_are_random()] == ["config.E006"]


@pytest.mark.parametrize(
    ("hosts", "expected"),
    [(["shop.example.com"], []), (["*"], ["config.E007"]), (["a.example", "*"], ["config.E007"])],
)
def test_every_host_is_refused(
    settings: LazySettings, hosts: list[str], expected: list[str]
) -> None:
    settings.ALLOWED_HOSTS = hosts
    assert [problem.id for problem in checks.host_names_are_listed()] == expected
