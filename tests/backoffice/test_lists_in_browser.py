"""Lists in a real browser: filters that apply at once, sums of a selection, columns, exports."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from backoffice import export_files
from backoffice.exports import claim_export, write_export
from backoffice.models import Export, SavedView
from catalog.models import Category
from common import clock
from members.models import User
from tests.admin.browser import office
from tests.browser import PageServer, serving
from tests.cast import LONG_AGO, NOON
from tests.shop import DAY, ingest, open_shop, order

pytestmark = pytest.mark.slow
ORDERS = "/admin/orders/order/"
COMMISSIONS = "/admin/commissions/commission/"


@pytest.fixture
def server(committed: str, tmp_path: Path) -> Iterator[PageServer]:
    User.objects.create_superuser("boss", may_review_from=LONG_AGO)
    bo = open_shop()
    for number in range(1, 6):
        at = NOON + number * DAY
        ingest(order(bo, number=f"E{number}", placed_at=at), at=at)
    with serving(committed, tmp_path) as running:
        yield running


def numbers(page: Page) -> list[str]:
    cells = page.locator("#result_list .field-number").all_inner_texts()
    return [match[0] for text in cells if (match := re.search(r"E\d", text))]


def test_filters_apply_at_once_and_can_be_removed(chromium: Browser, server: PageServer) -> None:
    with office(chromium, server, "boss") as desk:
        page = desk.open(ORDERS)
        page.locator("[name=placed_at__from]").fill("2026-11-03")
        page.locator("[name=placed_at__to]").fill("2026-11-04")
        page.locator("[name=placed_at__to]").dispatch_event("change")
        page.wait_for_url("**placed_at__to=2026-11-04**")
        page.wait_for_load_state("networkidle")
        assert numbers(page) == ["E3", "E2"]
        expect(page.locator("#list-totals")).to_contain_text("共 2 条")
        expect(page.locator("#list-totals")).to_contain_text("¥219.80")

        page.get_by_role("link", name="已支付").click()
        page.wait_for_url("**status=paid**")
        page.wait_for_load_state("networkidle")
        assert numbers(page) == ["E3", "E2"]
        page.locator(".tl-tag").click()
        page.wait_for_load_state("networkidle")
        assert len(numbers(page)) == 5
        page.locator(".tl-clear").click()
        page.wait_for_url(re.compile(r"/order/\??$"))


def test_wrong_days_are_said_in_words(chromium: Browser, server: PageServer) -> None:
    with office(chromium, server, "boss") as desk:
        page = desk.open(f"{ORDERS}?placed_at__from=2026-12-01&placed_at__to=2026-11-01")
        expect(page.get_by_role("alert")).to_contain_text("开始日期晚于结束日期")
        assert desk.violations() == []


def test_the_selection_is_added_up(chromium: Browser, server: PageServer) -> None:
    with office(chromium, server, "boss") as desk:
        page = desk.open(COMMISSIONS)
        boxes = page.locator("#result_list input.action-select")
        boxes.nth(0).check()
        boxes.nth(1).check()
        expect(page.locator("#list-selected")).to_have_text(
            "已选 2 条 · 原始佣金 ¥16.48 · 当前佣金 ¥16.48"
        )


def test_columns_and_views_are_kept(chromium: Browser, server: PageServer) -> None:
    with office(chromium, server, "boss") as desk:
        page = desk.open(f"{ORDERS}?placed_at__in=days30")
        page.locator("summary", has_text="列").click()
        page.locator("input[name=column][value=buyer]").uncheck()
        page.locator("input[name=column][value=public_id]").check()
        page.get_by_role("button", name="应用").click()
        page.wait_for_load_state("networkidle")
        assert page.locator("th.column-buyer").count() == 0
        assert page.locator("th.column-public_id").count() == 1

        page.locator("summary", has_text="视图").click()
        page.locator("input[name=name]").fill("近况")
        page.get_by_role("button", name="保存视图").click()
        page.wait_for_load_state("networkidle")
        assert SavedView.objects.get().query == "placed_at__in=days30"
        page.goto(f"{server.origin}{ORDERS}")
        page.locator("summary", has_text="视图").click()
        page.get_by_role("link", name="近况").click()
        page.wait_for_url("**placed_at__in=days30**")
        page.keyboard.press("Escape")


def test_a_short_list_is_saved_at_once(
    chromium: Browser, server: PageServer, tmp_path: Path
) -> None:
    with office(chromium, server, "boss") as desk:
        page = desk.open(ORDERS)
        page.locator("summary", has_text="导出").click()
        with page.expect_download() as download:
            page.get_by_role("button", name="CSV").click()
        file = tmp_path / "orders.csv"
        download.value.save_as(file)
        rows = list(csv.reader(file.read_text("utf-8-sig").splitlines()))
        assert [row[0] for row in rows[1:]] == ["E5", "E4", "E3", "E2", "E1"]


def test_a_long_list_appears_when_the_worker_has_written_it(
    chromium: Browser, server: PageServer
) -> None:
    boss = User.objects.get(username="boss")
    Export.objects.create(
        by=boss, at=NOON, label="orders.order", columns=["number"], format="csv",
        language="zh-hans", expected_rows=export_files.DIRECT_ROWS + 1,
    )  # fmt: skip
    with office(chromium, server, "boss") as desk:
        page = desk.open("/admin/exports/")
        expect(page.locator("#exports")).to_contain_text("排队中")
        assert desk.violations() == []
        export = claim_export(at=clock.now())
        assert export
        write_export(export=export, now=clock.now)
        expect(page.get_by_role("link", name="下载")).to_be_visible()
        assert desk.overflow <= 0


def test_the_second_editor_keeps_what_they_typed(chromium: Browser, server: PageServer) -> None:
    row = Category.objects.get()
    with office(chromium, server, "boss") as desk:
        page = desk.open(f"/admin/catalog/category/{row.pk}/change/")
        Category.objects.filter(pk=row.pk).update(name="美妆护肤")
        page.locator("[name=code]").fill("beauty-2")
        page.locator("[name=_save]").first.click()
        page.wait_for_load_state("networkidle")
        expect(page.locator("#content")).to_contain_text("现为“美妆护肤”")
        assert page.locator("[name=code]").input_value() == "beauty-2"


@pytest.mark.parametrize("width", [1440, 1024, 390])
def test_lists_fit_on_every_screen_and_are_accessible(
    chromium: Browser, server: PageServer, width: int
) -> None:
    with office(chromium, server, "boss", width=width) as desk:
        for path in (ORDERS, f"{COMMISSIONS}?accrued_at__in=days30&state=pending"):
            page = desk.open(path)
            assert desk.overflow <= 0, path
            for menu in page.locator(".tl-menu > summary").all():
                menu.click()
                panel = page.locator(".tl-menu[open] .tl-panel").bounding_box()
                assert panel
                assert panel["x"] >= 0
                assert panel["x"] + panel["width"] <= width
            page.keyboard.press("Escape")
            assert page.locator(".tl-menu[open]").count() == 0
            assert desk.violations() == [], path
