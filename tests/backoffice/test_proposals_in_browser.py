"""What one person proposed and another decides, in a real browser: by keys, at three widths."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from playwright.sync_api import Browser, expect

from closing.models import Adjustment
from closing.services import propose_adjustment
from commissions.models import Plan
from commissions.services import draft, submit
from common import clock
from distribution.models import Binding
from integration.merges import propose_merge
from ledger.chart import Asset
from members.models import Member, MemberMerge, User
from members.rights import rights_changed_at
from members.staff_links import propose_staff_link
from orders.intake import ingest_orders
from orders.models import OrderConflict
from tests.admin.browser import office
from tests.backoffice.desks import address
from tests.browser import PageServer, serving
from tests.cast import CLOCK, LONG_AGO, member, staff
from tests.distribution.people import set_policy
from tests.shop import DAY, PLACED, ingest, line, open_shop, order, rule

pytestmark = pytest.mark.slow
PLANS, ADJUSTMENTS, MERGES, LINKS = "plans", "adjustments", "merges", "staff_links"
CONFLICTS = "order_conflicts"


@pytest.fixture
def server(committed: str, tmp_path: Path) -> Iterator[PageServer]:
    """A shop in which a plan, an adjustment, a merge and a link wait for a second person."""
    call_command("roles")
    for name, group in (("qian", "Operations"), ("feng", "Finance")):
        with rights_changed_at(LONG_AGO):
            staff(name).groups.add(Group.objects.get(name=group))
    qian, now = staff("qian"), clock.now()
    boss, other = (
        User.objects.create_superuser(name, may_review_from=LONG_AGO) for name in ("boss", "other")
    )
    set_policy(binding_days=3_000)
    buyer = open_shop()
    ingest(*(order(buyer, number=number, received=True) for number in ("O-1001", "O-1002")))
    cheaper = [order(buyer, line(price=9_990), number=each) for each in ("O-1001", "O-1002")]
    ingest_orders(cheaper, at=PLACED, clock=CLOCK)
    plan = draft(name="双十二方案", by=qian, at=now - DAY, rules=[rule(2_000, 500)])
    submit(plan=plan, by=qian, at=now - DAY, note="周五前请发布")
    propose_adjustment(
        key="a", member=Member.objects.get(nickname="Lan"), asset=Asset.CASH,
        direction="to_member", amount=6_600, reason="直播活动补贴", by=boss, at=now - DAY,
    )  # fmt: skip
    propose_merge(
        merged=buyer, survivor=member("Bea"), reason="同一手机号", by=qian, at=now - 3 * DAY
    )
    propose_staff_link(user=qian, member=member("Chen"), reason="当面核实", by=boss, at=now - DAY)
    assert other.is_superuser
    with serving(committed, tmp_path) as running:
        yield running


def test_finance_publishes_a_plan_by_keys_alone(chromium: Browser, server: PageServer) -> None:
    with office(chromium, server, "feng") as device:
        page = device.open(address(PLANS))
        expect(page.locator("#desk-title")).to_have_text("双十二方案")
        page.keyboard.press("a")
        expect(page.locator("#publish_starts_at")).to_be_visible()
        page.keyboard.press("Enter")
        expect(page.locator(".desk-empty")).to_be_visible()
    plan = Plan.objects.get(name="双十二方案")
    assert (plan.status, plan.published_by) == ("published", staff("feng"))


def test_finance_posts_an_adjustment_by_the_same_key_twice(
    chromium: Browser, server: PageServer
) -> None:
    with office(chromium, server, "feng") as device:
        page = device.open(address(ADJUSTMENTS))
        expect(page.locator(".desk-amount")).to_have_text("¥66.00")
        page.keyboard.press("a")
        assert Adjustment.objects.get().status == "proposed"
        page.keyboard.press("a")
        expect(page.locator(".desk-empty")).to_be_visible()
    assert Adjustment.objects.get().status == "posted"


def test_a_merge_is_agreed_to_with_both_members_in_sight(
    chromium: Browser, server: PageServer
) -> None:
    with office(chromium, server, "feng") as device:
        page = device.open(address(MERGES))
        expect(page.locator("#desk-merged + dl")).to_contain_text("Bo")
        expect(page.locator("#desk-survivor + dl")).to_contain_text("Bea")
        page.locator("button[data-key=a]").click()
        expect(page.locator(".desk-empty")).to_be_visible()
    assert MemberMerge.objects.get().status == "agreed"


def test_one_reason_decides_two_conflicts(chromium: Browser, server: PageServer) -> None:
    with office(chromium, server, "feng") as device:
        page = device.open(address(CONFLICTS))
        page.locator(".desk-all").check()
        page.locator("#desk-batch button").click()
        page.get_by_role("button", name="处理 2 条").click()
        expect(page.locator(".errors").first).to_be_visible()
        page.get_by_label("采用上报值").check()
        page.locator("#batch_reason").fill("商城确认改价")
        page.get_by_role("button", name="处理 2 条").click()
        expect(page.get_by_text("已处理 2 条")).to_be_visible()
    assert set(OrderConflict.objects.values_list("status", "reason")) == {
        ("accepted", "商城确认改价")
    }


def test_a_binding_is_extended_in_its_dialog(chromium: Browser, server: PageServer) -> None:
    binding = Binding.objects.get(member__nickname="Bo")
    before = binding.expires_at
    assert before
    with office(chromium, server, "qian") as device:
        page = device.open(f"/admin/members/member/{binding.member_id}/change/")
        page.get_by_role("button", name="延长绑定").first.click()
        dialog = page.get_by_role("dialog")
        expect(dialog.locator(".tt-impact")).to_contain_text("到期")
        dialog.locator("[name=until]").fill("2020-01-01T00:00")
        dialog.locator("[name=reason]").fill("双方协商延期")
        dialog.get_by_role("button", name="延长绑定").click()
        expect(dialog).to_contain_text("须晚于现在的到期时间")
        expect(dialog.locator("[name=reason]")).to_have_value("双方协商延期")
        dialog.locator("[name=until]").fill(f"{before.year}-12-31T00:00")
        dialog.get_by_role("button", name="延长绑定").click()
        expect(page.get_by_text("已延长绑定")).to_be_visible()
        expect(page.locator("#panel-upline")).to_contain_text("双方协商延期")
    binding.refresh_from_db()
    assert binding.expires_at
    assert binding.expires_at > before


@pytest.mark.parametrize("width", [1440, 1024, 390])
@pytest.mark.parametrize("locale", ["zh-CN", "en-US"])
def test_the_desks_fit_the_screen_and_pass_axe(
    chromium: Browser, server: PageServer, width: int, locale: str
) -> None:
    rows = {PLANS: Plan.objects.get(name="双十二方案"), ADJUSTMENTS: Adjustment.objects.get(),
            MERGES: MemberMerge.objects.get()}  # fmt: skip
    with office(chromium, server, "other", width=width, locale=locale) as device:
        for queue, row in rows.items():
            device.open(address(queue, row))
            assert device.overflow == 0
            assert device.violations() == []
        page = device.open(address(LINKS))
        assert device.overflow == 0
        assert device.violations() == []
        page = device.open(address(CONFLICTS))
        page.locator(".desk-all").check()
        page.locator("#desk-batch button").click()
        page.wait_for_load_state("networkidle")
        assert device.overflow == 0
        assert device.violations() == []
