"""A real browser for tests: Chromium, a phone and a desk, and what the pages did wrong.

A module that uses it lists the fixtures in ``pytest_plugins`` of its ``conftest.py``, or imports
them. Tests with a browser are slow.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.db import connections
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.api.server import HOST, WebServer
from tests.databases import cloned, using

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = ("--no-sandbox", "--disable-dev-shm-usage", "--force-color-profile=srgb")
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1440, "height": 900}
AGENT = (
    "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/142.0.0.0 Mobile Safari/537.36"
)
"""That of a headless browser would be a bot, whose visits do not count."""
WAIT = 15_000  # ms: two browsers may share a core
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]


@dataclass
class Device:
    """A browser context with one page, and its faults: errors of scripts, refused resources."""

    context: BrowserContext
    page: Page
    origin: str
    faults: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    """Requests to other servers."""

    def __post_init__(self) -> None:
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("console", self._note_message)
        self.page.on("request", self._note_request)

    def _note_message(self, message: Any) -> None:
        # Answers of 4xx are what tests provoke, and the pages show them.
        if message.type == "error" and "the server responded with" not in message.text:
            self.faults.append(message.text)

    def _note_request(self, request: Any) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https") and f"{parts.scheme}://{parts.netloc}" != self.origin:
            self.foreign.append(request.url)

    def open(self, path: str) -> Page:
        """Open a page and wait until its scripts have done what they do at first."""
        self.page.goto(f"{self.origin}{path}")
        self.page.wait_for_load_state("networkidle")
        return self.page

    def sign_in(self, name: str, path: str) -> Page:
        """Sign in as a person of the sandbox, and go to a page of the shop."""
        people = ("mei", "lan", "bo", "chen")
        self.page.goto(f"{self.origin}/login?next={path.replace('#', '%23')}")
        self.page.locator(".cast button").nth(people.index(name)).click()
        self.page.wait_for_url(f"{self.origin}{path}")
        self.page.wait_for_load_state("networkidle")
        return self.page

    def violations(self) -> list[str]:
        """Return what axe finds on the page as it is now."""
        options = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]}
        found = Axe().run(self.page, options=options)
        return [
            f"{rule['id']}: {node['target']} {node.get('failureSummary', '')[:200]}"
            for rule in found.response["violations"]
            for node in rule["nodes"]
        ]

    @property
    def overflow(self) -> int:
        """Return by how many pixels the page is wider than the screen."""
        width: int = self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        return width


def program() -> str | None:
    """Return the browser of this machine."""
    return next(filter(None, map(shutil.which, PROGRAMS)), None)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Start Chromium once a module; without one on this machine its tests are skipped."""
    if program() is None:
        pytest.skip("Chromium is not installed (Debian: apt install chromium fonts-noto-cjk)")
    # Playwright's loop runs in this thread, where Django would refuse its database.
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    # Within its loop Django has other connections, and nobody would close those from before.
    connections.close_all()
    try:
        with sync_playwright() as playwright:
            expect.set_options(timeout=WAIT)
            browser = playwright.chromium.launch(executable_path=program(), args=list(ARGUMENTS))
            yield browser
            connections.close_all()
            browser.close()
    finally:
        if before is None:
            os.environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)
        else:
            os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = before


@contextmanager
def device(
    browser: Browser, origin: str, *, locale: str = "zh-CN", desk: bool = False, **options: Any
) -> Iterator[Device]:
    """Open a phone of 390 pixels, or a desk, with one page."""
    usual = {"viewport": DESK if desk else PHONE, "user_agent": AGENT}
    context = browser.new_context(
        is_mobile=not desk, has_touch=not desk, locale=locale, **{**usual, **options}
    )
    context.set_default_timeout(WAIT)
    try:
        yield Device(context, context.new_page(), origin)
    finally:
        context.close()


class PageServer(WebServer):
    """A web server whose public address is its own, with files of its own."""

    def __init__(self, database: str, folder: Path) -> None:
        super().__init__(database, folder)
        self.database = database
        self._environment |= {
            "PUBLIC_URL": self.origin,
            "MEDIA_ROOT": str(folder / "media"),
        }

    @property
    def origin(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """Return what a worker for this server needs to know."""
        return dict(self._environment)


@contextmanager
def serving(database: str, folder: Path) -> Iterator[PageServer]:
    """Serve the database of a test."""
    server = PageServer(database, folder)
    server.start()
    try:
        yield server
    finally:
        server.kill()


@contextmanager
def served_once(fill: Callable[[], object], folder: Path) -> Iterator[PageServer]:
    """Serve a shop to the tests of a module that only look at its pages.

    Each of them connects by ``using(server.database)``; the others have their own databases.
    """
    with cloned("served_once") as database:
        with using(database):
            fill()
        with serving(database, folder) as server:
            yield server
