"""The reports in a browser: in both languages, on a desk, a tablet and a phone."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, expect

from reports.admin.catalogue import REPORTS
from tests.admin.browser import office
from tests.browser import PageServer, serving
from tests.cast import give, staff
from tests.reports.season import a_month

pytestmark = pytest.mark.slow
NOVEMBER = {"first": "2026-11-01", "last": "2026-11-28"}


@pytest.fixture
def server(committed: str, tmp_path: Path):
    a_month()
    give(staff("Qian"), "view_salesfigures", "export_list", "view_product", "view_distributor",
         "view_order")  # fmt: skip
    with serving(committed, tmp_path) as started:
        yield started


def address(report: str, **more: str) -> str:
    return f"/admin/figures/?{urlencode({'report': report, **NOVEMBER, **more})}"


@pytest.mark.parametrize(("locale", "width"), [("zh-CN", 1440), ("zh-CN", 390), ("en", 1024)])
def test_every_report_fits_and_everybody_can_read_it(
    chromium: Browser, server: PageServer, locale: str, width: int
) -> None:
    with office(chromium, server, "qian", locale=locale, width=width) as desk:
        for report in REPORTS:
            page = desk.open(address(report))
            expect(page.locator(".rp-scroll tbody tr").first).to_be_visible()
            assert desk.overflow <= 0, report
            assert desk.violations() == [], report


def test_a_range_is_chosen_sorted_and_taken_home_by_keyboard(
    chromium: Browser, server: PageServer
) -> None:
    with office(chromium, server, "qian") as desk:
        page = desk.open(address("products"))
        first = page.locator(".rp-scroll tbody th").first
        page.get_by_role("link", name="退款额").focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**sort=returned**")
        expect(page.locator("th[aria-sort]")).to_have_text("退款额")

        page.get_by_label("至", exact=True).fill("2026-10-01")
        page.get_by_role("button", name="查看").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_contain_text("请对调")
        expect(page.get_by_label("从", exact=True)).to_have_value("2026-11-01")

        page = desk.open(address("products"))
        expect(first).to_be_visible()
        with page.expect_download() as download:
            page.get_by_role("button", name="导出 Excel").press("Enter")
        assert download.value.suggested_filename.endswith(".xlsx")
