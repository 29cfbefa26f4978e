"""The back office: its boss, who may do everything, and browsers that are signed in."""

from __future__ import annotations

import pytest
from django.test import Client
from pytest_django import Settings

from members.models import User
from tests.cast import LONG_AGO


@pytest.fixture
def no_static_files(settings: Settings) -> None:
    """Keep WhiteNoise from searching all static files whenever a test makes a new client."""
    settings.WHITENOISE_USE_FINDERS = False


@pytest.fixture
def boss(db: None) -> User:
    found = User.objects.filter(username="boss").first()
    return found or User.objects.create_superuser("boss", may_review_from=LONG_AGO)


@pytest.fixture
def as_boss(boss: User, no_static_files: None) -> Client:
    return _signed_in(boss)


@pytest.fixture
def as_qian(qian: User, no_static_files: None) -> Client:
    return _signed_in(qian)


def _signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client
