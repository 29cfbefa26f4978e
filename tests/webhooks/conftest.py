from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from django.db import connection
from pytest_django import Settings

from integration.clients import create_client
from integration.models import ApiClient
from tests.api.mall import Mall
from tests.cast import NOON
from tests.webhooks.receiver import Receiver, receiving
from webhooks.endpoints import create_endpoint
from webhooks.models import WebhookEndpoint


@pytest.fixture
def mall(db: None) -> Mall:
    client, secret = create_client(name="mall", scopes=None, at=NOON)
    return Mall(client.key, secret)


@pytest.fixture
def client_of_mall(mall: Mall) -> ApiClient:
    return ApiClient.objects.get(key=mall.key)


class Shops:
    """Receivers with an endpoint each."""

    def __init__(self, client: ApiClient, stack: ExitStack) -> None:
        self._client, self._stack = client, stack

    def open(self, **fields: Any) -> tuple[Receiver, WebhookEndpoint]:
        receiver = self._stack.enter_context(receiving())
        endpoint, receiver.secret = create_endpoint(
            client=self._client, by=self._client, url=receiver.url, at=NOON, **fields
        )
        return receiver, endpoint


@pytest.fixture
def shops(client_of_mall: ApiClient, settings: Settings) -> Iterator[Shops]:
    settings.WEBHOOK_ALLOW_LOOPBACK = True
    with ExitStack() as stack:
        yield Shops(client_of_mall, stack)


@pytest.fixture(autouse=True)
def _low_keys(request: pytest.FixtureRequest) -> None:
    """Number the events of the test from 1: those of other tests are gone, but not their keys.

    A reader passes 10,000 keys at once, so it would need a second look.
    """
    if not {"db", "committed"} & set(request.fixturenames):
        return
    request.getfixturevalue("committed" if "committed" in request.fixturenames else "db")
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval(pg_get_serial_sequence('events_event', 'id'), 1, false)")
