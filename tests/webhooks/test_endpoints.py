"""A client manages its endpoints: create, change, rotate, switch, remove."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from common import clock, encryption
from events.models import Event
from integration.clients import create_client
from integration.models import ApiClient
from tests.api.mall import Mall
from tests.cast import NOON
from webhooks import endpoints
from webhooks.models import WebhookDelivery, WebhookEndpoint, WebhookSecret

URL = "https://shop.example.com/hooks?token=open-sesame"


def create(mall: Mall, **fields: Any) -> dict[str, Any]:
    response = mall.post("/webhooks", {"url": URL, **fields})
    assert response.status_code == 201, response.content
    return response.json()


def event_names() -> list[str]:
    rows = Event.objects.filter(name__startswith="webhooks.").order_by("pk")
    return list(rows.values_list("name", flat=True))


def test_an_endpoint_is_created_with_a_secret_shown_once(mall: Mall) -> None:
    made = create(mall, types=["orders.changed"], description="仓库")

    secret = made.pop("secret")
    assert len(base64.b64decode(secret.removeprefix("whsec_"))) == 24
    assert made == mall.get(f"/webhooks/{made['id']}").json()
    assert mall.get("/webhooks").json()["results"] == [made]
    assert {name: made[name] for name in ("url", "types", "status", "failures")} == {
        "url": URL,
        "types": ["orders.changed"],
        "status": "active",
        "failures": 0,
    }
    stored = WebhookSecret.objects.get()
    assert secret not in stored.secret_encrypted
    assert encryption.decrypt(stored.secret_encrypted) == secret
    assert event_names() == ["webhooks.endpoint_created"]
    assert "sesame" not in str(list(Event.objects.values()))


def test_an_address_is_registered_once(mall: Mall) -> None:
    create(mall)

    again = mall.post("/webhooks", {"url": URL})

    assert (again.status_code, again.json()["code"]) == (409, "webhook_url_taken")
    assert WebhookEndpoint.objects.count() == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://shop.example.com/",
        "ftp://shop.example.com/",
        "https://",
        "https://user:pass@shop.example.com/",
        "https://shop.example.com/#part",
        "https://shop.example.com:99999/",
        "https://shop.example.com/a b",
        "https://商城.example.com/",
        "https://localhost/",
        "https://127.0.0.1/",
        "https://10.0.0.7/",
        "https://192.168.1.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://100.64.0.1/",
        "https://[::1]/",
        "https://[fe80::1]/",
        "https://[fd00::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[64:ff9b::a00:7]/",
        "https://0.0.0.0/",
        "https://224.0.0.1/",
        "javascript:alert(1)",
    ],
)
def test_only_public_addresses_are_accepted(mall: Mall, url: str) -> None:
    response = mall.post("/webhooks", {"url": url})

    assert (response.status_code, response.json()["code"]) == (400, "webhook_url_refused")
    assert not WebhookEndpoint.objects.exists()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "url"),
        ({"url": 7}, "url"),
        ({"url": URL, "types": ["risk.held"]}, "types[0]"),
        ({"url": URL, "types": "orders.changed"}, "types"),
        ({"url": URL, "secret": "mine"}, "secret"),
    ],
)
def test_bad_bodies_are_refused(mall: Mall, body: Any, field: str) -> None:
    response = mall.post("/webhooks", body)

    assert response.status_code == 400
    assert response.json()["errors"][0]["field"].startswith(field.partition("[")[0])
    assert not WebhookEndpoint.objects.exists()


def test_a_client_has_at_most_twenty(mall: Mall) -> None:
    for number in range(endpoints.MAX_ENDPOINTS):
        create(mall, url=f"https://shop.example.com/{number}")

    refused = mall.post("/webhooks", {"url": URL})

    assert (refused.status_code, refused.json()["code"]) == (409, "too_many_webhook_endpoints")


def test_an_endpoint_is_changed(mall: Mall) -> None:
    made = create(mall)
    other = "https://shop.example.com/other"

    changed = mall.put(f"/webhooks/{made['id']}", {"url": other, "types": ["orders.changed"]})
    mall.put(f"/webhooks/{made['id']}", {"url": other, "types": ["orders.changed"]})

    assert (changed.json()["url"], changed.json()["types"]) == (other, ["orders.changed"])
    assert event_names() == ["webhooks.endpoint_created", "webhooks.endpoint_changed"]
    refused = mall.put(f"/webhooks/{made['id']}", {"url": "https://10.0.0.7/"})
    assert refused.status_code == 400
    assert WebhookEndpoint.objects.get().url == other


def test_rotation_keeps_the_previous_secrets_for_a_day(mall: Mall) -> None:
    made = create(mall)

    rotated = mall.post(f"/webhooks/{made['id']}/rotate", {}).json()
    again = mall.post(f"/webhooks/{made['id']}/rotate", {}).json()

    row = WebhookEndpoint.objects.get()
    now = clock.now()
    assert row.live_secrets(now) == [again["secret"], rotated["secret"], made["secret"]]
    assert row.live_secrets(now + timedelta(days=2)) == [again["secret"]]
    for _ in range(endpoints.MAX_SECRETS - 3):
        mall.post(f"/webhooks/{made['id']}/rotate", {})
    refused = mall.post(f"/webhooks/{made['id']}/rotate", {})
    assert (refused.status_code, refused.json()["code"]) == (409, "too_many_rotations")


def test_off_and_on(mall: Mall) -> None:
    made = create(mall)

    off = mall.post(f"/webhooks/{made['id']}/disable", {}).json()
    test = mall.post(f"/webhooks/{made['id']}/test", {})
    mall.post(f"/webhooks/{made['id']}/disable", {})
    on = mall.post(f"/webhooks/{made['id']}/enable", {}).json()

    assert (off["status"], off["off_reason"]) == ("off", "client")
    assert (test.status_code, test.json()["code"]) == (409, "webhook_endpoint_off")
    assert on["status"] == "active"
    assert "off_reason" not in on
    assert event_names()[1:] == ["webhooks.switched_off", "webhooks.switched_on"]


def test_a_removed_endpoint_is_gone_and_its_address_free(mall: Mall) -> None:
    made = create(mall)
    mall.post(f"/webhooks/{made['id']}/test", {})

    removed = mall.post(f"/webhooks/{made['id']}/remove", {})

    assert removed.status_code == 204
    assert mall.get(f"/webhooks/{made['id']}").status_code == 404
    assert mall.post(f"/webhooks/{made['id']}/enable", {}).status_code == 404
    assert not WebhookSecret.objects.exists()
    assert not WebhookDelivery.objects.exists()
    create(mall)


def test_a_test_is_queued_and_listed(mall: Mall) -> None:
    made = create(mall)

    queued = mall.post(f"/webhooks/{made['id']}/test", {})

    assert queued.status_code == 202
    (listed,) = mall.get(f"/webhooks/{made['id']}/deliveries").json()["results"]
    assert listed == queued.json()
    assert (listed["type"], listed["status"], listed["log"]) == ("webhooks.test", "waiting", [])
    done = mall.get(f"/webhooks/{made['id']}/deliveries", "status=delivered").json()
    assert done["results"] == []
    assert mall.get(f"/webhooks/{made['id']}/deliveries", "status=x").status_code == 400


def test_redelivery_needs_one_or_a_range(mall: Mall) -> None:
    made = create(mall)
    path = f"/webhooks/{made['id']}/redeliver"
    start, end = "2026-11-01T00:00:00+08:00", "2100-11-01T00:00:00+08:00"
    delivery = mall.post(f"/webhooks/{made['id']}/test", {}).json()["id"]

    assert mall.post(path, {"delivery": delivery}).json() == {"queued": 1}
    assert mall.post(path, {"from": start, "to": end}).json() == {"queued": 1}
    assert mall.post(path, {"from": start, "to": start}).json() == {"queued": 0}
    assert mall.post(path, {"delivery": "nobody"}).status_code == 404
    for body in ({}, {"from": start}, {"delivery": delivery, "from": start, "to": end}):
        assert mall.post(path, body).status_code == 400


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("PUT", ""),
        ("GET", "/deliveries"),
        *(
            ("POST", f"/{what}")
            for what in ("rotate", "test", "enable", "disable", "remove", "redeliver")
        ),
    ],
)
def test_another_client_finds_nothing(mall: Mall, method: str, path: str) -> None:
    made = create(mall)
    client, secret = create_client(name="other", scopes=None, at=NOON)
    other = Mall(client.key, secret)
    body = {"url": URL} if method == "PUT" else {} if method == "POST" else None
    before = Event.objects.count()

    response = other.send(method, f"/webhooks/{made['id']}{path}", body)

    assert (response.status_code, response.json()["code"]) == (404, "not_found")
    assert other.get("/webhooks").json()["results"] == []
    assert Event.objects.count() == before


def test_the_scope_is_needed(db: None) -> None:
    client, secret = create_client(name="reader", scopes=["events:read"], at=NOON)
    reader = Mall(client.key, secret)

    refused = reader.post("/webhooks", {"url": URL})

    assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing")
    assert reader.get("/events").status_code == 200


def test_the_number_of_queries_is_fixed(mall: Mall, client_of_mall: ApiClient) -> None:
    made = create(mall)
    path = f"/webhooks/{made['id']}/deliveries"
    mall.post(f"/webhooks/{made['id']}/test", {})
    mall.get(path)
    with CaptureQueriesContext(connection) as one:
        mall.get(path)
    for number in range(19):
        mall.post(f"/webhooks/{made['id']}/test", {})
        create(mall, url=f"https://shop.example.com/{number}")

    with CaptureQueriesContext(connection) as twenty:
        assert len(mall.get(path).json()["results"]) == 20

    assert len(one) == len(twenty)
    with CaptureQueriesContext(connection) as listed:
        assert len(mall.get("/webhooks").json()["results"]) == 20
    assert len(listed) <= len(one)


def test_secrets_are_encrypted_with_a_new_key(mall: Mall, settings: Settings) -> None:
    made = create(mall)
    old = settings.FIELD_ENCRYPTION_KEYS
    settings.FIELD_ENCRYPTION_KEYS = ["a new key of many characters", *old]

    call_command("rotate_encryption")

    settings.FIELD_ENCRYPTION_KEYS = ["a new key of many characters"]
    assert WebhookEndpoint.objects.get().live_secrets(clock.now()) == [made["secret"]]
