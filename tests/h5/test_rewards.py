"""The page of rewards in a real browser: what runs, what it gave and why, and coupons."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import override_settings
from playwright.sync_api import Browser, Page, Route, expect

from members.models import Member
from promotions.models import CouponGrant
from tests.browser import Device, device, serving
from tests.h5 import mall
from tests.incentives.offers import reward
from tests.incentives.present import campaign, completed, friends, now, open_for, paid, put
from tests.materials.media import announced
from tests.promotions.coupons import DAY, claimable
from tests.shop import make_referral

pytestmark = pytest.mark.slow


@pytest.fixture
def origin(committed: str, tmp_path: Path) -> Iterator[str]:
    with (
        serving(committed, tmp_path) as server,
        override_settings(MEDIA_ROOT=tmp_path / "media", PUBLIC_URL=server.origin),
    ):
        yield server.origin


@pytest.fixture
def bo(origin: str) -> Member:
    """Return Bo, who bought two masks by Lan: one order is completed, the other was just paid."""
    buyer = open_for(mall.person("mei"), mall.person("lan"), mall.person("bo"))
    campaign(
        name="一月达标奖", rewards=[reward(800, threshold=10_000), reward(2_000, threshold=30_000)]
    )
    campaign(
        name="冲刺赛", reach="rank", ends_at=now() + 10 * DAY,
        rewards=[reward(1_000, first_rank=1, last_rank=1), reward(500, first_rank=2, last_rank=3)],
    )  # fmt: skip
    friends(name="邀请有礼")
    put(completed(buyer), paid(buyer))
    return buyer


def rewards_of(device: Device, key: str) -> Page:
    page = device.sign_in(key, "/rewards")
    page.wait_for_load_state("networkidle")
    return page


@pytest.mark.parametrize("desk", [False, True])
def test_lan_sees_how_far_she_is_and_why_she_got_it(
    chromium: Browser, origin: str, bo: Member, desk: bool
) -> None:
    with device(chromium, origin, desk=desk) as lan:
        page = rewards_of(lan, "lan")
        month = page.locator(".card", has_text="一月达标奖")
        expect(month.locator(".reached")).to_contain_text("¥109.90")
        expect(month.locator(".reached")).to_contain_text("还差 ¥190.10")
        expect(month.locator(".tag-good")).to_have_count(2)  # one of them is hidden
        expect(month.locator(".tag-good").first).to_be_visible()
        contest = page.locator(".card", has_text="冲刺赛")
        contest.get_by_role("button", name="排行榜").click()
        expect(contest.locator(".is-me")).to_contain_text("兰")
        assert lan.overflow == 0
        assert lan.violations() == []

        page.get_by_role("tab", name="我的奖励").click()
        award = page.locator(".card", has_text="一月达标奖")
        award.get_by_text("为什么？").click()
        expect(award).to_contain_text("O-1")
        assert lan.overflow == 0
        assert lan.violations() == []
        assert lan.faults == []
        assert lan.foreign == []


def test_both_sides_see_what_is_missing_until_the_friend_counts(
    chromium: Browser, origin: str, bo: Member
) -> None:
    friend = mall.person("chen")
    make_referral(mall.person("lan"), friend, at=now() - DAY)
    friends(name="好友有礼", min_amount=5_000)
    with device(chromium, origin) as chen, device(chromium, origin) as lan:
        of_chen = rewards_of(chen, "chen").locator(".card", has_text="好友有礼")
        of_lan = rewards_of(lan, "lan").locator(".card", has_text="好友有礼")
        expect(of_chen).to_contain_text(re.compile("兰 邀请了您。.+ 前下单并付款，首单满 ¥50"))
        listed = of_lan.locator("li", has_text="晨**")
        expect(listed).to_contain_text(re.compile("还差首单：.+ 前下单并付款，满 ¥50"))
        counted = lan.page.locator(".card", has_text="邀请有礼").locator("li", has_text="波**")
        expect(counted).to_contain_text("已计入")
        for phone in (chen, lan):
            assert phone.overflow == 0
            assert phone.violations() == []

        put(paid(friend, "O-9"))
        for phone in (chen, lan):
            phone.page.reload()

        expect(of_chen).to_contain_text("首单已计入，订单完成后发放奖励")
        expect(listed).to_contain_text("已下单，待完成")
        for phone in (chen, lan):
            assert phone.faults == []
            assert phone.foreign == []


def test_bo_claims_a_coupon_once(chromium: Browser, origin: str, bo: Member) -> None:
    claimable(at=now() - DAY)
    with device(chromium, origin) as buyer:
        page = rewards_of(buyer, "bo")
        expect(page.locator(".card", has_text="邀请有礼")).to_contain_text("首单已完成并计入")

        page.get_by_role("tab", name="优惠券").click()
        page.get_by_role("button", name="立即领取").click()

        expect(page.locator(".card", has_text="可使用")).to_have_count(1)
        expect(page.get_by_role("button", name="立即领取")).to_have_count(0)
        assert buyer.violations() == []
        assert buyer.faults == []
    assert CouponGrant.objects.get().member == bo


def test_who_is_not_signed_in_is_asked_to(chromium: Browser, origin: str) -> None:
    with device(chromium, origin, locale="en") as visitor:
        page = visitor.open("/rewards")

        expect(page.get_by_role("heading", name="Your rewards")).to_be_visible()
        assert visitor.violations() == []


def test_what_each_amount_gives_is_no_step(chromium: Browser, origin: str, bo: Member) -> None:
    campaign(name="每满有礼", reach="every", rewards=[reward(500, threshold=10_000)])
    with device(chromium, origin) as lan:
        card = rewards_of(lan, "lan").locator(".card", has_text="每满有礼")

        expect(card.locator(".reward-list .row")).to_contain_text("每满 ¥100")


def test_a_late_page_of_another_tab_is_dropped(chromium: Browser, origin: str, bo: Member) -> None:
    late: list[Route] = []
    second = re.compile(r"/me/awards\?cursor=n$")
    row = {"id": "late", "name": "迟到的奖励", "status": "granted"}

    def hold(route: Route) -> None:
        late.append(route)

    with device(chromium, origin) as lan:
        page = rewards_of(lan, "lan")
        page.route(
            "**/api/v1/me/awards", lambda route: route.fulfill(json={"results": [], "next": "n"})
        )
        page.route(second, hold)
        page.get_by_role("tab", name="我的奖励").click()
        with page.expect_request(second):
            page.get_by_role("button", name="加载更多").click()
        page.get_by_role("tab", name="进行中").click()
        expect(page.locator(".card", has_text="一月达标奖")).to_be_visible()

        [route] = late
        with page.expect_response(second):
            route.fulfill(json={"results": [row], "next": "n"})

        expect(page.get_by_role("button", name="加载更多")).to_be_hidden()
        assert lan.faults == []


def test_announcements_stand_above_the_list_and_are_new_once(
    chromium: Browser, origin: str, bo: Member
) -> None:
    announced(title="双十二开始报名", text="## 时间\n周五\n- 一\n- 二", is_pinned=True)
    announced(title="经销商内部通知", audience="distributors")
    with device(chromium, origin) as buyer:
        page = rewards_of(buyer, "bo")
        news = page.locator(".news")
        expect(news).to_have_count(1)
        expect(news).to_contain_text("置顶")
        expect(news.locator("summary")).to_contain_text("新")
        expect(news.get_by_role("heading", name="时间")).to_be_visible()
        assert buyer.overflow == 0
        assert buyer.violations() == []

        page.reload()
        page.wait_for_load_state("networkidle")
        expect(news.get_by_role("heading", name="时间")).to_be_hidden()
        news.locator("summary").click()
        expect(news.get_by_role("listitem")).to_have_text(["一", "二"])
        assert buyer.faults == []
        assert buyer.foreign == []
