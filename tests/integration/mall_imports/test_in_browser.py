"""A mall moves in by two people in a real browser, with errors marked on the way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from integration.models import MallImport
from orders.models import Order
from tests.admin.browser import office
from tests.browser import PageServer, chromium, serving
from tests.cast import give
from tests.integration.files import FILES
from tests.integration.mall_imports.malls import (
    changed,
    checked,
    packed,
    preparer,
    started,
    starter,
    work,
)

__all__ = ["chromium"]
pytestmark = pytest.mark.slow

LIST = "/admin/integration/mallimport/"
WRONG = {**changed("orders.csv", "109.90", "约 109"), "rules.csv": FILES["rules.csv"]}


@pytest.fixture
def server(committed: str, tmp_path: Path) -> Iterator[PageServer]:
    for user in (preparer(), starter()):
        give(user, "view_mallimport", "view_order")
    with serving(committed, tmp_path) as running:
        yield running


def upload(page: Page, name: str, content: bytes) -> None:
    page.get_by_label("添加或替换文件").set_input_files(
        {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    )
    page.get_by_role("button", name="上传").click()
    expect(page.get_by_text("文件已添加。")).to_be_visible()


def check(page: Page) -> MallImport:
    """Have the files checked, while the page waits for the worker."""
    page.get_by_role("button", name="检查").click()
    expect(page.locator("#mi-progress")).to_contain_text("检查中")
    return work(MallImport.objects.get())


def test_a_mall_moves_in_by_two_people(chromium: Browser, server: PageServer) -> None:
    with office(chromium, server, "qian") as desk:
        page = desk.open(LIST)
        page.get_by_role("link", name="导入商城").click()
        page.get_by_label("名称").fill("有赞 2025")
        page.get_by_role("button", name="下一步").click()
        upload(page, "mall.zip", packed(WRONG))
        check(page)
        expect(page.get_by_role("heading", name="1 处错误")).to_be_visible()
        expect(page.locator(".mi-cell")).to_have_text("约 109")

        upload(page, "订单.csv", FILES["orders.csv"].encode())
        check(page)
        expect(page.locator("#mi-progress")).to_contain_text("等待另一位同事开始导入")
        expect(page.get_by_role("button", name="开始导入")).to_have_count(0)

    with office(chromium, server, "feng") as desk:
        page = desk.open("/admin/todo/")
        page.locator("main").get_by_role("link", name="待开始的商城导入").click()
        page.get_by_role("link", name="有赞 2025").click()
        page.get_by_role("button", name="开始导入").click()
        expect(page.locator("#mi-progress")).to_contain_text("导入中")
        assert work(MallImport.objects.get()).status == "done"
        expect(page.locator("#mi-progress")).to_contain_text("已全部导入")

    assert Order.objects.count() == 1


@pytest.mark.parametrize("width", [1440, 1024, 390])
def test_the_page_fits_and_is_accessible(chromium: Browser, server: PageServer, width: int) -> None:
    rows = [checked(WRONG), checked(), started()]
    with office(chromium, server, "qian", width=width) as desk:
        for path in (LIST, "/admin/mall-imports/new/"):
            desk.open(path)
            assert (desk.violations(), desk.overflow) == ([], 0), path
        for row in rows:
            page = desk.open(f"/admin/mall-imports/{row.public_id}/")
            page.locator("main details").evaluate_all(
                "elements => elements.forEach(element => { element.open = true })"
            )
            assert (desk.violations(), desk.overflow) == ([], 0), row.status
