"""The editor in a real browser: drag, see the preview change, save, publish."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from members.models import User
from posters.models import PosterTemplate
from tests.browser import Device, device, serving
from tests.cast import LONG_AGO, give, staff
from tests.posters import studio

pytestmark = pytest.mark.slow


@pytest.fixture
def origin(committed: str, tmp_path: Path) -> Iterator[str]:
    with serving(committed, tmp_path) as server:
        yield server.origin


@pytest.fixture
def plain(committed: str) -> PosterTemplate:
    return studio.template()


@contextmanager
def desk(chromium: Browser, origin: str, user: User, **options: Any) -> Iterator[Device]:
    """Open a desk at which somebody has signed in; afterwards nothing went wrong."""
    client = Client()
    client.force_login(user)
    with device(chromium, origin, desk=True, **{"locale": "en", **options}) as opened:
        cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
        opened.context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": origin}]
        )
        yield opened
        assert opened.faults == []
        assert opened.foreign == []


def boss() -> User:
    return User.objects.create_superuser("boss", may_review_from=LONG_AGO)


def open_editor(opened: Device, template: PosterTemplate) -> Page:
    page = opened.open(f"/admin/posters/postertemplate/{template.pk}/editor/")
    drawn(page)
    return page


def drawn(page: Page) -> str:
    """Wait for the preview, and return it."""
    image = page.locator("[data-part=image]")
    expect(image).to_have_attribute("data-state", "ready")
    return str(image.get_attribute("src"))


def changed_preview(page: Page, before: str) -> str:
    expect(page.locator("[data-part=image]")).not_to_have_attribute("src", before)
    return drawn(page)


def handle(page: Page, element: str) -> Any:
    return page.locator(f".pe-handle[data-id={element}]")


def drag(page: Page, element: str, dx: float, dy: float) -> None:
    box = handle(page, element).bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + dx / 2, y + dy / 2)
    page.mouse.move(x + dx, y + dy)
    page.mouse.up()


def latest(template: PosterTemplate) -> dict[str, Any]:
    document = template.versions.latest("number").document
    return {row["id"]: row for row in document["elements"]}


def own_violations(opened: Device) -> list[str]:
    """Return what axe finds in the editor; the frame around it is that of the admin."""
    return [row for row in opened.violations() if "pe-" in row or "data-part" in row]


def status(page: Page) -> Any:
    return page.locator("[data-part=status]")


def test_an_element_is_dragged_saved_and_published(
    chromium: Browser, origin: str, plain: PosterTemplate
) -> None:
    with desk(chromium, origin, boss()) as opened:
        page = open_editor(opened, plain)
        before = drawn(page)

        drag(page, "title", 0, -80)
        moved = changed_preview(page, before)
        page.get_by_role("button", name="Save").click()
        expect(status(page)).to_have_text("Version 2 is saved.")
        page.get_by_role("button", name="Publish", exact=True).first.click()
        expect(status(page)).to_contain_text("Version 2 is published")

        assert moved != before
        title = latest(plain)["title"]
        assert title["y"] < 1200
        assert title["y"] % 8 == 0
        plain.refresh_from_db()
        assert plain.current_version
        assert plain.current_version.number == 2
        assert own_violations(opened) == []


def test_the_keyboard_moves_resizes_goes_back_and_removes(
    chromium: Browser, origin: str, plain: PosterTemplate
) -> None:
    with desk(chromium, origin, boss()) as opened:
        page = open_editor(opened, plain)
        handle(page, "name").focus()
        for key in ("ArrowRight", "Shift+ArrowDown", "Control+ArrowLeft"):
            page.keyboard.press(key)
        handle(page, "line").focus()
        page.keyboard.press("Delete")
        handle(page, "price").focus()
        page.keyboard.press("Shift+ArrowUp")
        page.keyboard.press("Control+z")
        page.keyboard.press("Control+s")
        expect(status(page)).to_have_text("Version 2 is saved.")

        rows = latest(plain)
        assert (rows["name"]["x"], rows["name"]["y"], rows["name"]["w"]) == (81, 88, 799)
        assert "line" not in rows
        assert rows["price"]["y"] == 1300


def test_an_unreadable_code_is_refused(
    chromium: Browser, origin: str, plain: PosterTemplate
) -> None:
    with desk(chromium, origin, boss()) as opened:
        page = open_editor(opened, plain)
        page.get_by_role("tab", name="Layers").click()
        page.get_by_label("Add").select_option("rect")
        page.get_by_role("button", name="Add").click()
        page.get_by_role("tab", name="Properties").click()
        for key, value in {"x": 680, "y": 1520, "w": 160, "h": 320}.items():
            page.locator(f".pe-field[data-key={key}] input").fill(str(value))
        before = drawn(page)
        page.get_by_role("button", name="Publish", exact=True).first.click()

        expect(page.locator(".pe-problems")).to_contain_text("cannot be read")
        expect(status(page)).to_contain_text("was not published")
        assert before
        plain.refresh_from_db()
        assert plain.current_version
        assert plain.current_version.number == 1


def test_layers_samples_json_and_the_way_back(
    chromium: Browser, origin: str, plain: PosterTemplate
) -> None:
    with desk(chromium, origin, boss()) as opened:
        page = open_editor(opened, plain)
        before = drawn(page)
        page.get_by_label("Sample").select_option("longest_title")
        long = changed_preview(page, before)
        page.get_by_role("tab", name="Layers").click()
        layer = page.locator(".pe-layer[data-id=title]")
        layer.get_by_role("button", name="Visible").click()
        hidden = changed_preview(page, long)
        expect(handle(page, "title")).to_have_count(0)
        layer.get_by_role("button", name="Locked").click()
        layer.get_by_role("button", name="Raise").click()
        page.get_by_role("tab", name="JSON").click()
        raw = page.locator(".pe-raw")
        raw.fill(raw.input_value().replace("#FFFFFF", "#F0F8FF"))
        page.get_by_role("button", name="Apply").click()
        changed_preview(page, hidden)
        page.get_by_role("button", name="Save").click()
        expect(status(page)).to_have_text("Version 2 is saved.")
        page.get_by_role("tab", name="Versions").click()
        page.locator(".pe-version[data-number='2']").get_by_role("button", name="Publish").click()
        expect(status(page)).to_contain_text("Version 2 is published")
        page.locator(".pe-version[data-number='1']").get_by_role("button", name="Publish").click()
        expect(status(page)).to_contain_text("Version 1 is published")

        document = plain.versions.get(number=2).document
        assert document["canvas"]["bg"] == "#F0F8FF"
        assert [row["id"] for row in document["elements"]][:2] == ["name", "title"]
        assert (latest(plain)["title"]["visible"], latest(plain)["title"]["locked"]) == (
            False,
            True,
        )
        plain.refresh_from_db()
        assert plain.current_version
        assert plain.current_version.number == 1


def test_who_may_only_look_changes_nothing(
    chromium: Browser, origin: str, plain: PosterTemplate
) -> None:
    with desk(chromium, origin, give(staff("Feng"), "view_postertemplate")) as opened:
        page = open_editor(opened, plain)
        drag(page, "title", 0, -80)
        handle(page, "name").focus()
        page.keyboard.press("ArrowRight")

        expect(page.get_by_role("button", name="Save")).to_be_disabled()
        expect(page.locator(".pe-fields input").first).to_be_disabled()
        expect(page.locator("[data-part=state]")).to_have_text("Version 1 is published.")
