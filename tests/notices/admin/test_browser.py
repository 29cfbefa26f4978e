"""Messages, clients and webhooks in a real browser: three widths, keys, axe, one click to copy."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, expect

from common import clock
from integration.clients import create_client
from members.models import Member, User
from notices.models import Wording
from notices.wordings import put_into_force, save_wording
from tests.admin.browser import office
from tests.browser import PageServer
from tests.cast import LONG_AGO, link, member
from tests.notices.test_notices import credit_times
from webhooks.endpoints import create_endpoint, send_trial
from webhooks.models import WebhookEndpoint

pytestmark = pytest.mark.slow
CREDITED = "/admin/messages/credited/"


@pytest.fixture(scope="module")
def fill_shop() -> Callable[[], None]:
    return _open_shop


def _open_shop() -> None:
    """Open a shop with a text of its own, a client, and an endpoint for which a test waits."""
    boss = User.objects.create_superuser("boss", may_review_from=LONG_AGO)
    now = clock.now()
    link(boss, member("Mei"))
    first = save_wording(
        kind="credited", texts={"body_zh": "{amounts} 到账"}, channels="wechat", based_on=0,
        by=boss, at=now,
    )  # fmt: skip
    put_into_force(wording=first, by=boss, at=now)
    credit_times(member("Lan"), 2)
    client, _secret = create_client(name="商城", scopes=None, by=boss, at=now)
    endpoint, _secret = create_endpoint(
        client=client, url="https://shop.example.com/hooks?token=t", by=boss, at=now
    )
    send_trial(endpoint=endpoint, at=now)


def pages() -> list[str]:
    client, endpoint = WebhookEndpoint.objects.get().client, WebhookEndpoint.objects.get()
    notice = Member.objects.get(nickname="Lan").notices.latest("pk")
    return [
        "/admin/messages/",
        CREDITED,
        "/admin/notices/notice/",
        f"/admin/notices/notice/{notice.pk}/change/",
        "/admin/integration/apiclient/",
        f"/admin/integration/apiclient/{client.pk}/change/",
        "/admin/integration/apiclient/create/",
        f"/admin/integration/apiclient/{client.pk}/scopes/",
        "/admin/webhooks/webhookendpoint/",
        f"/admin/webhooks/webhookendpoint/{endpoint.pk}/change/",
        "/admin/webhooks/webhookendpoint/create/",
        f"/admin/webhooks/webhookdelivery/{endpoint.deliveries.get().pk}/change/",
    ]


@pytest.mark.parametrize("width", [1440, 1024, 390])
def test_pages_fit_and_are_accessible(chromium: Browser, seen: PageServer, width: int) -> None:
    with office(chromium, seen, "boss", width=width) as device:
        for path in pages():
            device.open(path)
            assert device.overflow <= 0, path
            if width != 1024:
                assert device.violations() == [], path


def test_a_text_is_written_seen_tried_and_put_into_force(
    chromium: Browser, server: PageServer
) -> None:
    with office(chromium, server, "boss") as device:
        page = device.open(CREDITED)
        body = page.locator("#id_body_zh")
        expect(body).to_have_value("{金额明细} 到账")
        body.fill("恭喜：")
        page.locator("[data-into=id_body_zh]").first.click()
        expect(body).to_have_value("恭喜：{金额明细}")
        expect(page.locator("#ms-cards")).to_contain_text("恭喜：现金 12.34")

        page.get_by_role("button", name="保存为新版本").click()
        row = page.locator("tr[data-version='2']")
        expect(row).to_contain_text("恭喜：{金额明细}")
        row.get_by_role("button", name="发给我").click()
        expect(page.locator("main")).to_contain_text("已发送到您的站内消息")

        row.locator("summary").focus()
        page.keyboard.press("Enter")
        row.locator(".ms-confirm button").focus()
        page.keyboard.press("Enter")
        expect(page.locator("main")).to_contain_text("第 2 版已启用")
    assert Wording.objects.in_force().get().number == 2
    assert Member.objects.get(nickname="Mei").notices.count() == 1


def test_a_secret_is_copied_and_then_gone(chromium: Browser, server: PageServer) -> None:
    with office(chromium, server, "boss") as device:
        page = device.open("/admin/integration/apiclient/create/")
        page.get_by_label("名称").fill("客服系统")
        page.locator("input[name=scopes]").first.check()
        page.locator("main form button[type=submit], main form [name=_save]").last.click()
        secret = page.locator("[data-secret='2']").inner_text()
        assert len(secret) > 40
        assert device.violations() == []
        page.get_by_role("link", name="已保存好，继续").click()
        expect(page.locator("main")).to_contain_text("从未")
        assert secret not in page.content()


def test_an_endpoint_is_tested_from_its_page(chromium: Browser, server: PageServer) -> None:
    endpoint = WebhookEndpoint.objects.get()
    with office(chromium, server, "boss") as device:
        page = device.open(f"/admin/webhooks/webhookendpoint/{endpoint.pk}/change/")
        page.get_by_role("button", name="发送测试").or_(
            page.get_by_role("link", name="发送测试")
        ).first.click()
        page.locator("#dialog-form button[type=submit], #modal-content button[type=submit]").click()
        expect(page.locator("main")).to_contain_text("测试消息已排队")
    assert endpoint.deliveries.count() == 2
