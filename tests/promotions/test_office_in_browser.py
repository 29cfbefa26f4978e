"""A coupon in a real browser: typed, seen, published, given and ended; wide and on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from members.models import User
from promotions.models import Coupon, CouponGrant
from tests.admin.browser import office
from tests.browser import PageServer, chromium, serving
from tests.cast import LONG_AGO, member
from tests.promotions.coupons import claim, claimable, draft, product

__all__ = ["chromium"]
pytestmark = pytest.mark.slow
WIDTHS = (1440, 1024, 390)


@pytest.fixture
def server(committed: str, tmp_path: Path) -> Iterator[PageServer]:
    for name in ("boss", "colleague"):
        User.objects.create_superuser(name, may_review_from=LONG_AGO)
    product("每日坚果")
    with serving(committed, tmp_path) as running:
        yield running


def url(page: str, *args: Any, model: str = "coupon") -> str:
    return reverse(f"admin:promotions_{model}_{page}", args=args)


def test_a_coupon_goes_from_the_form_to_a_member(chromium: Browser, server: PageServer) -> None:
    member("Bo")
    with office(chromium, server, "boss") as desk:
        _draft(desk.open(url("add")))
        row = Coupon.objects.get()
        assert (row.rate, row.most, row.stock, row.status) == (2_000, 3_000, 100, "draft")
        assert row.targets == [row.targets[0]]
    with office(chromium, server, "colleague") as desk:
        _publish(desk.open(url("change", row.pk)), row)
        _give(desk.open(url("give", row.pk)))
        _end(desk.open(url("change", row.pk)))
    row.refresh_from_db()
    assert row.status == "ended"
    assert CouponGrant.objects.get().member.nickname == "Bo"


def _draft(page: Page) -> None:
    page.get_by_label("名称").fill("老客券")
    expect(page.locator("[name=rate]")).to_be_hidden()
    page.locator("[name=kind]").select_option("percent")
    expect(page.locator("[name=amount]")).to_be_hidden()
    page.locator("[name=rate]").fill("20")
    page.locator("[name=most]").fill("30")
    page.locator("[name=threshold]").fill("100")
    page.locator("[name=scope]").select_option("products")
    page.locator("[name=products] + .select2").click()
    page.locator(".select2-search__field").last.fill("坚果")
    page.locator(".select2-results__option", has_text="每日坚果").click()
    page.locator("[name=valid_days]").fill("7")
    page.locator("[name=stock]").fill("100")
    ticket = page.locator(".co-ticket")
    expect(ticket).to_contain_text("8 折")
    expect(ticket).to_contain_text("满 ¥100")
    expect(ticket).to_contain_text("每日坚果")
    expect(page.locator(".co-examples")).to_contain_text("¥80")
    page.get_by_role("button", name="保存", exact=True).click()
    page.wait_for_url("**/change/")


def _publish(page: Page, row: Coupon) -> None:
    address = url("publish", row.pk)
    page.locator(f'[hx-get*="{address}"], [href*="{address}"]').first.click()
    impact = page.locator(".tt-impact")
    expect(impact).to_contain_text("100 张")
    expect(impact).to_contain_text("¥3,000.00")
    page.locator("#modal-content").get_by_role("button", name="发布", exact=True).click()
    expect(page.locator("body")).to_contain_text("优惠券已发布")


def _give(page: Page) -> None:
    page.locator("[name=member]").fill("bo")
    page.locator("[name=reason]").fill("包裹晚到")
    page.get_by_role("button", name="发放给会员").click()
    page.wait_for_url("**/change/")
    expect(page.locator("body")).to_contain_text("发放给 Bo")


def _end(page: Page) -> None:
    page.get_by_role("button", name="结束", exact=True).or_(
        page.get_by_role("link", name="结束", exact=True)
    ).first.click()
    dialog = page.locator("#modal-content")
    expect(dialog.locator(".tt-impact")).to_contain_text("1 张")
    dialog.locator("[name=reason]").fill("活动结束")
    dialog.locator("[name=_confirmed]").check()
    dialog.get_by_role("button", name="结束", exact=True).click()
    expect(page.locator("body")).to_contain_text("优惠券已结束")


@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_fits_and_is_accessible(
    chromium: Browser, server: PageServer, width: int
) -> None:
    row = claimable(name="新人券", stock=1_000)
    drafted = draft(name="老客券")
    held = claim(row, member("Bo"))
    pages = [
        url("changelist"), url("add"), url("change", row.pk), url("change", drafted.pk),
        url("give", row.pk), url("changelist", model="coupongrant"),
        url("change", held.pk, model="coupongrant"),
        reverse("admin:members_member_change", args=[held.member_id]),
    ]  # fmt: skip
    with office(chromium, server, "boss", width=width) as desk:
        for page in pages:
            desk.open(page)
            assert desk.overflow <= 0, page
            assert desk.violations() == [], page
