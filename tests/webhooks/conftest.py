from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
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
