"""The desks of gifts, proofs and awards in a real browser: by keys alone, at three widths."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from playwright.sync_api import Browser, expect
from pytest_django import Settings

from incentives.models import GiftTask, PeriodClosing, Proof
from incentives.services.proofs import hand_in
from members.rights import rights_changed_at
from tests.admin.browser import office
from tests.backoffice.desks import address
from tests.browser import PageServer, serving
from tests.cast import LONG_AGO, member, staff
from tests.incentives.contests.gifts_stage import gift, gift_task, stored
from tests.incentives.contests.screenshots import jpeg, screenshot
from tests.incentives.contests.stage import RELEASED, close, contest, open_stage, release, sell
from tests.incentives.offers import published

pytestmark = pytest.mark.slow


@pytest.fixture
def server(committed: str, tmp_path: Path, settings: Settings) -> Iterator[PageServer]:
    """A shop in which two gifts, a proof and the awards of a contest wait."""
    settings.MEDIA_ROOT = str(tmp_path / "media")
    call_command("roles")
    with rights_changed_at(LONG_AGO):
        staff("wen").groups.add(Group.objects.get(name="Operations"))
    open_stage()
    contest(name="双十一周冲刺", confirm_above=1)
    published(name="首单送茶", metric="own_orders", rewards=[gift()], min_amount=5_000)
    likes = published(name="实拍有礼", metric="proof", rewards=[gift()])
    gift_task("Lan")
    gift_task("Chen")
    sell("Lan", 100_000)
    release()
    close()
    lan = member("Lan")
    upload = stored(lan, jpeg(screenshot("兰姐的朋友圈"), 90))
    hand_in(
        incentive=likes.incentive, member=lan, upload=upload.public_id, text="五位朋友点了赞",
        at=RELEASED + timedelta(hours=1),
    )  # fmt: skip
    with serving(committed, tmp_path) as running:
        yield running


def test_all_three_are_worked_through_by_keys_alone(chromium: Browser, server: PageServer) -> None:
    with office(chromium, server, "wen") as device:
        page = device.open(address("gifts"))
        expect(page.locator("#desk-title")).to_have_text("Lan")
        page.keyboard.press("a")
        page.keyboard.type("顺丰 SF1234567890")
        page.keyboard.press("Enter")
        expect(page.locator("#desk-title")).to_have_text("Chen")
        page = device.open(address("proofs"))
        expect(page.locator(".pf-picture")).to_be_visible()
        assert page.locator(".pf-picture").evaluate("image => image.naturalWidth") == 720
        page.keyboard.press("a")
        page.keyboard.press("a")
        expect(page.locator(".desk-empty")).to_be_visible()
        page = device.open(address("closings"))
        expect(page.locator("#desk-winners")).to_be_visible()
        page.keyboard.press("a")
        page.keyboard.press("a")
        expect(page.locator(".desk-empty")).to_be_visible()
    sent = GiftTask.objects.get(status="sent")
    assert (sent.award.member.nickname, sent.note) == ("Lan", "顺丰 SF1234567890")
    assert Proof.objects.get().status == "approved"
    assert PeriodClosing.objects.filter(status="waiting").count() == 0


@pytest.mark.parametrize("width", [1440, 1024, 390])
@pytest.mark.parametrize("locale", ["zh-CN", "en-US"])
def test_they_fit_the_screen_and_pass_axe(
    chromium: Browser, server: PageServer, width: int, locale: str
) -> None:
    with office(chromium, server, "wen", width=width, locale=locale) as device:
        for path in (
            address("gifts", GiftTask.objects.earliest("pk")),
            address("proofs", Proof.objects.get()),
            address("closings", PeriodClosing.objects.get(status="waiting")),
            "/admin/incentives/gifttask/",
            "/admin/incentives/proof/",
            "/admin/incentives/periodclosing/",
        ):
            device.open(path)
            assert device.overflow == 0, path
            assert device.violations() == [], path
