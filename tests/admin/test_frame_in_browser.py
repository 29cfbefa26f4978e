"""The frame in a real browser: every page fits and is accessible, and the keyboard is enough."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django import DjangoDbBlocker

from backoffice import office as pages
from distribution.models import Application
from tests.admin.browser import office
from tests.admin.conftest import _open_shop
from tests.admin.pages import PAGES, name, row, url
from tests.browser import Device, PageServer, chromium, serving
from tests.databases import cloned, using

__all__ = ["chromium"]

pytestmark = pytest.mark.slow

WIDTHS = (1440, 1024, 390)
MOST_TABS = 10


@pytest.fixture(scope="module")
def served(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[PageServer]:
    """Serve a shop with something in every list."""
    folder: Path = tmp_path_factory.mktemp("office")
    with django_db_blocker.unblock(), cloned("office") as database, using(database):
        _open_shop()
        with serving(database, folder) as server:
            yield server


@pytest.fixture(scope="module")
def boss(chromium: Browser, served: PageServer) -> Iterator[Device]:
    """Keep one desk open for the tests that only look at pages, so that it has a warm cache."""
    with office(chromium, served, "boss") as opened:
        yield opened


def overflows(page: Page) -> dict[int, int]:
    """Return by how many pixels the page is too wide, by width of the screen."""
    found = {}
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        found[width] = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
    page.set_viewport_size({"width": WIDTHS[0], "height": 900})
    return found


def faults(opened: Device, path: str) -> list[str]:
    page = opened.open(path)
    wide = {width: pixels for width, pixels in overflows(page).items() if pixels > 0}
    noted = [*opened.faults, *opened.foreign]
    opened.faults.clear()
    opened.foreign.clear()
    return [*opened.violations(), *([f"too wide: {wide}"] if wide else []), *noted]


@pytest.mark.parametrize("shown", PAGES, ids=name)
def test_pages_fit_and_are_accessible(boss: Device, shown: Any) -> None:
    paths = [url(shown, "changelist"), url(shown, "change", row(shown).pk)]
    found = {path: wrong for path in paths if (wrong := faults(boss, path))}

    assert found == {}


@pytest.mark.parametrize(
    "path", ["", *(f"{page.path}/" for page in pages.pages() if "<" not in page.path), "no/page/"]
)
def test_office_pages_fit_and_are_accessible(boss: Device, path: str) -> None:
    answer = boss.context.request.get(f"{boss.origin}/admin/{path}")
    is_page = "<html" in answer.text() if "html" in answer.headers["content-type"] else False
    # The others are files, and parts of pages that htmx loads.
    if is_page:
        assert faults(boss, f"/admin/{path}") == []


def test_pages_fit_and_are_accessible_in_the_dark(chromium: Browser, served: PageServer) -> None:
    with office(chromium, served, "boss") as opened:
        opened.page.emulate_media(color_scheme="dark")
        for path in ("/admin/", "/admin/todo/", "/admin/data/", "/admin/orders/order/"):
            assert faults(opened, path) == [], path


def test_the_skip_link_leads_to_the_content(chromium: Browser, served: PageServer) -> None:
    with office(chromium, served, "boss") as opened:
        page = opened.open("/admin/orders/order/")
        page.keyboard.press("Tab")
        expect(page.locator(".fr-skip")).to_be_focused()
        page.keyboard.press("Enter")
        for _ in range(MOST_TABS - 2):
            page.keyboard.press("Tab")
            if page.evaluate("document.querySelector('main').contains(document.activeElement)"):
                return
        pytest.fail("the content is too many tabs away")


def test_the_menu_has_few_entries_and_the_open_job_its_links(
    chromium: Browser, served: PageServer
) -> None:
    with office(chromium, served, "boss") as opened:
        page = opened.open("/admin/orders/order/")
        menu = page.get_by_role("navigation", name="主菜单")
        expect(menu.locator(".fr-job")).to_have_count(9)
        expect(menu.locator(".fr-job.active")).to_contain_text("订单与佣金")
        expect(menu.locator(".fr-link[aria-current=page]")).to_have_text("订单")
        expect(page.get_by_role("heading", level=1)).to_have_text("订单")
        assert page.title() == "订单 · 订单与佣金 | Twotier"


def test_the_menu_opens_on_a_phone_and_closes_by_escape(
    chromium: Browser, served: PageServer
) -> None:
    with office(chromium, served, "boss", width=390) as opened:
        page = opened.open("/admin/")
        menu = page.get_by_role("navigation", name="主菜单")
        expect(menu).to_be_hidden()
        page.get_by_role("button", name="菜单", exact=True).click()
        expect(menu).to_be_visible()
        page.keyboard.press("Escape")
        expect(menu).to_be_hidden()


def test_a_dialog_takes_the_focus_keeps_it_and_gives_it_back(
    chromium: Browser, served: PageServer
) -> None:
    application = Application.objects.earliest("pk")
    with office(chromium, served, "boss") as opened:
        page = opened.open(f"/admin/distribution/application/{application.pk}/change/")
        opener = page.get_by_role("button", name="驳回")
        opener.focus()
        page.keyboard.press("Enter")
        dialog = page.get_by_role("dialog", name="驳回")
        expect(dialog).to_be_visible()
        inside = "document.getElementById('modal-content').contains(document.activeElement)"
        page.wait_for_function(inside)
        for _ in range(8):
            page.keyboard.press("Tab")
            assert page.evaluate(inside)
        assert opened.violations() == []
        page.keyboard.press("Escape")
        expect(dialog).to_be_hidden()
        expect(opener).to_be_focused()


def test_an_id_is_copied_by_its_button(chromium: Browser, served: PageServer) -> None:
    with office(chromium, served, "boss") as opened:
        opened.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page = opened.open("/admin/members/member/")
        opened.open(
            page.locator("#result_list a[href*='/change/']").first.get_attribute("href") or ""
        )
        button = page.locator(".tt-copy").first
        text = button.get_attribute("data-copy")
        button.click()
        expect(button).to_have_class("tt-copy tt-copied")
        assert page.evaluate("navigator.clipboard.readText()") == text


def test_the_search_opens_by_its_button_and_by_the_keyboard(
    chromium: Browser, served: PageServer
) -> None:
    with office(chromium, served, "boss") as opened:
        page = opened.open("/admin/")
        page.get_by_role("button", name="搜索全部").click()
        expect(page.get_by_role("combobox").or_(page.get_by_role("searchbox"))).to_be_focused()
        page.keyboard.press("Escape")
        page.keyboard.press("Control+k")
        expect(page.get_by_role("combobox").or_(page.get_by_role("searchbox"))).to_be_focused()


def test_all_data_is_filtered_while_typing(chromium: Browser, served: PageServer) -> None:
    with office(chromium, served, "boss") as opened:
        page = opened.open("/admin/data/")
        page.get_by_role("searchbox", name="查找列表").fill("流水")
        expect(page.locator(".fr-table-card:visible")).to_have_count(1)
        page.locator(".fr-table-card:visible").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("流水")


def test_the_badge_counts_what_waits(chromium: Browser, served: PageServer) -> None:
    with office(chromium, served, "boss") as opened:
        page = opened.open("/admin/")
        counts = [int(text) for text in page.locator(".fr-card-count").all_inner_texts()]
        badge = page.locator("#fr-badge-todo")
        assert counts
        expect(badge).to_contain_text(str(sum(counts)))


def test_a_missing_page_leads_home(chromium: Browser, served: PageServer) -> None:
    with office(chromium, served, "boss") as opened:
        page = opened.open("/admin/no/such/page/")
        expect(page.get_by_role("heading", level=1)).to_have_text("页面不存在")
        page.get_by_role("link", name="返回首页").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("首页")
