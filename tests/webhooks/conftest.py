from __future__ import annotations

import pytest

from integration.clients import create_client
from integration.models import ApiClient
from tests.api.mall import Mall
from tests.cast import NOON


@pytest.fixture
def mall(db: None) -> Mall:
    client, secret = create_client(name="mall", scopes=None, at=NOON)
    return Mall(client.key, secret)


@pytest.fixture
def client_of_mall(mall: Mall) -> ApiClient:
    return ApiClient.objects.get(key=mall.key)
