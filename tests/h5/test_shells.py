"""What every page has: one answer for everybody, an ETag, and nothing from other servers."""

from __future__ import annotations

import re

import pytest
from django.test import Client, override_settings

from h5.shells import WECHAT_SCRIPT
from tests.h5 import mall
from wechat import gateway

IN_WECHAT = "Mozilla/5.0 (iPhone) MicroMessenger/8.0.50"
PAGES = ["/join", "/materials", "/rewards", "/login", "/s/nothing"]

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", PAGES)
def test_scripts_and_styles_come_from_files_of_this_server(path: str) -> None:
    page = mall.visitor().get(path)

    policy, text = page["Content-Security-Policy"], page.content.decode()
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert re.search(r"script-src 'self'(;|$)", policy)
    assert not re.search(r"""\s(style|on\w+)=["']""", text)
    assert not re.search(r"<script(?![^>]*(src=|application/json))", text)
    assert not re.search(r"(src|href)=\"(https?:)?//(?!localhost)", text)


def test_a_browser_that_has_the_page_gets_no_body() -> None:
    first = mall.visitor().get("/join")

    again = mall.visitor().get("/join", headers={"If-None-Match": first["ETag"]})

    assert again.status_code == 304
    assert again.content == b""
    assert {"Accept-Language", "Cookie"} <= set(re.split(r",\s*", first["Vary"]))
    assert "private" in first["Cache-Control"]


def test_pages_are_the_same_for_everybody() -> None:
    visitor = mall.visitor()
    first = visitor.get("/join")

    assert visitor.get("/join").content == first.content
    assert not first.cookies


def test_the_language_that_was_chosen_comes_first() -> None:
    client = Client(headers={"Accept-Language": "zh-CN"})
    chinese = client.get("/join").content.decode()
    client.cookies["django_language"] = "en"
    english = client.get("/join").content.decode()

    assert '<html lang="zh-hans">' in chinese
    assert "成为 Twotier 分销员" in chinese
    assert '<html lang="en">' in english
    assert "Become a distributor of Twotier" in english


def _policy(agent: str) -> str:
    page = mall.visitor().get("/join", headers={"User-Agent": agent})
    assert (WECHAT_SCRIPT in page.content.decode()) == (
        WECHAT_SCRIPT in page["Content-Security-Policy"]
    )
    return str(page["Content-Security-Policy"])


def test_the_script_of_wechat_is_allowed_inside_wechat_with_an_app_id_only() -> None:
    keys = {"WECHAT_MINI_APP": "wx1", "WECHAT_MINI_SECRET": "s", "WECHAT_OFFICIAL_SECRET": "s"}
    with_account = override_settings(WECHAT_GATEWAY="wechat", WECHAT_OFFICIAL_APP="wx2", **keys)
    without = override_settings(WECHAT_GATEWAY="wechat", WECHAT_OFFICIAL_APP="", **keys)
    allowed = []
    for settings, agent in ((with_account, IN_WECHAT), (with_account, "Safari"),
                            (without, IN_WECHAT)):  # fmt: skip
        gateway._gateway.cache_clear()
        with settings:
            allowed.append(WECHAT_SCRIPT in _policy(agent))
    gateway._gateway.cache_clear()

    assert allowed == [True, False, False]
    assert WECHAT_SCRIPT not in _policy(IN_WECHAT)  # the sandbox has no real account


def test_the_people_of_the_sandbox_are_not_offered_in_production() -> None:
    offered = mall.visitor().get("/login").content.decode()
    with override_settings(PRODUCTION=True):
        hidden = mall.visitor().get("/login").content.decode()

    assert "Chen" in offered
    assert "Chen" not in hidden


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_pages_are_read_only(method: str) -> None:
    assert getattr(mall.visitor(), method)("/join").status_code == 405


def test_an_unknown_address_has_a_page_of_its_own() -> None:
    page = mall.visitor().get("/nothing/here")

    assert page.status_code == 404
    assert "There is no such page" in page.content.decode()
    assert "unsafe" not in page["Content-Security-Policy"]


def test_the_api_and_the_admin_answer_as_before() -> None:
    assert mall.visitor().get("/api/v1/nothing").json()["code"] == "not_found"
    assert "There is no such page" not in mall.visitor().get("/admin/x/y/").content.decode()


def test_a_fault_has_a_sentence_and_a_button(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("h5.views.members.material_tabs", lambda: 1 / 0)
    client = Client(raise_request_exception=False, headers={"Accept-Language": "zh-CN"})

    page = client.get("/materials")

    assert page.status_code == 500
    assert "系统开小差了" in page.content.decode()
    assert "重试" in page.content.decode()
