"""A desk of the back office in a real browser, at which a person of the staff has signed in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser

from members.models import User
from tests.browser import Device, PageServer, device

TABLET = 768
"""Narrower screens are phones."""


@contextmanager
def office(
    browser: Browser,
    server: PageServer,
    username: str,
    *,
    width: int = 1440,
    locale: str = "zh-CN",
) -> Iterator[Device]:
    """Open the back office as ``username``; afterwards nothing went wrong on its pages.

    The test has the fixtures ``chromium`` and ``committed``, and its own server:
    ``with serving(committed, tmp_path) as server``.
    """
    client = Client()
    client.force_login(User.objects.get(username=username))
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    desk = width >= TABLET
    size = {"width": width, "height": 900 if desk else 844}
    with device(browser, server.origin, locale=locale, desk=desk, viewport=size) as opened:
        opened.context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": server.origin}]
        )
        yield opened
        assert not opened.faults, opened.faults
        assert not opened.foreign, opened.foreign
