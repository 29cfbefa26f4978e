"""A shop in a browser's test: a module fills it by its fixture ``fill_shop``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from pytest_django import DjangoDbBlocker

from tests.browser import PageServer, served_once, serving
from tests.databases import using


@pytest.fixture
def server(committed: str, fill_shop: Callable[[], object], tmp_path: Path) -> Iterator[PageServer]:
    """Serve a shop of its own to a test that writes."""
    fill_shop()
    with serving(committed, tmp_path) as running:
        yield running


@pytest.fixture(scope="module")
def kept(
    chromium: Browser,
    fill_shop: Callable[[], object],
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[PageServer]:
    folder = tmp_path_factory.mktemp("kept_shop")
    with django_db_blocker.unblock(), served_once(fill_shop, folder) as running:
        yield running


@pytest.fixture
def seen(kept: PageServer) -> Iterator[PageServer]:
    """Serve one shop to all tests of a module that only look."""
    with using(kept.database):
        yield kept
