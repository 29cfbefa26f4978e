"""Goods in a real browser: a file with marked cells, the tree of categories, pictures in order."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from backoffice.import_work import claim_import, run_import
from catalog.models import Category, Product, Sku
from common import clock
from members.models import User
from tests.admin.browser import office
from tests.backoffice.files import csv_file
from tests.browser import Device, PageServer, chromium, serving
from tests.cast import LONG_AGO
from tests.members.pictures import picture

__all__ = ["chromium"]
pytestmark = pytest.mark.slow
IMPORT, TREE = "/admin/imports/products/", "/admin/catalog/tree/"
FILE = csv_file(
    ["货号", "商品", "类目", "价格", "备注"], ["N-1", "每日坚果", "", "99", ""],
    ["N-2", "每日坚果", "", "一百", ""], ["C-1", "马克杯", "食品 / 坚果", "39", "新"],
    encoding="gb18030",
)  # fmt: skip
WIDTHS = (1440, 1024, 390)


@pytest.fixture
def server(committed: str, tmp_path: Path) -> Iterator[PageServer]:
    User.objects.create_superuser("boss", may_review_from=LONG_AGO)
    food = Category.objects.create(code="food", name="食品")
    nuts = Category.objects.create(code="nuts", name="坚果", parent=food)
    Category.objects.create(code="tea", name="茶", parent=food)
    Category.objects.create(code="home", name="家居")
    product = Product.objects.create(name="每日坚果", category=nuts)
    Sku.objects.create(product=product, code="N-1", price=12_990)
    with serving(committed, tmp_path) as running:
        yield running


def work() -> None:
    row = claim_import(at=clock.now())
    assert row
    run_import(row=row, now=clock.now)


def upload(page: Page, name: str, content: bytes) -> None:
    page.locator("input[name=file]").set_input_files(
        {"name": name, "mimeType": "text/csv", "buffer": content}
    )
    expect(page.locator(".im-drop strong")).to_have_text(name)
    page.get_by_role("button", name="检查文件").click()


def check_looks(desk: Device) -> None:
    assert desk.overflow <= 0
    assert desk.violations() == []


def test_a_file_is_imported_with_its_errors_marked(chromium: Browser, server: PageServer) -> None:
    with office(chromium, server, "boss") as desk:
        page = desk.open("/admin/catalog/product/")
        page.get_by_role("link", name="导入商品").click()
        check_looks(desk)
        upload(page, "商品.csv", FILE)
        expect(page.locator("progress")).to_be_visible()
        work()
        wrong = page.locator("td.im-wrong")
        expect(wrong).to_contain_text("一百")
        expect(wrong.locator(".im-problem")).to_contain_text("不是")
        check_looks(desk)
        page.get_by_role("link", name="有变化 1").click()
        expect(page.locator("td.im-changed")).to_have_text("改前： 129.90 改后： 99")
        page.get_by_role("button", name="写入").click()  # the browser asks for the tick
        assert not claim_import(at=clock.now())
        page.locator("[name=skips_wrong]").check()
        page.get_by_role("button", name="写入").click()
        expect(page.locator("progress")).to_be_visible()
        work()
        expect(page.locator(".im-end")).to_contain_text("已写入 2 行")
        check_looks(desk)

        page.get_by_role("link", name="再导入一个文件").click()
        upload(page, "again.csv", FILE)
        expect(page.locator("#im-fault")).to_contain_text("boss")

    assert set(Sku.objects.values_list("code", "price")) == {("N-1", 9_900), ("C-1", 3_900)}


@pytest.mark.parametrize("width", WIDTHS)
def test_the_pages_fit_every_screen(chromium: Browser, server: PageServer, width: int) -> None:
    with office(chromium, server, "boss", width=width) as desk:
        page = desk.open(IMPORT)
        check_looks(desk)
        upload(page, "商品.csv", FILE)
        work()
        expect(page.locator("td.im-wrong")).to_be_visible()
        check_looks(desk)
        for path in (
            f"{page.url}?show=all",
            TREE,
            f"/admin/catalog/product/{Product.objects.get().pk}/change/",
        ):
            desk.open(path.removeprefix(desk.origin))
            check_looks(desk)


def rows(page: Page) -> list[str]:
    """Return the names of the tree, indented by their level."""
    found = page.locator(".ct-row").evaluate_all(
        "rows => rows.map(row => '.'.repeat(row.dataset.level - 1)"
        " + row.querySelector('.ct-name').lastChild.textContent.trim())"
    )
    return [str(name) for name in found]


def expect_tree(page: Page, *names: str) -> None:
    expect(page.locator(".ct-row")).to_have_count(len(names))
    page.wait_for_function(
        "names => [...document.querySelectorAll('.ct-row')].map(row =>"
        " '.'.repeat(row.dataset.level - 1)"
        " + row.querySelector('.ct-name').lastChild.textContent.trim()).join() === names.join()",
        arg=list(names),
    )


def test_categories_are_dragged(chromium: Browser, server: PageServer) -> None:
    with office(chromium, server, "boss") as desk:
        page = desk.open(TREE)
        assert rows(page) == ["食品", ".坚果", ".茶", "家居"]
        drag(page, "茶", "家居", 0.5)
        expect_tree(page, "食品", ".坚果", "家居", ".茶")
        expect(page.locator(".ct-done")).to_contain_text("茶")
        drag(page, "食品", "坚果", 0.5)
        expect(page.get_by_role("alert")).to_contain_text("没有移动")
        expect_tree(page, "食品", ".坚果", "家居", ".茶")
        drag(page, "家居", "食品", 0.1)
        expect_tree(page, "家居", ".茶", "食品", ".坚果")
        page.get_by_role("button", name="撤销").click()
        expect_tree(page, "食品", ".坚果", "家居", ".茶")
        assert desk.violations() == []


def drag(page: Page, name: str, target: str, part: float) -> None:
    """Drag a category onto another one, at this part of its height."""
    source, other = row_of(page, name), row_of(page, target)
    box = other.bounding_box()
    assert box
    source.drag_to(other, target_position={"x": 200, "y": box["height"] * part})


def row_of(page: Page, name: str) -> Any:
    return page.locator(".ct-row").filter(has=page.get_by_role("link", name=name))


def test_categories_are_moved_by_keys(chromium: Browser, server: PageServer) -> None:
    with office(chromium, server, "boss") as desk:
        page = desk.open(TREE)
        row_of(page, "食品").locator(".ct-name").focus()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Alt+ArrowDown")
        expect_tree(page, "食品", ".茶", ".坚果", "家居")
        expect(row_of(page, "坚果").locator(".ct-name")).to_be_focused()
        page.keyboard.press("Alt+ArrowRight")
        expect_tree(page, "食品", ".茶", "..坚果", "家居")
        page.keyboard.press("Alt+ArrowLeft")
        expect_tree(page, "食品", ".茶", ".坚果", "家居")
        page.keyboard.press("Alt+ArrowDown")
        expect(page.get_by_role("alert")).to_contain_text("没有移动")
        expect(row_of(page, "坚果").locator(".ct-name")).to_be_focused()
        page.keyboard.press("Tab")  # its buttons follow, not the other rows
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect_tree(page, "食品", ".坚果", ".茶", "家居")


def test_pictures_are_put_in_order(chromium: Browser, server: PageServer) -> None:
    product = Product.objects.get()
    with office(chromium, server, "boss") as desk:
        page = desk.open(f"/admin/catalog/product/{product.pk}/change/")
        page.locator("#pp-files").set_input_files(
            [
                {"name": f"{color}.jpg", "mimeType": "image/jpeg", "buffer": picture(color=color)}
                for color in ("red", "green", "blue")
            ]
        )
        expect(page.locator(".pp-item")).to_have_count(3)
        red, green, blue = shown(product)
        assert desk.violations() == []
        page.get_by_role("button", name="图片 3 前移").click()
        expect(page.locator(f".pp-item:nth-child(2)[data-id='{blue}']")).to_be_visible()
        assert shown(product) == [red, blue, green]
        page.locator(f".pp-item[data-id='{green}']").drag_to(
            page.locator(f".pp-item[data-id='{red}']"), target_position={"x": 10, "y": 60}
        )
        expect(page.locator(f".pp-item:nth-child(1)[data-id='{green}']")).to_be_visible()
        assert shown(product) == [green, red, blue]
        assert desk.overflow <= 0


def test_a_fake_picture_is_refused_in_words(chromium: Browser, server: PageServer) -> None:
    product = Product.objects.get()
    with office(chromium, server, "boss") as desk:
        page = desk.open(f"/admin/catalog/product/{product.pk}/change/")
        page.locator("#pp-files").set_input_files(
            {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": b"<script>alert(1)</script>"}
        )
        expect(page.locator("main")).to_contain_text("JPEG")
        assert shown(product) == []


def shown(product: Product) -> list[str]:
    return list(product.pictures.shown().values_list("public_id", flat=True))  # type: ignore[attr-defined]
