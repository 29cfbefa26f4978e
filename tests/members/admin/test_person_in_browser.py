"""The person's page, the palette and a picker in a real browser, in Chinese, by keyboard."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, expect

from common import clock
from members.models import Member, User
from members.profiles import save_phone
from tests.admin.browser import office
from tests.browser import Device, PageServer, serving
from tests.cast import LONG_AGO, NOON, member
from tests.distribution.people import upline
from tests.shop import DAY, PLACED, WEEK, distributor, ingest, make_referral, open_shop, order
from tests.shop import settle_all as settle

pytestmark = pytest.mark.slow


@pytest.fixture
def people(committed: str) -> tuple[Member, Member]:
    """Bo, who has bought, and Lan, who earns."""
    _open_shop()
    return _people()


@pytest.fixture(scope="module")
def fill_shop() -> Callable[[], None]:
    return _open_shop


def _people() -> tuple[Member, Member]:
    return Member.objects.get(nickname="Bo"), Member.objects.get(nickname="兰丽华")


def _open_shop() -> None:
    User.objects.create_superuser("boss", may_review_from=LONG_AGO)
    bo = open_shop()
    ingest(order(bo, received=True))
    settle(at=PLACED + 3 * DAY + WEEK)
    save_phone(member=bo, number="13812345678", at=NOON)
    Member.objects.filter(nickname="Lan").update(nickname="兰丽华")


def url(person: Member) -> str:
    return reverse("admin:members_member_change", args=[person.pk])


@pytest.mark.parametrize("width", [1440, 1024, 390])
def test_the_page_fits_every_screen_and_axe_has_nothing_to_say(
    chromium: Browser, seen: PageServer, width: int
) -> None:
    for person in _people():
        with office(chromium, seen, "boss", width=width) as desk:
            page = desk.open(url(person))
            for name in ("bought", "withdrawals", "risk", "timeline"):
                panel = page.locator(f"#panel-{name}")
                panel.scroll_into_view_if_needed()
                expect(panel.locator(".tt-wait")).to_have_count(0)
            assert desk.overflow == 0
            assert violations(desk) == []


def violations(desk: Device) -> list[str]:
    """Return what axe finds in the parts of this page; the frame around it has its own test."""
    return [text for text in desk.violations() if ".tt-" in text or "#panel" in text]


def test_everything_is_found_by_keyboard_while_typing(
    people: tuple[Member, Member], committed: str, chromium: Browser, tmp_path: Path
) -> None:
    bo, lan = people
    with serving(committed, tmp_path) as server, office(chromium, server, "boss") as desk:
        page = desk.open(url(bo))
        page.keyboard.press("Control+k")
        palette = page.locator("#tt-palette")
        expect(palette.get_by_role("combobox")).to_be_focused()
        page.keyboard.type("丽华", delay=20)
        expect(palette.get_by_role("option")).to_have_count(1)
        assert violations(desk) == []
        page.keyboard.press("Enter")
        page.wait_for_url(f"{server.origin}{url(lan)}")
        page.keyboard.press("Control+k")
        page.keyboard.type("o-1", delay=20)
        expect(palette.get_by_role("option").first).to_contain_text("O-1")
        page.keyboard.press("Escape")
        expect(palette).to_be_hidden()


def test_nothing_found_is_said(
    people: tuple[Member, Member], committed: str, chromium: Browser, tmp_path: Path
) -> None:
    with serving(committed, tmp_path) as server, office(chromium, server, "boss") as desk:
        page = desk.open(url(people[0]))
        page.keyboard.press("Control+k")
        page.keyboard.type("没有这个人", delay=10)
        expect(page.locator("#tt-palette")).to_contain_text("没有找到“没有这个人”。")


def test_an_upline_is_changed_by_name_from_the_persons_page(
    people: tuple[Member, Member], committed: str, chromium: Browser, tmp_path: Path
) -> None:
    chen, newcomer = member("Chen"), member("Newcomer")
    distributor(chen)
    make_referral(chen, newcomer, at=clock.now())
    with serving(committed, tmp_path) as server, office(chromium, server, "boss") as desk:
        page = desk.open(url(newcomer))
        page.locator("#panel-upline").get_by_role("button", name="更换上级").click()
        dialog = page.locator("#modal-content")
        dialog.get_by_role("combobox").fill("兰")
        dialog.get_by_role("option", name="兰丽华").click()
        expect(dialog.locator(".tt-picked")).to_contain_text("兰丽华")
        dialog.locator("input[name=reason]").fill("本人要求")
        dialog.get_by_role("button", name="更换上级").click()
        expect(page.locator("#panel-upline .tt-facts")).to_contain_text("兰丽华")
    assert upline(newcomer) == "兰丽华"
