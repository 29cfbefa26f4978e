"""The pages in a real browser, at 390 pixels, against a real server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path

import pytest
from django.test import override_settings
from playwright.sync_api import Browser, expect

from distribution.models import Application, Binding, Distributor
from members.models import MemberSession
from sharing.models import Share, Visit
from tests.browser import Device, device, serving
from tests.h5 import mall

pytestmark = pytest.mark.slow
IN_WECHAT = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) MicroMessenger/8.0.50"
languages = pytest.mark.parametrize("locale", ["zh-CN", "en"])


@pytest.fixture
def origin(committed: str, tmp_path: Path) -> Iterator[str]:
    with (
        serving(committed, tmp_path) as server,
        override_settings(MEDIA_ROOT=tmp_path / "media", PUBLIC_URL=server.origin),
    ):
        yield server.origin


@contextmanager
def phone(chromium: Browser, origin: str, **options: object) -> Iterator[Device]:
    """Open a phone; afterwards nothing went wrong, and nothing came from other servers."""
    with device(chromium, origin, **options) as opened:
        yield opened
        assert opened.faults == []
        assert opened.foreign == []


def lan_shares(kind: str = "product", **more: object) -> tuple[str, str]:
    """Return the id of a product and the code of Lan's share."""
    goods = mall.product(pictures=2, **more)
    lan = mall.distributor("lan")
    target = goods.public_id if kind == "product" else ""
    return goods.public_id, mall.share(lan, kind, target).code


@languages
def test_a_visitor_lands_and_goes_on_to_the_product(
    chromium: Browser, origin: str, locale: str
) -> None:
    goods, code = lan_shares(name=mall.LONG)
    with phone(chromium, origin, locale=locale) as visitor:
        page = visitor.open(f"/s/{code}")
        expect(page.locator(".sharer")).to_contain_text("兰")
        assert visitor.overflow == 0
        assert visitor.violations() == []

        page.locator(".landing-act .button-main").click()
        page.wait_for_url(f"{origin}/p/{goods}?share={code}")
        page.wait_for_load_state("networkidle")
        expect(page.locator("h1")).to_contain_text("买二送一")
        assert visitor.overflow == 0
        assert visitor.violations() == []

        visitor.open(f"/s/{code}")

    visit = Visit.objects.get()  # opened three times, and counted once
    assert visit.share.code == code
    assert visit.pages == []


def test_who_signs_in_after_a_visit_is_bound_to_the_sender(chromium: Browser, origin: str) -> None:
    _goods, code = lan_shares()
    mall.person("chen")
    with phone(chromium, origin) as chen:
        chen.open(f"/s/{code}")
        chen.sign_in("chen", "/join")

    binding = Binding.objects.get()
    assert binding.distributor.member.nickname == "兰"
    assert Visit.objects.get().member == binding.member


def test_tokens_are_out_of_reach_of_scripts(chromium: Browser, origin: str) -> None:
    mall.distributor("lan")
    with phone(chromium, origin) as lan:
        page = lan.sign_in("lan", "/join")
        kept = page.evaluate(
            "JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])"
        )
        [cookie] = [each for each in lan.context.cookies() if each["name"] == "twotier_refresh"]

        assert "ey" not in kept
        assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")
        page.reload()
        expect(page.locator(".status")).to_be_visible()  # still signed in

        page.get_by_title("退出登录").click()
        expect(page.get_by_text("登录并申请")).to_be_visible()
    assert MemberSession.objects.get().ended_at


def test_the_sign_in_returns_to_our_own_pages_only(chromium: Browser, origin: str) -> None:
    mall.person("chen")
    evil = "evil.example.com"
    for next_page in (f"https://{evil}/", f"//{evil}", "javascript:alert(1)", f"/\\{evil}"):
        with phone(chromium, origin) as chen:
            page = chen.open(f"/login?next={next_page}")
            page.locator(".cast button").nth(3).click()
            page.wait_for_url(lambda url: "/login" not in url)

            assert page.url.startswith(f"{origin}/")


def test_the_sign_in_of_wechat_comes_back_to_the_page(chromium: Browser, origin: str) -> None:
    with phone(chromium, origin) as lan:  # the sandbox's WeChat says who it is
        page = lan.open("/login?next=/materials")
        page.locator(".button-wechat").click()
        page.wait_for_url(f"{origin}/materials")
        expect(page.get_by_text("暂无内容")).to_be_visible()
    assert MemberSession.objects.get().app_id == "sandbox-official"


@languages
def test_the_share_bar_copies_the_own_link(chromium: Browser, origin: str, locale: str) -> None:
    goods, _code = lan_shares()
    options = {"permissions": ["clipboard-read", "clipboard-write"]}
    with phone(chromium, origin, locale=locale, **options) as lan:
        page = lan.sign_in("lan", f"/p/{goods}")
        page.locator(".bar-icon").click()
        expect(page.get_by_role("dialog")).to_be_visible()
        assert lan.violations() == []
        page.locator(".share-item").nth(4).click()
        expect(page.locator(".toast")).to_have_text("已复制" if locale == "zh-CN" else "Copied")
        link = page.evaluate("navigator.clipboard.readText()")

    share = Share.objects.get(channel="other")
    assert link == f"{origin}/s/{share.code}"
    assert share.member.nickname == "兰"


def test_a_visitor_forwards_the_share_by_which_they_came(chromium: Browser, origin: str) -> None:
    goods, code = lan_shares()
    options = {"permissions": ["clipboard-read", "clipboard-write"]}
    with phone(chromium, origin, **options) as visitor:
        page = visitor.open(f"/p/{goods}?share={code}")
        page.locator(".bar-icon").click()
        page.locator(".share-item").nth(4).click()
        expect(page.locator(".toast")).to_have_text("已复制")

        assert page.evaluate("navigator.clipboard.readText()") == f"{origin}/s/{code}"


def test_in_wechat_the_bar_points_to_its_menu(chromium: Browser, origin: str) -> None:
    goods, _code = lan_shares()
    with phone(chromium, origin, user_agent=IN_WECHAT) as lan:
        page = lan.sign_in("lan", f"/p/{goods}")
        page.locator(".bar-icon").click()
        page.locator(".share-item").first.click()
        expect(page.get_by_text("点击右上角")).to_be_visible()
        assert lan.violations() == []
        page.get_by_text("知道了").click()
        expect(page.locator(".point")).to_have_count(0)


def test_qq_and_weibo_open_with_the_own_link(chromium: Browser, origin: str) -> None:
    goods, _code = lan_shares()
    with phone(chromium, origin) as lan:
        page = lan.sign_in("lan", f"/p/{goods}")
        for place, site in ((2, "https://connect.qq.com/"), (3, "https://service.weibo.com/")):
            page.locator(".bar-icon").click()
            with lan.context.expect_event(
                "request", lambda request, site=site: request.url.startswith(site)
            ) as asked:
                page.locator(".share-item").nth(place).click()

            assert "%2Fs%2F" in asked.value.url


@languages
def test_the_home_page_of_a_distributor(chromium: Browser, origin: str, locale: str) -> None:
    mall.product(pictures=1)
    code = Distributor.objects.get(member=mall.distributor("lan")).code
    with phone(chromium, origin, locale=locale) as visitor:
        page = visitor.open(f"/u/{code}")
        expect(page.locator("h1")).to_have_text("兰")
        page.locator(".qr-card img").scroll_into_view_if_needed()
        decoded = "image => image.decode().then(() => image.naturalWidth)"
        assert page.locator(".qr-card img").evaluate(decoded) > 100
        assert visitor.violations() == []
        assert visitor.overflow == 0


@languages
def test_a_member_applies_and_sees_the_status(chromium: Browser, origin: str, locale: str) -> None:
    mall.person("chen")
    with phone(chromium, origin, locale=locale) as chen:
        page = chen.sign_in("chen", "/join")
        page.locator("textarea").fill("I like to share")
        assert chen.violations() == []
        page.locator("button[type=submit]").click()
        expect(page.locator(".status")).to_be_visible()

    assert Application.objects.get().statement == "I like to share"


def test_a_token_that_expires_in_the_middle_loses_nothing(chromium: Browser, origin: str) -> None:
    mall.person("chen")
    with phone(chromium, origin) as chen:
        page = chen.sign_in("chen", "/join")
        page.locator("textarea").fill("Half a sentence")
        answers = iter([401])

        def expire(route: object) -> None:
            status = next(answers, None)
            if status is None:
                route.fallback()
            else:
                route.fulfill(status=401, json={"code": "token_expired", "detail": "expired"})

        page.route("**/distributor/application", expire)
        page.locator("button[type=submit]").click()
        expect(page.locator(".status")).to_be_visible()

        page.goto(f"{origin}/join")
    assert Application.objects.get().statement == "Half a sentence"


def test_what_was_typed_comes_back_after_a_new_sign_in(chromium: Browser, origin: str) -> None:
    mall.person("chen")
    with phone(chromium, origin) as chen:
        page = chen.sign_in("chen", "/join")
        page.locator("textarea").fill("Half a sentence")
        MemberSession.objects.update(ended_at="2026-01-01T00:00Z", end_reason="revoked")
        page.locator("button[type=submit]").click()
        expect(page.locator("[role=alert].problem")).to_be_visible()

        page = chen.sign_in("chen", "/join")
        expect(page.locator("textarea")).to_have_value("Half a sentence")
    assert not Application.objects.exists()


def test_offline_there_is_a_sentence_and_nothing_is_sent_twice(
    chromium: Browser, origin: str
) -> None:
    mall.person("chen")
    with phone(chromium, origin) as chen:
        page = chen.sign_in("chen", "/join")
        chen.context.set_offline(True)
        expect(page.locator(".offline")).to_be_visible()
        page.locator("button[type=submit]").click()
        expect(page.get_by_text("网络不可用，请检查网络后重试。")).to_be_visible()
        chen.context.set_offline(False)
        chen.faults.clear()  # the browser logs that it was offline

        page.locator("button[type=submit]").click()
        expect(page.locator(".status")).to_be_visible()
    assert Application.objects.count() == 1


def test_a_lost_answer_is_asked_for_again(chromium: Browser, origin: str) -> None:
    mall.person("chen")
    with phone(chromium, origin) as chen:
        page = chen.sign_in("chen", "/join")
        sent = []

        def lose(route: object) -> None:
            sent.append(route.request.method)
            if sent.count("POST") == 1 and route.request.method == "POST":
                route.fetch()  # the server has it, the phone hears nothing
                route.abort()
            else:
                route.fallback()

        page.route("**/distributor/application", lose)
        page.locator("button[type=submit]").click()
        expect(page.locator(".status")).to_be_visible()
        chen.faults.clear()
    assert sent.count("POST") == 2
    assert Application.objects.count() == 1


def test_a_fault_of_the_server_has_a_sentence_and_a_retry(chromium: Browser, origin: str) -> None:
    mall.distributor("lan")
    with phone(chromium, origin) as lan:
        page = lan.sign_in("lan", "/join")
        page.route("**/api/v1/materials", lambda route: route.fulfill(status=500, body="<html>"))
        lan.open("/materials")
        expect(page.get_by_text("系统开小差了")).to_be_visible()
        assert lan.violations() == []

        page.unroute_all()
        page.get_by_role("button", name="重试").click()
        expect(page.get_by_text("暂无内容")).to_be_visible()


def test_a_code_that_opens_nothing_has_a_friendly_page(chromium: Browser, origin: str) -> None:
    mall.product(pictures=1)
    with phone(chromium, origin, locale="en") as visitor:
        page = visitor.open("/s/2222222222")
        expect(page.locator("h1")).to_have_text("This link opens nothing any more")
        expect(page.locator(".item")).to_have_count(1)
        assert visitor.violations() == []
    assert not Visit.objects.exists()


def test_pages_without_a_sign_in(chromium: Browser, origin: str) -> None:
    for locale, desk in product(("zh-CN", "en"), (False, True)):
        with phone(chromium, origin, locale=locale, desk=desk) as visitor:
            for path in ("/join", "/login", "/materials", "/rewards", "/nothing"):
                visitor.open(path)
                assert visitor.violations() == [], path
                assert visitor.overflow == 0, path


def test_the_language_is_changed_on_the_page(chromium: Browser, origin: str) -> None:
    with phone(chromium, origin) as visitor:
        page = visitor.open("/join")
        page.get_by_text("English").click()
        expect(page.locator("html")).to_have_attribute("lang", "en")
        expect(page.locator("h1")).to_contain_text("Become a distributor")
