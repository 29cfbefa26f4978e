"""Desks in a real browser: clicks counted, keys alone, three widths, and both reviews to paid."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from playwright.sync_api import Browser, Page, expect

from common import clock
from distribution.models import Application
from distribution.services import apply
from members.rights import rights_changed_at
from tests.admin.browser import office
from tests.backoffice.desks import address
from tests.browser import Device, PageServer
from tests.cast import LONG_AGO, member, staff
from tests.shop import DAY, distributor
from tests.withdrawals.factories import YUAN, asked, earned, ready
from withdrawals.models import RejectionReason, Withdrawal

pytestmark = pytest.mark.slow
OPS, FIN, APPLICATIONS = "operations_reviews", "finance_reviews", "applications"


@pytest.fixture(scope="module")
def fill_shop() -> Callable[[], None]:
    return _open_shop


def _open_shop() -> None:
    """Open a shop in which three applications and two withdrawals wait."""
    call_command("roles")
    for name, group in (("qian", "Operations"), ("feng", "Finance")):
        with rights_changed_at(LONG_AGO):
            staff(name).groups.add(Group.objects.get(name=group))
    now = clock.now()
    code = distributor(member("Mei"), at=now - 9 * DAY).code
    for n, name in enumerate(("赵敏", "余光", "孙悟空")):
        apply(
            member=member(name), at=now - (3 - n) * DAY, code=code,
            statement="我在社区带了三年团，有两百位老客户，想长期推荐你们的面膜和坚果。",
        )  # fmt: skip
    for name, amount in (("Lan", 300), ("Chen", 120)):
        who = ready(member(name))
        earned(who, 1_000 * YUAN, at=now - 8 * DAY)
        asked(who, amount * YUAN, at=now - 2 * DAY)
    RejectionReason.objects.create(code="odd", label="资料有误")


def title(page: Page) -> str:
    return page.locator("#desk-title").inner_text()


def approve(page: Page) -> None:
    page.locator("button[data-key=a]").click()


def test_an_application_takes_two_clicks_and_the_next_one(
    chromium: Browser, server: PageServer
) -> None:
    with office(chromium, server, "qian") as device:
        page = device.open("/admin/")
        page.locator(f"main a[href='{address(APPLICATIONS)}']").first.click()
        expect(page.locator("#desk-title")).to_have_text("赵敏")
        approve(page)
        expect(page.locator("#desk-title")).to_have_text("余光")
        approve(page)
        expect(page.locator("#desk-title")).to_have_text("孙悟空")
    statuses = list(Application.objects.order_by("pk").values_list("status", flat=True))
    assert statuses == ["approved", "approved", "submitted"]


def test_a_queue_is_worked_through_by_keys_alone(chromium: Browser, server: PageServer) -> None:
    with office(chromium, server, "qian") as device:
        page = device.open(address(APPLICATIONS))
        for key, name in (("j", "余光"), ("j", "孙悟空"), ("k", "余光")):
            page.keyboard.press(key)
            expect(page.locator("#desk-title")).to_have_text(name)
        page.keyboard.press("r")
        page.keyboard.type("资料不全 jka")
        assert title(page) == "余光"
        page.keyboard.press("Enter")
        expect(page.locator("#desk-title")).to_have_text("孙悟空")
        page.keyboard.press("a")
        assert Application.objects.filter(status="approved").count() == 0
        page.keyboard.press("a")
        expect(page.locator("#desk-title")).to_have_text("赵敏")
        page.keyboard.press("n")
        page.keyboard.type("下午再打电话")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.locator(".desk-notes li")).to_contain_text("下午再打电话")
        page.keyboard.press("x")
        expect(page.locator(".desk-selected")).to_have_text("(1)")
        page.keyboard.press("?")
        expect(page.locator("#desk-help")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.locator("#desk-help")).to_be_hidden()
    assert Application.objects.get(member__nickname="余光").reason == "资料不全 jka"


def test_single_keys_can_be_switched_off(chromium: Browser, server: PageServer) -> None:
    with office(chromium, server, "qian") as device:
        page = device.open(address(APPLICATIONS))
        page.locator(".desk-keys").click()
        page.locator(".desk-keys-on").uncheck()
        page.locator("#desk-help button").click()
        page.keyboard.press("j")
        page.reload()
        page.keyboard.press("j")
        page.wait_for_load_state("networkidle")
        assert title(page) == "赵敏"


def test_a_withdrawal_goes_through_both_reviews_with_the_payee_seen(
    chromium: Browser, server: PageServer
) -> None:
    with office(chromium, server, "qian") as device:
        page = device.open("/admin/")
        page.locator(f"main a[href='{address(OPS)}']").first.click()
        expect(page.locator(".desk-amount")).to_have_text("¥300.00")
        approve(page)
        expect(page.locator(".desk-amount")).to_have_text("¥120.00")
    with office(chromium, server, "feng") as device:
        page = device.open("/admin/")
        page.locator(f"main a[href='{address(FIN)}']").first.click()
        expect(page.locator(".desk-amount")).to_have_text("¥300.00")
        page.wait_for_load_state("networkidle")  # the keys are bound by then
        page.keyboard.press("u")
        page.keyboard.type("核对收款人")
        page.keyboard.press("Enter")
        expect(page.locator(".desk-facts--revealed")).to_contain_text("openid-of-lan")
        approve(page)
        expect(page.locator(".desk-empty")).to_be_visible()
    row = Withdrawal.objects.get(member__nickname="Lan")
    assert (row.status, row.ops_reviewer.username, row.finance_reviewer.username) == (
        "finance_approved", "qian", "feng",
    )  # fmt: skip


def test_a_batch_needs_its_total(chromium: Browser, server: PageServer) -> None:
    with office(chromium, server, "qian") as device:
        page = device.open(address(OPS))
        page.locator(".desk-all").check()
        page.locator("#desk-batch button").click()
        expect(page.locator(".desk-total strong")).to_have_text("¥420.00")
        page.get_by_label("实付合计").fill("420.01")
        page.get_by_role("button", name="通过 2").click()
        expect(page.locator(".errors")).to_contain_text("合计不符")
        page.get_by_label("实付合计").fill("420")
        page.get_by_role("button", name="通过 2").click()
        expect(page.get_by_text("已处理 2 条")).to_be_visible()
    assert set(Withdrawal.objects.values_list("status", flat=True)) == {"ops_approved"}


@pytest.mark.parametrize("width", [1440, 1024, 390])
@pytest.mark.parametrize("locale", ["zh-CN", "en-US"])
def test_desks_fit_the_screen_and_pass_axe(
    chromium: Browser, seen: PageServer, width: int, locale: str
) -> None:
    with office(chromium, seen, "qian", width=width, locale=locale) as device:
        for path in (
            address(APPLICATIONS),
            address(APPLICATIONS, Application.objects.first()),
            address(OPS, Withdrawal.objects.first()),
            address(APPLICATIONS, tab="rejected"),
        ):
            device.open(path)
            assert device.overflow == 0
            assert device.violations() == []
        _check_batch(device)


def _check_batch(device: Device) -> None:
    page = device.open(address(OPS))
    page.locator(".desk-all").check()
    page.locator("#desk-batch button").click()
    page.wait_for_load_state("networkidle")
    assert device.overflow == 0
    assert device.violations() == []


def test_a_phone_shows_the_list_then_the_row(chromium: Browser, server: PageServer) -> None:
    with office(chromium, server, "qian", width=390) as device:
        page = device.open(address(APPLICATIONS))
        expect(page.locator("#desk-title")).to_be_hidden()
        page.locator(".desk-item a").nth(1).click()
        expect(page.locator("#desk-title")).to_have_text("余光")
        expect(page.locator(".desk-list")).to_be_hidden()
        approve(page)
        expect(page.locator("#desk-title")).to_have_text("孙悟空")
        page.locator(".desk-back a").click()
        expect(page.locator(".desk-item")).to_have_count(2)
