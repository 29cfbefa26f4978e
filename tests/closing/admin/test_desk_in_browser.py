"""Finance pays a batch, runs the controls and closes a month, in a real browser."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.contrib.auth.models import Group
from django.test import override_settings
from playwright.sync_api import Browser, Page, expect

from closing.services import reconcile, take_requested_run, top_up
from common import clock
from config.roles import sync_groups
from members.models import User
from members.rights import rights_changed_at
from tests.admin.browser import office
from tests.browser import PageServer, chromium
from tests.cast import LONG_AGO, staff
from tests.closing import books
from tests.shop import DAY
from tests.withdrawals import factories
from tests.withdrawals.factories import YUAN
from withdrawals.models import PayoutBatch, Withdrawal

__all__ = ["chromium"]
pytestmark = pytest.mark.slow
SHOTS = os.environ.get("OFFICE_SHOTS", "")
WIDTHS = (1440, 1024, 390)


@pytest.fixture(scope="module")
def fill_shop() -> Callable[[], None]:
    return _open_shop


@pytest.fixture(scope="module", autouse=True)
def manual_payouts() -> Iterator[None]:
    """Pay by hand in this process and in those of the servers."""
    with pytest.MonkeyPatch.context() as patch, override_settings(PAYOUT_GATEWAY="manual"):
        patch.setenv("PAYOUT_GATEWAY", "manual")
        yield


def _open_shop() -> None:
    """Open a shop with earned commissions, one payment, and two withdrawals to be paid by hand."""
    sync_groups(at=LONG_AGO)
    feng = staff("Feng")
    with rights_changed_at(LONG_AGO):
        feng.groups.add(Group.objects.get(name="Finance"))
    feng = User.objects.get(pk=feng.pk)
    qian = factories.operations(staff("Qian"))
    mei, lan = books.earn_commissions()
    top_up(document="T1", amount=2_000 * YUAN, by=feng, at=books.PAID)
    for who in (mei, lan):
        factories.approved(who, 300 * YUAN, qian, feng, at=books.PAID)
    reconcile(day=clock.business_day(books.PAID), at=books.PAID + DAY)


def shoot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)


def test_a_batch_goes_to_the_bank_and_comes_back(
    chromium: Browser, server: PageServer, tmp_path: Path
) -> None:
    with office(chromium, server, "feng") as desk:
        page = desk.open("/admin/payout-batches/new/")
        shoot(page, "batch-new")
        assert desk.violations() == []
        expect(page.locator("[data-sum-total]")).to_have_text("¥600.00")
        page.get_by_label("控制合计").fill("599.99")
        page.get_by_role("button", name="整批认领").click()
        expect(page.get_by_text("未做任何改动")).to_be_visible()
        assert not PayoutBatch.objects.exists()
        page.get_by_label("控制合计").fill("600")
        page.get_by_role("button", name="整批认领").click()
        expect(page.get_by_role("heading", name="付款批次 P")).to_be_visible()

        page.get_by_label("原因").fill("周五付款")
        with page.expect_download() as download:
            page.get_by_role("button", name="下载文件").click()
        sent = tmp_path / "sent.xlsx"
        download.value.save_as(sent)
        assert sent.stat().st_size

        batch = PayoutBatch.objects.get()
        lines = [
            f"{line.attempt.out_bill_no},openid-of-{name},300.00,成功"
            for line, name in zip(batch.lines.order_by("position"), ("mei", "lan"), strict=True)
        ]
        head = "付款编号,收款账号,金额,结果"
        stranger = tmp_path / "stranger.csv"
        stranger.write_text("\n".join([head, *lines, "X404,openid,300.00,成功"]), "gb18030")
        answer = tmp_path / "answer.csv"
        answer.write_text("\n".join([head, *lines, "合计,,600.00,"]), "gb18030")
        page.reload()
        page.get_by_label("CSV 或 XLSX").set_input_files(stranger)
        page.get_by_role("button", name="核对文件").click()
        expect(page.get_by_role("alert")).to_contain_text("X404 不属于本批次")
        assert set(Withdrawal.objects.values_list("status", flat=True)) == {"paying"}
        shoot(page, "batch-refused")
        page.get_by_label("CSV 或 XLSX").set_input_files(answer)
        page.get_by_role("button", name="核对文件").click()
        shoot(page, "batch-preview")
        page.get_by_label("控制合计").fill("600.00")
        page.get_by_role("button", name="记录这些结果").click()
        expect(page.get_by_text("2 笔付款已完成，合计 ¥600.00")).to_be_visible()
        shoot(page, "batch-paid")
        assert set(Withdrawal.objects.values_list("status", flat=True)) == {"paid"}

        page.get_by_role("link", name="按银行对账单登记").click()
        page.locator("[name=document]").fill("BANK-1")
        page.get_by_role("button", name="登记整批付款").click()
        expect(page.get_by_text("2 笔付款已登记")).to_be_visible()


@pytest.mark.parametrize("width", WIDTHS)
def test_the_desk_fits_every_screen(chromium: Browser, seen: PageServer, width: int) -> None:
    factories.finance(staff("Feng"))
    with office(chromium, seen, "feng", width=width) as desk:
        for path in (
            "controls", "liability", "forecast", "journal", "payout-batches/new",
            "ledger/period/sign", "ledger/transfer", "closing/difference",
            "withdrawals/payoutbatch", "",
        ):  # fmt: skip
            page = desk.open(f"/admin/{path}/".replace("//", "/"))
            shoot(page, f"{path.replace('/', '-') or 'home'}-{width}")
            assert desk.overflow <= 0, path
            if width == WIDTHS[0]:
                assert desk.violations() == [], path


def test_the_controls_show_their_progress(chromium: Browser, server: PageServer) -> None:
    with office(chromium, server, "feng") as desk:
        page = desk.open("/admin/controls/")
        page.get_by_role("button", name="立即核对").click()
        expect(page.get_by_text("等待后台任务")).to_be_visible()
        _run_as_worker()
        expect(page.get_by_role("button", name="立即核对")).to_be_visible()


def _run_as_worker() -> None:
    run = take_requested_run(at=clock.now())
    assert run
    reconcile(day=run.day, at=clock.now(), run=run)
