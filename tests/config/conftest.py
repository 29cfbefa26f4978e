from __future__ import annotations

import pytest


@pytest.fixture(scope="session", autouse=True)
def servers() -> None:
    """In place of the servers of the other tests: these start none, or ask for them."""
