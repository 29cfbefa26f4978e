"""Administrators make clients of the API, and see a secret once."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from events.models import Event
from integration.models import ApiClient
from tests.api.mall import Mall

pytestmark = pytest.mark.usefixtures("shop")

CREATE = "admin:integration_apiclient_create"


def shown(response: object) -> str:
    found = re.search(r"SECRET=([\w-]+)", response.content.decode())  # type: ignore[attr-defined]
    assert found
    return found[1]


def test_the_secret_is_shown_once(as_boss: Client) -> None:
    body = {"name": "客服系统", "scopes": ["orders:read"]}
    created = as_boss.post(reverse(CREATE), body)

    secret = shown(created)
    assert "no-store" in created["Cache-Control"]
    client = ApiClient.objects.get(name="客服系统")
    assert client.scopes == ["orders:read"]
    page = as_boss.get(reverse("admin:integration_apiclient_change", args=[client.pk]))
    assert secret not in page.content.decode()
    assert Mall(client.key, secret).get("/orders/none").status_code == 404
    assert not any(secret in str(event.data) for event in Event.objects.all())


def test_a_new_secret_leaves_the_present_one_valid(as_boss: Client) -> None:
    first = shown(as_boss.post(reverse(CREATE), {"name": "a", "scopes": ["orders:read"]}))
    client = ApiClient.objects.get(name="a")
    rotate = reverse("admin:integration_apiclient_rotate", args=[client.pk])

    assert as_boss.get(rotate).status_code == 200
    client.refresh_from_db()
    assert client.rotated_at is None
    second = shown(as_boss.post(rotate))

    for secret in (first, second):
        assert Mall(client.key, secret).get("/orders/none").status_code == 404


def test_a_taken_name_is_refused(as_boss: Client) -> None:
    response = as_boss.post(reverse(CREATE), {"name": "商城", "scopes": ["orders:read"]})

    assert response.status_code == 200
    assert "SECRET=" not in response.content.decode()
    assert ApiClient.objects.filter(name="商城").count() == 1


def test_a_revoked_client_gets_no_secret(as_boss: Client) -> None:
    client = ApiClient.objects.get(name="商城")
    as_boss.post(
        reverse("admin:integration_apiclient_revoke", args=[client.pk]),
        {"_form_submitted": "True"},
    )

    client.refresh_from_db()
    assert client.revoked_at
    response = as_boss.post(reverse("admin:integration_apiclient_rotate", args=[client.pk]))
    assert response.status_code == 302
