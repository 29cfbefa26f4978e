"""Settings and one's own second factor in a real browser."""

from __future__ import annotations

from base64 import b32decode
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import zxingcpp
from django_otp.oath import totp
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from config.roles import sync_groups
from members.models import User
from orders.models import Policy
from tests.admin.browser import office
from tests.browser import PageServer, serving
from tests.cast import LONG_AGO, NOON
from tests.shop import ingest, open_shop, order

pytestmark = pytest.mark.slow
POLICY = "/admin/orders/policy/1/change/"
SIGN_IN = "/admin/my-sign-in/"


@pytest.fixture
def server(committed: str, tmp_path: Path) -> Iterator[PageServer]:
    User.objects.create_superuser("boss", may_review_from=LONG_AGO)
    sync_groups(at=NOON)
    ingest(order(open_shop()))
    with serving(committed, tmp_path) as running:
        yield running


def change_days(page: Page, days: str) -> None:
    page.locator("#id_protection_days").fill(days)
    page.locator("#id_protection_days").press("Tab")


def test_the_preview_follows_what_is_typed(chromium: Browser, server: PageServer) -> None:
    with office(chromium, server, "boss") as desk:
        page = desk.open("/admin/settings/")
        page.get_by_role("link", name="修改 保护期（天）").click()
        preview = page.locator("#st-preview")
        change_days(page, "10")
        expect(preview).to_contain_text("7 天 → 10 天")
        expect(preview).to_contain_text("2 笔佣金")
        change_days(page, "3")
        expect(preview).to_contain_text("早 4 天可用")
        assert Policy.current().protection_days == 7
        assert desk.violations() == []

        page.get_by_role("button", name="保存修改").click()
        page.wait_for_url("**/admin/settings/#orders.policy")
        expect(page.locator("[id='orders.policy']")).to_contain_text("3 天")
        assert Policy.current().protection_days == 3


def test_a_press_of_the_button_shows_the_preview_first(
    chromium: Browser, server: PageServer
) -> None:
    with office(chromium, server, "boss", width=390) as phone:
        page = phone.open(POLICY)
        page.locator("#id_protection_days").fill("9")
        page.get_by_role("button", name="预览并保存").click()
        expect(page.locator("#st-preview")).to_contain_text("7 天 → 9 天")
        assert phone.overflow == 0
        page.get_by_role("button", name="保存修改").click()
        page.wait_for_url("**/admin/settings/#orders.policy")
        assert Policy.current().protection_days == 9


def device_in(picture: Locator) -> bytes:
    """Return the key in a QR code, as an app reads it from the screen."""
    with Image.open(BytesIO(picture.screenshot())) as image:
        [code] = zxingcpp.read_barcodes(image.convert("L"))
    return b32decode(parse_qs(urlsplit(code.text).query)["secret"][0])


def enter(page: Page, key: bytes, button: str) -> None:
    TOTPDevice.objects.update(last_t=-1)  # as if thirty seconds had passed
    page.locator("main input[name=code]").first.fill(f"{totp(key):06}")
    page.get_by_role("button", name=button).click()
    page.wait_for_load_state("networkidle")


def test_a_phone_is_set_up_and_replaced(chromium: Browser, server: PageServer) -> None:
    with office(chromium, server, "boss") as desk:
        page = desk.open(SIGN_IN)
        assert desk.violations() == []
        page.get_by_role("link", name="用我的手机设置").click()
        old = device_in(page.get_by_alt_text("二维码"))
        page.locator("input[name=code]").fill(f"{totp(old):06}")
        page.get_by_role("button", name="确认").click()
        page.get_by_role("link", name="已妥善保管").wait_for()
        assert StaticToken.objects.count() == 10

        page = desk.open(SIGN_IN)
        assert desk.violations() == []
        enter(page, old, "设置另一部手机")
        new = device_in(page.get_by_alt_text("二维码"))
        assert new != old
        assert desk.violations() == []
        enter(page, new, "改用新手机")
        expect(page.locator("main")).to_contain_text("旧手机已移除")
        assert TOTPDevice.objects.get().bin_key == new
        assert desk.overflow == 0


def test_roles_fit_a_phone(chromium: Browser, server: PageServer) -> None:
    with office(chromium, server, "boss", width=390) as phone:
        page = phone.open("/admin/roles/")
        for summary in page.locator("details summary").all():
            summary.click()
        assert phone.overflow == 0
        assert phone.violations() == []
