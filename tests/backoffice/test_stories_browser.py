"""What crews do all day, from the first click to the end: in a real browser, with a real worker."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from playwright.sync_api import Browser, Page, expect

from common import clock
from distribution.models import Application
from distribution.services import apply
from events.models import Event
from members.models import User
from members.rights import rights_changed_at
from tests.admin.browser import office
from tests.backoffice.desks import address
from tests.backoffice.workers import until, working
from tests.browser import Device, PageServer, serving
from tests.cast import LONG_AGO, member, staff
from tests.shop import DAY, distributor
from tests.withdrawals.factories import YUAN, asked, earned, owe, ready
from withdrawals.models import RejectionReason, Withdrawal

pytestmark = pytest.mark.slow
OPS, FIN = "operations_reviews", "finance_reviews"
UNMASKED = "withdrawals.unmasked"


def crew() -> None:
    """Qian reviews for operations, Feng for finance, and Dong may do both."""
    call_command("roles")
    groups = {"qian": ["Operations"], "feng": ["Finance"], "dong": ["Operations", "Finance"]}
    for name, names in groups.items():
        with rights_changed_at(LONG_AGO):
            staff(name).groups.add(*Group.objects.filter(name__in=names))


@pytest.fixture
def server(committed: str, tmp_path: Path) -> Iterator[PageServer]:
    """A shop in which Lan, Chen and Bo want their money; Bo owes some after a refund."""
    crew()
    now = clock.now()
    for name, amount in (("Lan", 300), ("Chen", 120), ("Bo", 80)):
        who = ready(member(name))
        earned(who, 1_000 * YUAN, at=now - 8 * DAY)
        asked(who, amount * YUAN, at=now - 2 * DAY)
    RejectionReason.objects.create(code="odd", label="资料有误")
    with serving(committed, tmp_path) as running:
        yield running


def withdrawal(name: str) -> Withdrawal:
    return Withdrawal.objects.get(member__nickname=name)


def approve(page: Page) -> None:
    page.locator("button[data-key=a]").click()


def open_first(device: Device, queue: str) -> Page:
    page = device.open("/admin/")
    page.locator(f"main a[href='{address(queue)}']").first.click()
    expect(page.locator("#desk-title")).to_have_text("Lan")
    return page


def test_a_withdrawal_is_reviewed_twice_and_paid(
    chromium: Browser, server: PageServer, tmp_path: Path
) -> None:
    with office(chromium, server, "qian") as device:
        page = open_first(device, OPS)
        approve(page)
        expect(page.locator("#desk-title")).to_have_text("Chen")
    with office(chromium, server, "feng") as device:
        page = open_first(device, FIN)
        expect(page.locator(".desk-body")).not_to_contain_text("openid-of-lan")
        page.keyboard.press("u")
        page.keyboard.type("核对收款人")
        page.keyboard.press("Enter")
        expect(page.locator(".desk-facts--revealed")).to_contain_text("openid-of-lan")
        expect(page.locator(".desk-facts--revealed")).to_contain_text("Lan")
        approve(page)
        expect(page.locator(".desk-empty")).to_be_visible()
        with working(server, tmp_path):
            until(lambda: withdrawal("Lan").status == "paid")
        row = withdrawal("Lan")
        page = device.open(f"/admin/withdrawals/withdrawal/{row.pk}/change/")
        expect(page.locator("main")).to_contain_text("已支付")
        expect(page.locator("main")).to_contain_text("¥300.00")

    assert (row.ops_reviewer.username, row.finance_reviewer.username) == ("qian", "feng")
    looks = list(Event.objects.filter(name=UNMASKED).values_list("actor_id", "data"))
    assert looks == [("feng", {"reason": f"核对收款人 ({row.public_id})"})]
    assert withdrawal("Chen").status == "requested"


def test_the_same_person_is_refused_for_both_reviews(chromium: Browser, server: PageServer) -> None:
    with office(chromium, server, "dong") as device:
        page = open_first(device, OPS)
        approve(page)
        expect(page.locator("#desk-title")).to_have_text("Chen")
        page = open_first(device, FIN)
        expect(page.locator(".desk-refusal")).to_contain_text("财务审核须由另一人进行")
        expect(page.get_by_role("button", name="财务通过")).to_be_disabled()
        page.keyboard.press("a")
        page.keyboard.press("a")
        token = page.locator("[name=csrfmiddlewaretoken]").first.input_value()
        row = withdrawal("Lan")
        forged = device.context.request.post(
            f"{device.origin}{address(FIN, row)}",
            form={"csrfmiddlewaretoken": token, "action": "approve", "seal": row.content_hash},
            headers={"referer": f"{device.origin}{address(FIN)}"},
        )
        assert forged.status == 200
        assert "须为不同的人" in forged.text()

    row.refresh_from_db()
    assert (row.status, row.finance_reviewer) == ("ops_approved", None)


def test_a_batch_leaves_a_blocked_row_out_and_needs_its_total(
    chromium: Browser, server: PageServer
) -> None:
    owe(withdrawal("Bo").member, 200_000)
    with office(chromium, server, "qian") as device:
        page = device.open(address(OPS))
        page.locator(".desk-all").check()
        page.locator("#desk-batch button").click()
        blocked = page.locator(".desk-table-refused")
        expect(blocked).to_have_count(1)
        expect(blocked).to_contain_text("Bo")
        expect(blocked).to_contain_text("欠款")
        expect(page.locator(".desk-total strong")).to_have_text("¥420.00")
        assert device.violations() == []
        page.get_by_label("实付合计").fill("500")
        page.get_by_role("button", name="通过 2").click()
        expect(page.locator(".errors")).to_contain_text("合计不符")
        assert set(Withdrawal.objects.values_list("status", flat=True)) == {"requested"}
        page.get_by_label("实付合计").fill("420.00")
        page.get_by_role("button", name="通过 2").click()
        expect(page.get_by_text("已处理 2 条")).to_be_visible()
        expect(page.locator(".desk-table-refused")).to_contain_text("欠款")

    assert [withdrawal(name).status for name in ("Lan", "Chen", "Bo")] == [
        "ops_approved", "ops_approved", "requested",
    ]  # fmt: skip


def test_two_reviewers_at_one_row_the_slower_learns_who_was_faster(
    chromium: Browser, server: PageServer
) -> None:
    with (
        office(chromium, server, "qian") as first,
        office(chromium, server, "dong") as second,
    ):
        slow = open_first(second, OPS)
        quick = open_first(first, OPS)
        approve(quick)
        expect(quick.locator("#desk-title")).to_have_text("Chen")
        approve(slow)
        expect(slow.locator(".desk-messages")).to_contain_text("已有同事先处理")
        expect(slow.locator(".desk-messages")).to_contain_text("qian")

    assert withdrawal("Lan").ops_reviewer == User.objects.get(username="qian")


def test_a_batch_of_applications_is_approved(chromium: Browser, server: PageServer) -> None:
    code = distributor(member("Mei"), at=clock.now() - 9 * DAY).code
    for name in ("赵敏", "余光", "孙悟空"):
        apply(member=member(name), at=clock.now() - DAY, code=code)
    with office(chromium, server, "qian") as device:
        page = device.open(address("applications"))
        for name in ("赵敏", "孙悟空"):
            page.get_by_label(f"勾选 {name}").check()
        expect(page.locator(".desk-selected")).to_have_text("(2)")
        page.locator("#desk-batch button").click()
        expect(page.locator(".desk-table tbody tr")).to_have_count(2)
        assert device.violations() == []
        page.get_by_role("button", name="通过 2").click()
        expect(page.locator(".desk-table-done")).to_have_count(2)
        page.get_by_role("link", name="返回队列").click()
        expect(page.locator("#desk-title")).to_have_text("余光")

    found = Application.objects.order_by("pk").values_list("member__nickname", "status")
    assert list(found) == [("赵敏", "approved"), ("余光", "submitted"), ("孙悟空", "approved")]
