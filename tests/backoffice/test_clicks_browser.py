"""Clicks from the home to the end of the most frequent jobs, in both languages. Typing is free."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from commissions.models import Plan
from common import clock
from distribution.models import Application
from distribution.services import apply
from members.models import Member, User
from tests.admin.browser import office
from tests.backoffice.desks import address
from tests.backoffice.test_stories_browser import FIN, OPS, crew
from tests.browser import PageServer, serving
from tests.cast import member
from tests.shop import DAY, ingest, order, plan, referral_chain, rule, sku
from tests.withdrawals.factories import YUAN, asked, earned, ready
from withdrawals.models import Withdrawal

pytestmark = [pytest.mark.slow, pytest.mark.parametrize("locale", ["zh-CN", "en-US"])]
APPLICATIONS = "applications"
MOST_FOR_A_PLAN = 8


@pytest.fixture
def server(committed: str, tmp_path: Path) -> Iterator[PageServer]:
    """A shop with an order of Bo, three applications and two withdrawals."""
    crew()
    User.objects.filter(username="feng").update(first_name="冯")
    now = clock.now()
    sku()
    sku("soap", price=3_000, cost=None, category="bath")
    plan(rule(), at=now - 9 * DAY)
    mei, lan, bo = referral_chain("Mei", "Lan", "Bo")
    ingest(order(bo, number="N-1", placed_at=now - DAY), at=now)
    for n, name in enumerate(("赵敏", "余光", "孙悟空")):
        apply(member=member(name), at=now - (3 - n) * DAY, code=lan.distributor.code)
    for n, who in enumerate((lan, mei)):
        earned(ready(who), 1_000 * YUAN, at=now - 8 * DAY)
        asked(who, 300 * YUAN, at=now - (2 - n) * DAY)
    with serving(committed, tmp_path) as running:
        yield running


@dataclass
class Hand:
    """A person who clicks, and counts."""

    page: Page
    clicks: int = 0

    def click(self, target: Any) -> None:
        target.click()
        self.clicks += 1

    def open_card(self, queue: str) -> None:
        """Click the card of a queue on the home."""
        self.click(self.page.locator(f"main a[href='{address(queue)}']").first)

    def approve(self) -> None:
        self.click(self.page.locator("button[data-key=a]"))


def heading(page: Page) -> Any:
    return page.locator("#desk-title")


def test_an_application_takes_two_clicks_and_the_next_one(
    chromium: Browser, server: PageServer, locale: str
) -> None:
    with office(chromium, server, "qian", locale=locale) as device:
        hand = Hand(device.open("/admin/"))
        hand.open_card(APPLICATIONS)
        expect(heading(hand.page)).to_have_text("赵敏")
        hand.approve()
        expect(heading(hand.page)).to_have_text("余光")
        assert hand.clicks == 2
        hand.approve()
        expect(heading(hand.page)).to_have_text("孙悟空")
        assert hand.clicks == 3

    statuses = list(Application.objects.order_by("pk").values_list("status", flat=True))
    assert statuses == ["approved", "approved", "submitted"]


def test_both_reviews_take_two_and_three_clicks(
    chromium: Browser, server: PageServer, locale: str
) -> None:
    with office(chromium, server, "qian", locale=locale) as device:
        hand = Hand(device.open("/admin/"))
        hand.open_card(OPS)
        expect(heading(hand.page)).to_have_text("Lan")
        hand.approve()
        expect(heading(hand.page)).to_have_text("Mei")
        assert hand.clicks == 2
    with office(chromium, server, "feng", locale=locale) as device:
        hand = Hand(device.open("/admin/"))
        hand.open_card(FIN)
        expect(heading(hand.page)).to_have_text("Lan")
        hand.click(hand.page.locator("summary[data-key=u]"))
        hand.page.locator("[name=reveal_reason]").fill("核对")
        hand.page.keyboard.press("Enter")
        expect(hand.page.locator(".desk-facts--revealed")).to_contain_text("openid-of-lan")
        hand.approve()
        expect(hand.page.locator(".desk-empty")).to_be_visible()
        assert hand.clicks == 3

    assert Withdrawal.objects.get(member__nickname="Lan").status == "finance_approved"


def test_who_is_paid_for_a_buyer_takes_two_clicks(
    chromium: Browser, server: PageServer, locale: str
) -> None:
    bo = Member.objects.get(nickname="Bo")
    with office(chromium, server, "qian", locale=locale) as device:
        hand = Hand(device.open("/admin/"))
        page = hand.page
        hand.click(page.locator("[data-open-palette]").first)
        page.keyboard.type("Bo", delay=20)
        hand.click(page.locator("#tt-palette").get_by_role("option").first)
        page.wait_for_url(f"**{reverse('admin:members_member_change', args=[bo.pk])}")
        panel = page.locator("#panel-upline")
        expect(panel).to_contain_text("Lan")
        expect(panel).to_contain_text("Mei")
        assert hand.clicks == 2


def test_a_plan_of_two_rules_is_handed_over_in_eight_clicks(
    chromium: Browser, server: PageServer, locale: str
) -> None:
    with office(chromium, server, "qian", locale=locale) as device:
        hand = Hand(device.open("/admin/"))
        page = hand.page
        plans = reverse("admin:commissions_plan_changelist")
        menu = page.locator("nav .fr-job")
        hand.click(menu.filter(has_text="订单与佣金" if locale == "zh-CN" else "Orders and comm"))
        hand.click(page.locator(f"nav a[href='{plans}']").first)
        hand.click(page.locator(f"a[href$='{reverse('admin:commissions_plan_add')}']").first)
        page.locator("[name=name]").fill("双十二")
        first = page.locator("[data-rule]").first
        first.locator("[name$=tier1]").fill("10")
        first.locator("[name$=tier2]").fill("5")
        hand.click(page.locator("[data-add-rule], .pl-add").first)
        second = page.locator("[data-rule]").nth(1)
        second.locator("select[name$=layer]").select_option("category")  # the keyboard is enough
        field = second.locator("[name=rules-1-category]")
        field.fill("beauty")
        hand.click(field.locator("xpath=..").get_by_role("option").first)
        second.locator("[name$=tier1]").fill("20")
        hand.click(page.locator("[name=_hand_over]"))
        page.wait_for_url("**/submit/")
        hand.click(page.locator("main form button[type=submit], main form button:not([type])").last)
        page.wait_for_url("**/change/")
        assert hand.clicks <= MOST_FOR_A_PLAN

    drafted = Plan.objects.get(name="双十二")
    assert (drafted.status, drafted.rules.count()) == ("submitted", 2)
