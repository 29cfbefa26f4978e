"""Operations pin a level and edit the ladder in a real browser, in Chinese."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, expect

from common import clock
from distribution.models import Level
from members.models import Member, User
from tests.admin.browser import office
from tests.browser import Device, serving
from tests.cast import LONG_AGO, member
from tests.incentives.levels.ladder import YUAN, asks, level, level_of, review, sold
from tests.shop import DAY, distributor, make_referral, sku

pytestmark = pytest.mark.slow


@pytest.fixture
def lan(committed: str) -> Member:
    """Is Silver by her sales; Gold is above it."""
    User.objects.create_superuser("boss", may_review_from=LONG_AGO)
    sku()
    now = clock.now()
    silver, gold = level("白银", 1), level("黄金", 2)
    asks(silver, min_sales=100 * YUAN)
    asks(gold, "month", min_sales=300 * YUAN, min_buyers=2)
    seller, buyer = member("兰丽华"), member("Bo")
    distributor(seller, at=now - 100 * DAY)
    make_referral(seller, buyer, at=now - 99 * DAY)
    sold(buyer, 120, placed_at=now - 11 * DAY)
    review(now)
    return seller


def person(row: Member) -> str:
    return reverse("admin:members_member_change", args=[row.pk])


def own_violations(desk: Device) -> list[str]:
    return [text for text in desk.violations() if ".tt-" in text or "#panel" in text]


@pytest.mark.parametrize("width", [1440, 1024, 390])
def test_the_ladder_fits_every_screen_and_axe_has_nothing_to_say(
    lan: Member, committed: str, chromium: Browser, tmp_path: Path, width: int
) -> None:
    silver = Level.objects.get(name="白银")
    pages = (
        person(lan),
        reverse("admin:incentives_distributorlevel_change", args=[lan.distributor.pk]),
        reverse("admin:incentives_levelcondition_change", args=[silver.pk]),
        reverse("admin:incentives_distributorlevel_changelist"),
        reverse("admin:incentives_levelreview_changelist"),
    )
    with (
        serving(committed, tmp_path) as server,
        office(chromium, server, "boss", width=width) as desk,
    ):
        for path in pages:
            page = desk.open(path)
            for panel in page.locator("#panel-level, #panel-outlook").all():
                panel.scroll_into_view_if_needed()
                expect(panel.locator(".tt-wait")).to_have_count(0)
            assert desk.overflow == 0, path
            assert own_violations(desk) == [], path


def test_a_level_is_pinned_on_the_persons_page(
    lan: Member, committed: str, chromium: Browser, tmp_path: Path
) -> None:
    with serving(committed, tmp_path) as server, office(chromium, server, "boss") as desk:
        page = desk.open(person(lan))
        panel = page.locator("#panel-level")
        panel.scroll_into_view_if_needed()
        expect(panel).to_contain_text("还差 ¥180.00 · 1 位买家")
        panel.get_by_role("button", name="锁定等级").click()
        dialog = page.locator("#modal-content")
        expect(dialog).to_contain_text("¥120.00 · 1 单 · 1 位买家")
        dialog.locator("select[name=level]").select_option(label="黄金")
        dialog.locator("input[name=reason]").fill("带新人")
        dialog.locator("input[name=until]").fill("2020-01-01T12:00")
        dialog.get_by_role("button", name="锁定等级").click()
        expect(dialog).to_contain_text("锁定的截止时间须在现在之后")
        expect(dialog.locator("input[name=reason]")).to_have_value("带新人")
        dialog.locator("input[name=until]").fill("")
        dialog.get_by_role("button", name="锁定等级").click()
        expect(page.locator("#panel-level")).to_contain_text("由 boss 锁定：带新人")
    assert level_of(lan) == "黄金"
