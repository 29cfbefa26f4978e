"""Every form in a real browser: no field is cut at any width, and axe has nothing to say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from pytest_django import DjangoDbBlocker

from tests.admin.browser import office
from tests.admin.conftest import _open_shop
from tests.admin.pages import PAGES, Button, _AsSuperuser, buttons, name, row, url
from tests.browser import Device, PageServer, chromium, serving
from tests.databases import cloned, using

__all__ = ["chromium"]

pytestmark = pytest.mark.slow

WIDTHS = (1440, 1024, 390)
OPEN = """async (address) => {
    const place = document.getElementById('modal-content');
    await htmx.ajax('GET', address, {target: place, select: '#dialog'});
    Alpine.$data(place).openModal = true;
}"""
CUT = """() => {
    const fields = 'input:not([type=hidden]), select, textarea, button, summary';
    const cut = [];
    for (const field of document.querySelectorAll('main :is(' + fields + ')')) {
        if (!field.offsetParent || field.closest('.sr-only, [hidden]')) continue;
        const box = field.getBoundingClientRect();
        if (!box.width || !box.height) continue;
        let frame = field.parentElement, left = 0, right = document.documentElement.clientWidth;
        for (; frame && frame !== document.body; frame = frame.parentElement) {
            const style = getComputedStyle(frame);
            if (/(auto|scroll)/.test(style.overflowX)) break;  // it scrolls there, on purpose
            if (/(hidden|clip)/.test(style.overflowX)) {
                const edge = frame.getBoundingClientRect();
                left = Math.max(left, edge.left); right = Math.min(right, edge.right);
            }
        }
        const scrolls = frame && frame !== document.body;
        if (!scrolls && (box.left < left - 1 || box.right > right + 1))
            cut.push((field.name || field.id || field.textContent.trim()).slice(0, 60));
    }
    return cut;
}"""


@pytest.fixture(scope="module")
def served(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[PageServer]:
    """Serve a shop with something in every list."""
    folder: Path = tmp_path_factory.mktemp("fields")
    with django_db_blocker.unblock(), cloned("fields") as database, using(database):
        _open_shop()
        with serving(database, folder) as server:
            yield server


def cut_fields(page: Page) -> list[str]:
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        found += [f"{text} is cut at {width}" for text in page.evaluate(CUT)]
        wide = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        if wide > 0:
            found.append(f"{wide} pixels too wide at {width}")
    page.set_viewport_size({"width": WIDTHS[0], "height": 900})
    return found


def faults(device: Device, path: str) -> list[str]:
    page = device.open(path)
    return [f"{path}: {fault}" for fault in [*cut_fields(page), *device.violations()]]


def forms_beside(page: Any) -> list[str]:
    """Return the forms besides that of a row: add, delete and own pages."""
    found = [url(page, "change", row(page).pk)]
    if page.has_add_permission(_AsSuperuser()):
        found.append(url(page, "add"))
    if page.has_delete_permission(_AsSuperuser(), row(page)):
        found.append(url(page, "delete", row(page).pk))
    own = (each for each in getattr(page, "pages", ()) if each.form is not None)
    rows = {True: [row(page).pk], False: []}
    return [*found, *(url(page, each.name, *rows[each.of_row]) for each in own)]


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_no_field_is_cut(chromium: Browser, served: PageServer, page: Any) -> None:
    with office(chromium, served, "boss") as device:
        assert [fault for path in forms_beside(page) for fault in faults(device, path)] == []


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_dialogs_fit_and_are_accessible(chromium: Browser, served: PageServer, page: Any) -> None:
    mine: list[Button] = [button for button in buttons() if button.page is page]
    if not mine:
        return
    with office(chromium, served, "boss") as device:
        opened = device.open(url(page, "change", row(page).pk))
        wrong = []
        for button in mine:
            opened.evaluate(OPEN, button.url)
            opened.locator("#dialog").wait_for()
            for width in WIDTHS:
                opened.set_viewport_size({"width": width, "height": 900})
                inside = opened.evaluate(
                    "document.getElementById('modal-content').scrollWidth"
                    " - document.getElementById('modal-content').clientWidth"
                )
                if inside > 1:
                    wrong.append(f"{button}: {inside} pixels too wide at {width}")
            opened.set_viewport_size({"width": WIDTHS[0], "height": 900})
            wrong += [f"{button}: {fault}" for fault in device.violations()]
        assert wrong == []
