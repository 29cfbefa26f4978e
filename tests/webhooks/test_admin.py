"""Staff see endpoints and deliveries, switch endpoints, and send deliveries again."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from common import clock
from integration.models import ApiClient
from tests.cast import NOON
from webhooks.endpoints import create_endpoint, send_trial
from webhooks.models import WebhookDelivery, WebhookEndpoint


@pytest.fixture
def endpoint(client_of_mall: ApiClient) -> WebhookEndpoint:
    row, _secret = create_endpoint(
        client=client_of_mall, url="https://shop.example.com/hooks?token=open-sesame",
        by=client_of_mall, at=NOON,
    )  # fmt: skip
    return row


def press(client: Client, button: str, row: Any) -> None:
    url = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{button}", args=[row.pk])
    assert client.post(url, {"_form_submitted": "True"}).status_code == 200
    row.refresh_from_db()


def test_staff_switch_an_endpoint_off_and_on(as_boss: Client, endpoint: WebhookEndpoint) -> None:
    press(as_boss, "switch_off", endpoint)
    assert (endpoint.status, endpoint.off_reason) == ("off", "staff")

    press(as_boss, "switch_on", endpoint)
    assert (endpoint.status, endpoint.off_reason) == ("active", "")


def test_staff_send_a_delivery_again(as_boss: Client, endpoint: WebhookEndpoint) -> None:
    delivery = send_trial(endpoint=endpoint, at=NOON)
    WebhookDelivery.objects.update(delivered_at=NOON, attempts=3)

    press(as_boss, "redeliver", delivery)

    assert (delivery.delivered_at, delivery.attempts) == (None, 0)
    assert delivery.due_at <= clock.now()


def test_no_page_shows_the_token_of_an_address_or_the_secret(
    as_boss: Client, endpoint: WebhookEndpoint
) -> None:
    delivery = send_trial(endpoint=endpoint, at=NOON)
    (secret,) = endpoint.live_secrets(NOON)

    for row in (endpoint, delivery):
        name = f"{row._meta.app_label}_{row._meta.model_name}"
        for url in (
            reverse(f"admin:{name}_changelist"),
            reverse(f"admin:{name}_change", args=[row.pk]),
        ):
            page = as_boss.get(url).content.decode()
            assert "shop.example.com" in page
            assert "sesame" not in page
            assert secret not in page
