"""A plan in a real browser: drafted, checked, simulated, back-tested, handed over, published."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from catalog.models import Product
from commissions.models import Plan
from commissions.services import draft, run_back_tests
from common import clock
from distribution.models import Level
from members.models import User
from members.rights import rights_changed_at
from tests.admin.browser import TABLET, office
from tests.browser import Device, PageServer, chromium, serving
from tests.cast import LONG_AGO, staff
from tests.commissions.admin.pages import listed, url
from tests.shop import DAY, ingest, order, plan, referral_chain, rule, sku

__all__ = ["chromium"]

pytestmark = pytest.mark.slow
MOST_CLICKS = 8


@pytest.fixture
def server(committed: str, tmp_path: Path) -> Iterator[PageServer]:
    _open_shop()
    with serving(committed, tmp_path) as running:
        yield running


@pytest.fixture(scope="module")
def fill_shop() -> Callable[[], None]:
    return _open_shop_with_draft


def _open_shop_with_draft() -> None:
    """Open a shop with all that the tests look at which only look."""
    _open_shop()
    _draft_with_limits(clock.now())
    sku("extra")
    User.objects.create_superuser("boss", may_review_from=LONG_AGO)


def _open_shop() -> None:
    """Open a shop with masks and soap, a plan in force and an order of Bo, whose upline is Lan."""
    now = clock.now()
    call_command("roles")
    for name, group, called in (("qian", "Operations", "钱"), ("feng", "Finance", "冯")):
        person = staff(name)
        User.objects.filter(pk=person.pk).update(first_name=called)
        with rights_changed_at(LONG_AGO):
            person.groups.add(Group.objects.get(name=group))
    sku()
    sku("soap", price=3_000, cost=None, category="bath")
    Level.objects.create(rank=1, name="金牌")
    plan(rule(), at=now - 9 * DAY)
    bo = referral_chain("Mei", "Lan", "Bo")[-1]
    ingest(order(bo, number="N-1", placed_at=now - DAY), at=now)


class Hand:
    """Counts the clicks on a page."""

    def __init__(self, page: Page) -> None:
        self.page, self.clicks = page, 0

    def click(self, locator: Any) -> None:
        locator.click()
        self.clicks += 1


def button(page: Page, name: str) -> Any:
    return page.get_by_role("button", name=name, exact=True)


def test_a_plan_goes_from_the_home_to_its_start(chromium: Browser, server: PageServer) -> None:
    with office(chromium, server, "qian") as desk:
        hand = Hand(desk.open(listed(Plan)))
        _draft(hand)
        assert hand.clicks <= MOST_CLICKS - 2  # two lead from the home to the list
        drafted = Plan.objects.get(name="双十二")
        assert (drafted.status, drafted.reviewer.username) == ("submitted", "feng")
        _simulate(desk, drafted)
        _back_test(desk, drafted)
    with office(chromium, server, "feng") as desk:
        _publish(desk, drafted)
    drafted.refresh_from_db()
    assert (drafted.status, drafted.number) == ("published", 2)
    assert drafted.rules.get(layer="category").tier1 == 2_000


def _draft(hand: Hand) -> None:
    page = hand.page
    hand.click(page.locator(f'a[href$="{reverse("admin:commissions_plan_add")}"]').first)
    page.get_by_label("名称").fill("双十二")
    first = page.locator("[data-rule]").first
    first.get_by_label("一级").fill("40")
    first.get_by_label("二级").fill("30")
    expect(first.locator("[data-share]")).to_have_text("70%")
    expect(page.locator("[data-notes]").first).to_contain_text("超过封顶 50%")
    first.get_by_label("一级").fill("10")
    first.get_by_label("二级").fill("5")
    expect(first.locator("[data-share]")).to_have_text("15%")
    hand.click(button(page, "添加规则"))
    second = page.locator("[data-rule]").nth(1)
    second.get_by_label("规则层").select_option("category")
    _pick(second.locator("[name=rules-1-category]"), "beauty")
    hand.clicks += 1
    second.get_by_label("一级").fill("20")
    expect(second.locator("[data-share]")).to_have_text("20%")
    hand.click(button(page, "保存并提交"))
    page.wait_for_url("**/submit/")
    expect(page.locator("body")).to_contain_text("beauty")
    hand.click(button(page, "提交发布"))
    page.wait_for_url("**/change/")
    expect(page.locator("body")).to_contain_text("已提交给 冯")


def _simulate(desk: Device, drafted: Plan) -> None:
    page = desk.open(url(drafted, "simulate"))
    _pick(page.locator("[name=buyer]"), "Bo")
    _pick(page.locator("[name=goods-0-sku]"), "mask")
    button(page, "添加商品").click()
    _pick(page.locator("[name=goods-1-sku]"), "soap")
    button(page, "计算").click()
    page.wait_for_load_state("networkidle")
    expect(page.locator(".pl-amounts")).to_contain_text("¥21.98")
    expect(page.locator(".pl-amounts")).to_contain_text("¥10.99")
    expect(page.locator(".pl-amounts")).to_contain_text("soap × 1 · ¥30.00")


def _pick(field: Any, name: str) -> None:
    """Type a name and choose it in the list below the field."""
    field.fill(name)
    field.locator("xpath=..").get_by_role("option", name=name).first.click()


def _back_test(desk: Device, drafted: Plan) -> None:
    page = desk.open(url(drafted, "back_test"))
    button(page, "开始测算").click()
    expect(page.locator("progress")).to_be_visible()
    while run_back_tests(at=clock.now()):
        pass
    expect(page.locator("#pl-result")).to_contain_text("+¥5.50")  # 21.98 for 16.48
    expect(page.locator("progress")).to_have_count(0)


def _publish(desk: Device, drafted: Plan) -> None:
    page = desk.open(url(drafted))
    expect(page.locator("body")).to_contain_text("提交给 冯")
    page.get_by_role("link", name="核对并发布").click()
    page.wait_for_url("**/publish/")
    expect(page.locator(".pl-compare")).to_contain_text("beauty")
    button(page, "发布").click()
    page.wait_for_url("**/change/")
    expect(page.locator("body")).to_contain_text("已发布为第 2 版")


def pages() -> list[str]:
    drafted = Plan.objects.get(name="限时")
    goods = Product.objects.get(skus__code="extra")
    return [
        listed(Plan), reverse("admin:commissions_plan_add"), url(drafted),
        *(url(drafted, name) for name in ("simulate", "back_test", "compare", "submit", "publish")),
        reverse("admin:commissions_plan_propose", args=[goods.pk]),
    ]  # fmt: skip


@pytest.mark.parametrize("widths", [(1440, 1024), (390,)], ids=["desk", "phone"])
def test_every_page_fits_and_is_accessible(
    chromium: Browser, seen: PageServer, widths: tuple[int, ...]
) -> None:
    wrong = []
    with office(chromium, seen, "boss", width=widths[0]) as desk:
        for path in pages():
            page = desk.open(path)
            for width in widths:
                page.set_viewport_size({"width": width, "height": 900 if width >= TABLET else 844})
                wrong += [f"{path} at {width}: {found}" for found in faults(desk)]
            page.set_viewport_size({"width": widths[0], "height": 900})
    assert not wrong, "\n".join(wrong)


def faults(desk: Device) -> list[str]:
    """Return what is wrong with a page at the width that the screen has now."""
    wide = [f"{desk.overflow} pixels too wide"] if desk.overflow > 0 else []
    return [*desk.violations(), *wide, *(f"{name} is cut" for name in clipped(desk.page))]


def clipped(page: Page) -> list[str]:
    """Return the fields of the table of rules that run beyond it."""
    found: list[str] = page.evaluate(
        """() => [...document.querySelectorAll('.pl-rules :is(select, input, button)')]
            .filter((field) => field.offsetParent && !field.closest('.pl-delete'))
            .filter((field) => {
                const box = field.getBoundingClientRect();
                const frame = field.closest('.pl-rules').getBoundingClientRect();
                return box.left < frame.left - 1 || box.right > frame.right + 1 || box.width < 28;
            }).map((field) => field.name || field.textContent)"""
    )
    return found


def _draft_with_limits(now: datetime) -> Plan:
    limited = rule(
        2_000, None, priority=1, starts_at=now, ends_at=now + DAY, boost=20_000, boost_from=now,
        boost_until=now + DAY,
    )  # fmt: skip
    return draft(name="限时", by=User.objects.get(username="qian"), at=now, rules=[rule(), limited])
