from __future__ import annotations

import pytest
from django.test import Client

from members.models import User


@pytest.fixture(autouse=True)
def no_static_files(settings: pytest.FixtureRequest) -> None:
    """Every new client would look for all of them first."""
    settings.WHITENOISE_USE_FINDERS = False


@pytest.fixture
def as_boss(db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("boss", password="boss"))
    return client
