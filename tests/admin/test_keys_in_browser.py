"""Every queue worked through by the keyboard alone, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from pytest_django import DjangoDbBlocker

from backoffice import queues
from backoffice.queues import Queue
from config.roles import sync_groups
from members.models import User
from tests.admin.browser import office
from tests.admin.conftest import _open_shop
from tests.browser import Device, PageServer, chromium, serving
from tests.cast import LONG_AGO
from tests.databases import cloned, using

__all__ = ["chromium"]

pytestmark = pytest.mark.slow

MOST_TABS = 60
FOCUSED = "document.activeElement"


@pytest.fixture(scope="module")
def served(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[PageServer]:
    """Serve a shop with something in every queue, and a colleague who may decide all of it."""
    folder: Path = tmp_path_factory.mktemp("keys")
    with django_db_blocker.unblock(), cloned("keys") as database, using(database):
        _open_shop()
        sync_groups(at=LONG_AGO)
        User.objects.create_superuser("colleague", may_review_from=LONG_AGO)
        with serving(database, folder) as server:
            yield server


def desks() -> list[Queue]:
    return [queue for queue in queues._queues.values() if queue.desk]


def waiting(queue: Queue) -> int:
    return int(queue.waiting(User.objects.get(username="colleague")).count())


def reach(page: Page, target: Locator) -> None:
    """Press Tab until an element has the focus."""
    for _ in range(MOST_TABS):
        if target.evaluate(f"element => element === {FOCUSED}"):
            return
        page.keyboard.press("Tab")
    pytest.fail("it is too many tabs away")


@pytest.mark.parametrize("queue", desks(), ids=lambda queue: queue.name)
def test_a_queue_is_opened_and_decided_by_keys(
    chromium: Browser, served: PageServer, queue: Queue
) -> None:
    before = waiting(queue)
    assert before, "the shop of the tests has nothing in this queue"
    with office(chromium, served, "colleague") as device:
        page = device.open("/admin/todo/")
        reach(page, page.locator(f"main a[href='{queues.url(queue)}']").first)
        page.keyboard.press("Enter")
        expect(page.locator("#desk-title")).to_be_visible()
        _look_at_help(page)
        _write_a_note(page, queue)
        _decide(device, page, queue)


def _look_at_help(page: Page) -> None:
    page.keyboard.press("?")
    expect(page.locator("#desk-help")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#desk-help")).to_be_hidden()


def _write_a_note(page: Page, queue: Queue) -> None:
    assert queue.desk
    if not queue.desk.has_notes:
        return
    page.keyboard.press("n")
    page.keyboard.type("问过 jkarx")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".desk-notes li").first).to_contain_text("问过 jkarx")


def _decide(device: Device, page: Page, queue: Queue) -> None:
    """Take the first decision that this person may take, and see that the row has left."""
    assert queue.desk
    for decision in queue.desk.decisions:
        chosen = page.locator(f".desk-decide [data-key='{decision.key}']:visible")
        if decision.key and chosen.count():
            break
    else:
        pytest.fail(page.locator(".desk-row").inner_text())
    title = page.locator("#desk-title").inner_text()
    page.keyboard.press(decision.key)
    if decision.form is None:
        expect(chosen).to_be_focused()
        page.keyboard.press(decision.key)
    else:
        fields = page.locator("details[open] form :is(input, select, textarea):visible")
        expect(fields.first).to_be_focused()
        _fill(page, fields)
        page.keyboard.press("Enter")
    expect(page.locator(".desk-messages")).not_to_be_empty()
    said = page.locator(".desk-messages").inner_text()
    assert title in said or "已" in said
    assert device.violations() == []


def _fill(page: Page, fields: Locator) -> None:
    """Fill the fields of a decision, each reached by Tab."""
    for place in range(fields.count()):
        field = fields.nth(place)
        reach(page, field)
        if field.evaluate("element => element.tagName") == "SELECT":
            page.keyboard.press("ArrowDown")
        elif field.get_attribute("type") == "checkbox":
            page.keyboard.press("Space")
        elif not field.input_value():
            page.keyboard.type("核对过了")
