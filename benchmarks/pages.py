"""Pages on a phone of 390 pixels whose processor is four times slower: first paint, and posters."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles

from django.db import connection, connections
from django.test.utils import override_settings
from playwright.sync_api import Browser, Page, expect, sync_playwright

from benchmarks import stage
from benchmarks.report import Row, Section
from common import clock
from posters.services import load_shipped
from tests.browser import ARGUMENTS, WAIT, Device, device, program, serving
from tests.h5 import mall
from tests.h5.workers import drawing

SLOWER = 4
PAINTS = 15
POSTERS = 25
FIRST_PAINT_GOAL = 1_000  # ms
POSTER_GOAL = 2_000
PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
NOTE_TAP = "addEventListener('click', () => performance.mark('tap'), {capture: true, once: true})"
WAITED = "performance.measure('wait', 'tap', 'poster-shown').duration"


def measure() -> Section:
    """Measure with caches of the browser empty each time, each poster that of another product."""
    with stage.fresh(stage.EMPTY), _served() as origin:
        goods, code = _goods()
        # Only now: its loop would forbid Django the database.
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=program(), args=list(ARGUMENTS))
            landing = [_first_paint(browser, origin, f"/s/{code}") for _ in range(PAINTS)]
            product = [_first_paint(browser, origin, f"/p/{goods[0]}") for _ in range(PAINTS)]
            waits = _posters(browser, origin, goods)
    return Section(
        "Pages",
        f"Chromium with 390 pixels and a processor slowed {SLOWER} times, on the machine of the"
        " server: without the time of a network. The files are not compressed here.",
        [
            _row("First paint of a landing page", landing, FIRST_PAINT_GOAL),
            _row("First paint of a product", product, FIRST_PAINT_GOAL),
            _row("From the tap to the poster", waits, POSTER_GOAL),
        ],
    )


@contextmanager
def _served() -> Iterator[str]:
    """Serve the database of this moment, with a worker that draws posters."""
    load_shipped(at=clock.now())
    name = str(connection.settings_dict["NAME"])
    with tempfile.TemporaryDirectory() as folder, serving(name, Path(folder)) as server:
        files = override_settings(MEDIA_ROOT=Path(folder) / "media", PUBLIC_URL=server.origin)
        with files, drawing(server, Path(folder)):
            yield server.origin


def _goods() -> tuple[list[str], str]:
    """Return the ids of products, and the code of a share."""
    lan = mall.distributor("lan")
    goods = [
        mall.product(f"goods-{number}", pictures=1, name=f"{number} {mall.LONG[:40]}").public_id
        for number in range(POSTERS)
    ]
    code = mall.share(lan, "product", goods[0]).code
    connections.close_all()
    return goods, code


def _first_paint(browser: Browser, origin: str, path: str) -> float:
    with device(browser, origin) as phone:
        _slow_down(phone)
        phone.page.goto(f"{origin}{path}")
        phone.page.wait_for_load_state("networkidle")
        return float(phone.page.evaluate(PAINT))


def _posters(browser: Browser, origin: str, goods: list[str]) -> list[float]:
    waits = []
    with device(browser, origin) as phone:
        phone.sign_in("lan", "/join")
        _slow_down(phone)
        for product in goods:
            page = phone.open(f"/p/{product}")
            waits.append(_tap(page))
    return waits


def _tap(page: Page) -> float:
    page.evaluate(NOTE_TAP)
    page.locator(".float").click()
    # Not wait_for_function: the content policy forbids to evaluate a text in the page.
    expect(page.locator(".poster-frame img")).to_be_visible(timeout=WAIT)
    expect(page.locator(".poster-wait")).to_have_count(0, timeout=WAIT)
    return float(page.evaluate(WAITED))


def _slow_down(phone: Device) -> None:
    session = phone.context.new_cdp_session(phone.page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})


def _row(what: str, times: list[float], goal: int) -> Row:
    late = quantiles(times, n=20)[-1]
    return Row(
        what, f"median {median(times):,.0f} ms, p95 {late:,.0f} ms", f"p95 ≤ {goal:,} ms",
        late <= goal,
    )  # fmt: skip
