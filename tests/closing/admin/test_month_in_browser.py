"""A month is closed by two people of finance, to its end, in a real browser with a real worker."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group
from playwright.sync_api import Browser, Page, expect

from closing.models import ControlRun
from common import clock
from config.roles import sync_groups
from ledger import hash_chain
from ledger.models import Period
from members.rights import rights_changed_at
from tests.admin.browser import office
from tests.backoffice.workers import until, working
from tests.browser import PageServer, chromium, serving
from tests.cast import LONG_AGO, staff
from tests.closing.books import DECEMBER, NOVEMBER, earn_commissions

__all__ = ["chromium"]
pytestmark = pytest.mark.slow
SIGN = "/admin/ledger/period/sign/"


@pytest.fixture
def server(
    committed: str, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[PageServer]:
    """A shop in December whose November can be closed; Feng and Fang are of finance."""
    ahead = tmp_path / "clock-ahead"
    ahead.write_text(str((DECEMBER - clock.wall_clock()).total_seconds()), encoding="ascii")
    settings.SANDBOX_CLOCK = str(ahead)
    monkeypatch.setenv("SANDBOX_CLOCK", str(ahead))
    sync_groups(at=LONG_AGO)
    for name in ("Feng", "Fang"):
        with rights_changed_at(LONG_AGO):
            staff(name).groups.add(Group.objects.get(name="Finance"))
    earn_commissions()
    with serving(committed, tmp_path) as running:
        yield running


def sign(page: Page) -> None:
    page.locator("main").get_by_role("button", name="签字结账").click()


def test_a_month_is_closed_by_two_people(
    chromium: Browser, server: PageServer, tmp_path: Path
) -> None:
    with office(chromium, server, "feng") as desk:
        page = desk.open("/admin/")
        page.get_by_role("navigation", name="主菜单").get_by_text("对账", exact=True).click()
        page.get_by_role("link", name="会计月份").first.click()
        page.get_by_role("link", name="签字结账").first.click()
        expect(page.locator("main")).to_contain_text("2026-11 已结束")
        page.locator("main").get_by_role("link", name="账目核对").click()
        with working(server, tmp_path):
            page.get_by_role("button", name="立即核对").click()
            until(lambda: ControlRun.objects.finished().exists())
        page = desk.open(SIGN)
        expect(page.locator("main")).to_contain_text("项核对全部一致")
        assert desk.violations() == []
        sign(page)
        expect(page.locator("body")).to_contain_text("还需另一人签字")
        page = desk.open(SIGN)
        expect(page.locator("main")).to_contain_text("请由另一位同事签字")
        expect(page.locator("main [name=month]")).to_have_count(0)

    period = Period.objects.get(month=NOVEMBER)
    assert (period.first_signer.username, period.closed_at) == ("feng", None)

    with office(chromium, server, "fang") as desk:
        page = desk.open(SIGN)
        sign(page)
        expect(page.locator("body")).to_contain_text("2026-11 已结账并封存")
        page = desk.open(SIGN)
        expect(page.locator("main")).to_contain_text("2026-12 尚未结束，2027-01-01 起可结账")

    period.refresh_from_db()
    assert period.second_signer is not None
    assert period.second_signer.username == "fang"
    assert period.closed_at is not None
    assert period.chain_hash
    assert hash_chain.first_break() is None
