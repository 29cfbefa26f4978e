"""Staff create, test and switch endpoints, see what was delivered, and send it again."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from common import clock
from integration.client_changes import switch_off_client, switch_on_client
from integration.models import ApiClient
from members.models import User
from tests.cast import NOON
from tests.shop import DAY
from webhooks.endpoints import create_endpoint, send_trial
from webhooks.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from webhooks.sending import claim


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


CREATE = "admin:webhooks_webhookendpoint_create"


def page_of(client: Client, row: Any, page: str, **values: Any) -> Any:
    name = f"admin:{row._meta.app_label}_{row._meta.model_name}_{page}"
    return client.post(reverse(name, args=[row.pk]), values)


def secret_in(response: Any) -> str:
    found = re.search(r"WEBHOOK_SECRET=(whsec_[\w+/=]+)", response.content.decode())
    assert found
    return found[1]


def test_staff_create_an_endpoint_and_see_its_secret_once(
    as_boss: Client, client_of_mall: ApiClient
) -> None:
    url = "https://crm.example.com/in"
    response = as_boss.post(
        reverse(CREATE),
        {"client": client_of_mall.pk, "url": url, "types": ["orders.changed"]},
    )

    row = WebhookEndpoint.objects.get(url=url)
    assert row.types == ["orders.changed"]
    assert [secret_in(response)] == row.live_secrets(clock.now())
    assert "no-store" in response["Cache-Control"]
    again = as_boss.get(reverse("admin:webhooks_webhookendpoint_change", args=[row.pk]))
    assert secret_in(response) not in again.content.decode()


@pytest.mark.parametrize("url", ["http://crm.example.com", "https://127.0.0.1/", "ftp://x", "x"])
def test_an_address_inside_is_refused_and_stays_in_the_form(
    as_boss: Client, client_of_mall: ApiClient, url: str
) -> None:
    response = as_boss.post(reverse(CREATE), {"client": client_of_mall.pk, "url": url})

    assert response.status_code == 200
    assert f'value="{url}"' in response.content.decode()
    assert not WebhookEndpoint.objects.exists()


def test_a_change_without_an_address_keeps_it(as_boss: Client, endpoint: WebhookEndpoint) -> None:
    form = as_boss.get(reverse("admin:webhooks_webhookendpoint_edit", args=[endpoint.pk]))
    assert "sesame" not in form.content.decode()
    page_of(as_boss, endpoint, "edit", description="CRM", types=["orders.changed"])

    endpoint.refresh_from_db()
    assert (endpoint.description, endpoint.types) == ("CRM", ["orders.changed"])
    assert endpoint.url.endswith("open-sesame")


def test_a_new_secret_leaves_the_previous_one_for_a_day(
    as_boss: Client, endpoint: WebhookEndpoint
) -> None:
    (old,) = endpoint.live_secrets(NOON)
    new = secret_in(page_of(as_boss, endpoint, "rotate"))

    assert endpoint.live_secrets(clock.now()) == [new, old]


def test_staff_send_a_test_and_try_again_what_failed(
    as_boss: Client, endpoint: WebhookEndpoint
) -> None:
    press(as_boss, "send_test", endpoint)
    delivery = WebhookDelivery.objects.get()
    later = clock.now() + 6 * DAY
    WebhookDelivery.objects.update(attempts=5, due_at=later)

    press(as_boss, "send_waiting", endpoint)
    delivery.refresh_from_db()
    assert (delivery.attempts, delivery.due_at < later) == (0, True)


def test_days_are_sent_again_after_a_preview(as_boss: Client, endpoint: WebhookEndpoint) -> None:
    send_trial(endpoint=endpoint, at=NOON)
    WebhookDelivery.objects.update(delivered_at=NOON)
    days = {"first": "2026-11-01", "last": "2026-11-01"}

    preview = page_of(as_boss, endpoint, "redeliver_days", **days)
    assert WebhookDelivery.objects.get().delivered_at
    token = re.search(r'name="previewed" value="([^"]+)"', preview.content.decode())
    assert token
    page_of(as_boss, endpoint, "redeliver_days", previewed=token[1], confirm="yes", **days)
    assert WebhookDelivery.objects.get().delivered_at is None

    wrong = page_of(as_boss, endpoint, "redeliver_days", first="2026-11-02", last="2026-11-01")
    assert "confirm" not in wrong.content.decode().partition("<form")[2]


def test_a_removed_endpoint_has_no_buttons(as_boss: Client, endpoint: WebhookEndpoint) -> None:
    send_trial(endpoint=endpoint, at=NOON)
    press(as_boss, "remove", endpoint)

    assert endpoint.status == "removed"
    assert not WebhookDelivery.objects.exists()
    assert page_of(as_boss, endpoint, "edit", description="x").status_code == 302
    endpoint.refresh_from_db()
    assert endpoint.description == ""


def test_bodies_and_answers_are_shown_without_personal_data(
    as_boss: Client, endpoint: WebhookEndpoint
) -> None:
    delivery = send_trial(endpoint=endpoint, at=NOON)
    WebhookAttempt.objects.create(
        delivery=delivery, at=NOON, status=500, milliseconds=35, error="status",
        answer="<b>no member 13812345678</b>",
    )  # fmt: skip
    WebhookDelivery.objects.update(attempts=1)
    page = as_boss.get(reverse("admin:webhooks_webhookdelivery_change", args=[delivery.pk]))
    text = page.content.decode()

    assert "webhooks.test" in text
    assert "&lt;b&gt;no member 138****5678" in text
    listed = as_boss.get(
        reverse("admin:webhooks_webhookdelivery_changelist"), {"state": "retrying"}
    )
    assert "HTTP 500" in listed.content.decode()


def test_the_page_says_whether_the_endpoint_works(
    as_boss: Client, endpoint: WebhookEndpoint
) -> None:
    as_boss.cookies["django_language"] = "en"
    url = reverse("admin:webhooks_webhookendpoint_change", args=[endpoint.pk])
    assert "failures in a row" not in as_boss.get(url).text
    WebhookEndpoint.objects.update(failures=3, failing_since=clock.now() - DAY)
    assert "3 failures in a row" in as_boss.get(url).text

    panel = reverse("admin:integration_apiclient_panel", args=[endpoint.client_id, "webhooks"])
    assert "3 failures in a row" in as_boss.get(panel).text


def test_an_endpoint_of_a_client_that_is_off_waits(
    as_boss: Client, boss: User, endpoint: WebhookEndpoint
) -> None:
    send_trial(endpoint=endpoint, at=NOON)
    switch_off_client(client=endpoint.client, reason="查", by=boss, at=NOON)
    assert claim(at=clock.now(), limit=5) == []

    switch_on_client(client=endpoint.client, by=boss, at=NOON)
    assert len(claim(at=clock.now(), limit=5)) == 1
