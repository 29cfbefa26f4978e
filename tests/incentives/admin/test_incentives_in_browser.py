"""An incentive in a real browser: drafted, checked, simulated, tested, handed over, published."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from common import clock
from incentives.models import Award, Version
from incentives.services.back_tests import run_back_tests
from incentives.services.catching_up import catch_up
from members.models import Member, User
from members.rights import rights_changed_at
from orders.models import Order
from orders.services import complete
from tests.admin.browser import office
from tests.browser import Device, PageServer, chromium, serving
from tests.cast import LONG_AGO, NOON, staff
from tests.incentives.admin.forms import incentive_url, url
from tests.incentives.offers import draft, published, reward
from tests.shop import DAY, PLACED, get_order, ingest, line, open_shop, order

__all__ = ["chromium"]

pytestmark = pytest.mark.slow
LIST = reverse("admin:incentives_incentive_changelist")


@pytest.fixture
def server(committed: str, tmp_path: Path) -> Iterator[PageServer]:
    """A shop in which Bo has bought masks lately; their upline is Lan."""
    call_command("roles")
    for name, group, called in (("qian", "Operations", "钱"), ("feng", "Finance", "冯")):
        person = staff(name)
        User.objects.filter(pk=person.pk).update(first_name=called)
        with rights_changed_at(LONG_AGO):
            person.groups.add(Group.objects.get(name=group))
    User.objects.create_superuser("boss", may_review_from=LONG_AGO)
    bo = open_shop()
    now = clock.now()
    ingest(order(bo, line(quantity=3), number="N-1", placed_at=now - 2 * DAY), at=now)
    with serving(committed, tmp_path) as served:
        yield served


def button(page: Page, name: str) -> Any:
    return page.get_by_role("button", name=name, exact=True)


def test_an_incentive_goes_from_a_template_to_its_start(
    chromium: Browser, server: PageServer
) -> None:
    with office(chromium, server, "qian") as desk:
        _draft(desk)
        drafted = Version.objects.get()
        assert (drafted.status, drafted.name) == ("submitted", "双十二冲刺")
        _simulate(desk, drafted)
        _back_test(desk, drafted)
    with office(chromium, server, "feng") as desk:
        _publish(desk, drafted)
    drafted.refresh_from_db()
    assert (drafted.status, drafted.number, drafted.published_by) == (
        "published", 1, User.objects.get(username="feng"),
    )  # fmt: skip
    rewards = drafted.rewards.order_by("threshold")
    assert list(rewards.values_list("threshold", "amount")) == [(20_000, 500), (50_000, 2_000)]


def _draft(desk: Device) -> None:
    page = desk.open(LIST)
    page.get_by_role("link", name="新建激励活动").first.click()
    page.wait_for_url("**/templates/")
    page.locator(".ic-card", has_text="300").first.get_by_role("button").click()
    page.wait_for_url("**/change/")
    page.locator("[name=name]").fill("双十二冲刺")
    page.locator("[name=metric]").select_option("own_sales")
    first = page.locator("[data-reward]").first
    expect(page.locator(".field-friend_days")).to_be_hidden()
    expect(page.locator(".field-ties")).to_be_hidden()
    first.locator("[name$=-threshold_text]").fill("x")
    expect(first.locator("[data-notes]")).to_be_visible()
    first.locator("[name$=-threshold_text]").fill("200")
    first.locator("[name$=-value]").fill("5")
    button(page, "添加奖励").click()
    second = page.locator("[data-reward]").nth(1)
    second.locator("[name$=-threshold_text]").fill("500")
    second.locator("[name$=-kind]").select_option("level")
    expect(second.locator("[name$=-value]")).to_be_hidden()
    second.locator("[name$=-kind]").select_option("amount")
    second.locator("[name$=-value]").fill("20")
    expect(page.locator("[data-sentence]")).to_contain_text("¥500.00")
    expect(page.locator("[data-worst]")).to_contain_text("%")
    page.locator("[name=budget_amount]").fill("0")
    expect(page.locator(".field-budget_amount [data-live-errors] li")).to_have_count(1)
    page.locator("[name=budget_amount]").fill("1000")
    expect(page.locator(".field-budget_amount [data-live-errors] li")).to_have_count(0)
    button(page, "保存并提交").click()
    page.wait_for_url("**/submit/")
    expect(page.locator(".ic-sentence")).to_contain_text("¥500.00")
    button(page, "提交发布").click()
    page.wait_for_url("**/change/")


def _simulate(desk: Device, drafted: Version) -> None:
    page = desk.open(url(drafted, "simulate"))
    _pick(page.locator("[name=person]"), "Lan")
    button(page, "计算").click()
    page.wait_for_load_state("networkidle")
    result = page.locator("[aria-labelledby=ic-result]")
    expect(result).to_contain_text("¥329.70")
    expect(result).to_contain_text("¥5.00")
    expect(result).to_contain_text("¥170.30")


def _pick(field: Any, name: str) -> None:
    """Type a name and choose it in the list below the field."""
    field.fill(name)
    field.locator("xpath=..").get_by_role("option", name=name).first.click()


def _back_test(desk: Device, drafted: Version) -> None:
    page = desk.open(url(drafted, "back_test"))
    button(page, "开始测算").click()
    expect(page.locator("progress")).to_be_visible()
    while run_back_tests(at=clock.now()):
        pass
    expect(page.locator("#pl-result")).to_contain_text("Lan")
    expect(page.locator("#pl-result")).to_contain_text("¥5.00")
    expect(page.locator("progress")).to_have_count(0)


def _publish(desk: Device, drafted: Version) -> None:
    page = desk.open(reverse("admin:office_queue_incentives"))
    expect(page.locator(".desk-body")).to_contain_text("¥500.00")
    page = desk.open(url(drafted))
    page.get_by_role("link", name="核对并发布").click()
    page.wait_for_url("**/publish/")
    button(page, "发布").click()
    page.wait_for_url("**/incentive/*/change/")
    expect(page.locator("body")).to_contain_text("已发布为第 1 版")
    expect(page.locator(".ic-sentence")).to_contain_text("¥500.00")


@pytest.fixture
def busy(server: PageServer) -> Version:
    """An incentive that has given an award, and its next version in draft."""
    version = published(
        name="月度冲刺", metric="own_sales", period="month", reach="steps",
        rewards=[reward(500, threshold=10_000), reward(900, threshold=100_000)],
        budget_amount=100_000, at=NOON,
    )  # fmt: skip
    bo = Member.objects.get(nickname="Bo")
    ingest(order(bo, number="N-2", received=True), at=PLACED)
    at = PLACED + 11 * DAY
    while complete(at=at):
        pass
    catch_up(orders=list(Order.objects.values_list("pk", flat=True)), at=at)
    draft(based_on=version, budget_amount=200_000)
    return version


def pages(version: Version) -> list[str]:
    drafted = Version.objects.get(status="draft")
    award = Award.objects.get()
    return [
        LIST, incentive_url(version), url(version), url(drafted),
        *(url(drafted, name) for name in ("simulate", "back_test", "compare", "submit", "publish")),
        f"{url(drafted, 'simulate')}?person=Lan&value=500",
        reverse("admin:office_incentive_templates"),
        reverse("admin:office_queue_incentives"),
        reverse("admin:incentives_award_changelist"),
        reverse("admin:incentives_award_change", args=[award.pk]),
        reverse("admin:incentives_policy_change", args=[1]),
        reverse("admin:orders_order_change", args=[get_order("N-2").pk]),
    ]  # fmt: skip


@pytest.mark.parametrize("width", [1440, 1024, 390])
def test_every_page_fits_and_is_accessible(
    chromium: Browser, server: PageServer, busy: Version, width: int
) -> None:
    wrong = []
    with office(chromium, server, "boss", width=width) as desk:
        for path in pages(busy):
            page = desk.open(path)
            wrong += [f"{path}: {found}" for found in desk.violations()]
            if desk.overflow > 0:
                wrong.append(f"{path} is {desk.overflow} pixels too wide")
            wrong += [f"{path}: {name} is cut" for name in clipped(page)]
    assert not wrong, "\n".join(wrong)


def clipped(page: Page) -> list[str]:
    """Return the fields of the table of rewards that run beyond it."""
    found: list[str] = page.evaluate(
        """() => [...document.querySelectorAll('.ic-table :is(select, input, button)')]
            .filter((field) => field.offsetParent && !field.closest('.pl-delete'))
            .filter((field) => {
                const box = field.getBoundingClientRect();
                const frame = field.closest('.ic-table').getBoundingClientRect();
                return box.left < frame.left - 1 || box.right > frame.right + 1 || box.width < 28;
            }).map((field) => field.name || field.textContent)"""
    )
    return found
