"""The poster sheet in a browser, with a server and a worker of its own."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
import zxingcpp
from django.core.management import call_command
from django.test import override_settings
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from posters.models import Poster
from sharing.models import ForbiddenWord
from tests.browser import device, serving
from tests.h5 import mall
from tests.h5.workers import drawing

pytestmark = pytest.mark.slow
IN_TIME = 60_000  # ms: the first poster of a worker that has just started
POSTER = ".poster-frame img"


def wait_for_poster(page: Page) -> str:
    """Wait until a poster is shown; return its address."""
    # Not wait_for_function: it evaluates a text in the page, which the content policy forbids.
    expect(page.locator(POSTER)).to_be_visible(timeout=IN_TIME)
    expect(page.locator(".poster-wait")).to_have_count(0, timeout=IN_TIME)
    return str(page.locator(POSTER).get_attribute("src"))


def test_from_the_tap_to_a_picture_in_another_style(
    chromium: Browser, committed: str, tmp_path: Path
) -> None:
    with (
        serving(committed, tmp_path) as server,
        override_settings(MEDIA_ROOT=tmp_path / "media", PUBLIC_URL=server.origin),
        drawing(server, tmp_path),
        device(chromium, server.origin) as lan,
    ):
        call_command("poster_templates", verbosity=0)
        ForbiddenWord.objects.create(word="天下无敌")
        goods = mall.product(pictures=1, name=mall.LONG[:60])
        mall.distributor("lan")
        page = lan.open(f"/p/{goods.public_id}")

        page.locator(".float").click()  # nobody is signed in yet
        page.locator(".cast button").nth(1).click()
        first = wait_for_poster(page)
        [code] = zxingcpp.read_barcodes(
            Image.open(io.BytesIO(lan.context.request.get(first).body()))
        )
        assert code.text == f"{server.origin}/s/{Poster.objects.get().share.code}"
        assert lan.violations() == []

        page.get_by_role("button", name="换个风格").click()
        second = wait_for_poster(page)
        assert second != first

        page.locator("#poster-line").fill("天下无敌的面霜")
        page.locator(".line-box .button").click()
        expect(page.locator(".line-box .field-error")).to_be_visible()

        page.route("**/api/v1/posters", lambda route: route.fulfill(status=500, body=""))
        page.locator("#poster-line").fill("用了一个月，皮肤很软")
        page.locator(".line-box .button").click()
        expect(page.locator(".poster-wait")).to_contain_text("系统开小差了")
        page.unroute_all()
        page.get_by_role("button", name="重试").click()
        assert wait_for_poster(page) not in (first, second)
        assert lan.faults == []
        assert lan.foreign == []
    assert Poster.objects.filter(line="用了一个月，皮肤很软").count() == 1
