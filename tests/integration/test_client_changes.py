"""Administrators change what a client may do, switch it off and on, and end its old secret."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from common import clock
from common.errors import PermissionMissing, ReasonRequired
from events.models import Event
from integration.client_changes import (
    ClientIsOff,
    ClientIsOn,
    ClientWithoutScope,
    NoOldSecret,
    ScopesUnchanged,
    change_scopes,
    end_old_secret,
    switch_off_client,
    switch_on_client,
)
from integration.clients import (
    ClientRevoked,
    UnknownScope,
    create_client,
    revoke_client,
    rotate_secret,
)
from integration.models import ApiClient
from integration.usage import usage
from members.models import User
from tests.api.mall import Mall
from tests.cast import NOON, give

pytestmark = pytest.mark.django_db
READ = "/orders/none"


@pytest.fixture
def mall() -> Mall:
    client, secret = create_client(name="mall", scopes=["orders:read"], at=NOON)
    return Mall(client.key, secret)


@pytest.fixture
def client_of(mall: Mall) -> ApiClient:
    return ApiClient.objects.get(key=mall.key)


@pytest.fixture
def admin(qian: User) -> User:
    return give(qian, "change_apiclient")


def code(response: Any) -> tuple[int, str]:
    return response.status_code, response.json().get("code", "")


def test_scopes_count_from_the_next_request_on(
    mall: Mall, client_of: ApiClient, admin: User
) -> None:
    assert code(mall.get("/events")) == (403, "scope_missing")
    change_scopes(client=client_of, scopes=["events:read", "orders:read"], by=admin, at=NOON)

    assert mall.get("/events").status_code == 200
    event = Event.objects.get(name="integration.client_scopes_changed")
    assert event.before == {"scopes": ["orders:read"]}
    assert event.after == {"scopes": ["orders:read", "events:read"]}


@pytest.mark.parametrize(
    ("scopes", "error"),
    [([], ClientWithoutScope), (["orders:read"], ScopesUnchanged), (["orders:all"], UnknownScope)],
)
def test_scopes_that_make_no_sense_are_refused(
    client_of: ApiClient, admin: User, scopes: list[str], error: type[Exception]
) -> None:
    with pytest.raises(error):
        change_scopes(client=client_of, scopes=scopes, by=admin, at=NOON)
    client_of.refresh_from_db()
    assert client_of.scopes == ["orders:read"]
    assert not Event.objects.filter(name="integration.client_scopes_changed").exists()


def test_a_client_is_switched_off_and_on(mall: Mall, client_of: ApiClient, admin: User) -> None:
    switch_off_client(client=client_of, reason="泄露", by=admin, at=NOON)

    assert code(mall.get(READ)) == (403, "client_switched_off")
    assert code(Mall(mall.key, "another").get(READ)) == (401, "bad_signature")
    with pytest.raises(ClientIsOff):
        switch_off_client(client=client_of, reason="泄露", by=admin, at=NOON)

    switch_on_client(client=client_of, by=admin, at=NOON)
    assert code(mall.get(READ)) == (404, "not_found")
    with pytest.raises(ClientIsOn):
        switch_on_client(client=client_of, by=admin, at=NOON)
    names = Event.objects.filter(name__startswith="integration.client_switched").order_by("pk")
    assert [(row.name[-3:], row.data.get("reason")) for row in names] == [
        ("off", "泄露"), ("_on", None),
    ]  # fmt: skip


def test_switching_off_needs_a_reason(client_of: ApiClient, admin: User) -> None:
    with pytest.raises(ReasonRequired):
        switch_off_client(client=client_of, reason=" ", by=admin, at=NOON)
    client_of.refresh_from_db()
    assert client_of.switched_off_at is None


def test_the_previous_secret_is_ended(mall: Mall, client_of: ApiClient, admin: User) -> None:
    with pytest.raises(NoOldSecret):
        end_old_secret(client=client_of, by=admin, at=NOON)
    new = Mall(mall.key, rotate_secret(client=client_of, at=NOON))
    assert [each.get(READ).status_code for each in (mall, new)] == [404, 404]

    end_old_secret(client=client_of, by=admin, at=NOON)
    assert code(mall.get(READ)) == (401, "bad_signature")
    assert new.get(READ).status_code == 404


CHANGES: list[Callable[..., object]] = [
    lambda **who: change_scopes(scopes=["events:read"], **who),
    lambda **who: switch_off_client(reason="x", **who),
    switch_on_client,
    end_old_secret,
]


@pytest.mark.parametrize("change", CHANGES)
def test_a_revoked_client_and_a_stranger_change_nothing(
    client_of: ApiClient, admin: User, feng: User, change: Callable[..., object]
) -> None:
    with pytest.raises(PermissionMissing):
        change(client=client_of, by=feng, at=NOON)
    revoke_client(client=client_of, at=NOON)
    before = ApiClient.objects.values().get()
    with pytest.raises(ClientRevoked):
        change(client=client_of, by=admin, at=NOON)
    assert ApiClient.objects.values().get() == before


def test_calls_are_counted_by_day_scope_and_error(mall: Mall, client_of: ApiClient) -> None:
    for path in (READ, READ, "/events"):
        mall.get(path)
    Mall(mall.key, "another").get(READ)  # nobody knows who that was

    found = usage(client_of, days=(1, 30), at=clock.now())
    assert found is not None
    for counts in found:
        assert dict(counts.accepted) == {}
        assert dict(counts.refused) == {"not_found": 2, "scope_missing": 1}
    other, _secret = create_client(name="other", scopes=None, at=NOON)
    assert [counts.calls for counts in usage(other, days=(7,), at=clock.now()) or []] == [0]


def test_accepted_calls_are_counted_by_their_scope(client_of: ApiClient, admin: User) -> None:
    change_scopes(client=client_of, scopes=["webhooks:write"], by=admin, at=NOON)
    mall = Mall(client_of.key, client_of.secrets[0])
    mall.get("/webhooks")
    mall.post("/webhooks", {"url": "https://shop.example.com/hook"})

    [counts] = usage(client_of, days=(1,), at=clock.now()) or []
    assert dict(counts.accepted) == {"webhooks:write": 2}
