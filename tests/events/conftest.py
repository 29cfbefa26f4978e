from __future__ import annotations

import pytest
from pytest_django import Settings

from tests.events import followers


@pytest.fixture(autouse=True)
def flows_of_the_tests(settings: Settings) -> None:
    settings.FLOWS = "tests.events.followers"
    followers.second_noted.clear()
