"""The team graph in a real browser: drawn, opened by mouse and keyboard, on a desk and a phone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from distribution.models import Distributor
from members.models import User
from tests.admin.browser import office
from tests.browser import Device, chromium, serving
from tests.cast import LONG_AGO, member
from tests.reports.distributors.shop import buys, of, open_team
from tests.reports.folding import fold_all
from tests.shop import make_referral

pytestmark = pytest.mark.slow
__all__ = ["chromium"]
WIDTHS = [1440, 1024, 390]


@pytest.fixture
def mei(committed: str) -> Distributor:
    """Mei's team has more direct members than are shown at first."""
    User.objects.create_superuser("boss", may_review_from=LONG_AGO)
    root = open_team()
    for number in range(30):
        make_referral(root.member, member(f"会员{number:02}"))
    buys("Ben", orders=2)
    buys("Bo")
    fold_all()
    return root


@pytest.fixture(params=WIDTHS)
def desk(
    request: pytest.FixtureRequest, chromium: Browser, committed: str, mei: Distributor,
    tmp_path: Path,
) -> Iterator[Device]:  # fmt: skip
    with (
        serving(committed, tmp_path) as server,
        office(chromium, server, "boss", width=request.param) as opened,
    ):
        yield opened


def test_a_team_is_opened_and_read_on_every_screen(desk: Device, mei: Distributor) -> None:
    page = desk.open(f"/admin/team/?of={mei.code}&sort=team")
    expect(page.get_by_role("treeitem")).to_have_count(22)  # the root, 20, and how many more
    assert desk.overflow == 0
    assert desk.violations() == []

    page.evaluate("window.stays = true")  # the graph alone is exchanged
    page.locator(".tm-toggle").first.click()
    expect(page.locator(".tm-card[aria-level='3']")).to_have_count(1)
    assert page.evaluate("window.stays") is True
    assert page.locator(".tm-card[aria-level='3'] .name").text_content() == "Bo"
    assert f"open={of('Lan').member.bindings.get().pk}" in page.url
    assert desk.violations() == []

    page.locator(".tm-card.more .tm-person").click()
    expect(page.get_by_role("treeitem")).to_have_count(35)
    assert desk.overflow == 0


@pytest.mark.parametrize("desk", [1440], indirect=True)
def test_the_keyboard_alone_walks_opens_and_closes_the_tree(desk: Device, mei: Distributor) -> None:
    page = desk.open(f"/admin/team/?of={mei.code}&sort=team")
    page.locator(".tm-card.root").focus()

    page.keyboard.press("ArrowDown")
    expect(page.locator(":focus")).to_have_attribute("aria-label", re.compile("Lan"))
    page.keyboard.press("ArrowRight")
    expect(page.locator(".tm-card[aria-level='3']")).to_have_count(1)
    expect(page.locator(":focus")).to_have_attribute("aria-label", re.compile("Lan"))
    page.keyboard.press("ArrowRight")
    expect(page.locator(":focus")).to_have_attribute("aria-label", re.compile("Bo"))
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".tm-card[aria-level='3']")).to_have_count(0)
    page.keyboard.press("End")
    expect(page.locator(".tm-card.more")).to_be_focused()
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/admin/members/member/{mei.member_id}/change/")


@pytest.mark.parametrize("desk", [1440, 390], indirect=True)
def test_list_ranking_and_comparison_fit_and_pass_axe(desk: Device, mei: Distributor) -> None:
    for path in (
        f"/admin/team/?of={mei.code}&view=list", "/admin/team/", "/admin/ranking/?period=all",
        f"/admin/compare/?with={mei.code}&with={of('Lan').code}",
    ):  # fmt: skip
        desk.open(path)
        assert desk.overflow == 0, path
        assert desk.violations() == [], path


@pytest.mark.parametrize("desk", [1440], indirect=True)
def test_a_freeze_shows_what_it_touches_and_asks_again(desk: Device, mei: Distributor) -> None:
    page = desk.open(f"/admin/distribution/distributor/{mei.pk}/change/")
    page.get_by_role("button", name="冻结").first.click()
    dialog = page.locator("#dialog")
    expect(dialog.locator(".tt-impact dt").first).to_contain_text("33 位会员")
    dialog.locator("[name=reason]").fill("投诉")
    dialog.locator("button[type=submit]").click()
    expect(dialog.get_by_text("请勾选确认")).to_be_visible()
    assert dialog.locator("[name=reason]").input_value() == "投诉"
    assert desk.violations() == []

    dialog.locator("[name=_confirmed]").check()
    dialog.locator("button[type=submit]").click()
    expect(page.get_by_text("已冻结").first).to_be_visible()
    mei.refresh_from_db()
    assert mei.status == "frozen"
