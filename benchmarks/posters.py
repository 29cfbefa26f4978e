"""Measure posters: against textbook Pillow and a warm browser, and the memory of a worker."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

from benchmarks import naive_posters
from benchmarks.report import Row, Section, at_least, median_with_range, ratios
from benchmarks.sizes import scaled
from posters.rendering import PosterData, Template, parse, render, samples

TEMPLATE = Path(__file__).parents[1] / "posters" / "shipped" / "beauty_blush.json"
ROUNDS = 3
WARM, FIRST = scaled(600, least=20), scaled(120, least=5)
NAIVE, BROWSER = scaled(12, least=2), scaled(30, least=3)
POSTERS, PRODUCTS = scaled(10_000, least=60), scaled(500, least=3)
WARM_MS, FIRST_MS, A_SECOND, MEGABYTES = 20.0, 150.0, 120.0, 250.0
TO_PILLOW, TO_BROWSER = 20, 8

_numbers = count()


def measure() -> Section:
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})  # one core for all of them
    try:
        return _measured()
    finally:
        os.sched_setaffinity(0, cores)


def _measured() -> Section:
    template = parse(json.loads(TEMPLATE.read_text(encoding="utf-8")))
    data = samples.normal(template.kind, template.industry)
    render(template, data)
    rates: dict[str, list[float]] = {"ours": [], "textbook": [], "browser": []}
    warm: list[float] = []
    first: list[float] = []
    busy: list[float] = []
    with naive_posters.browser() as page:
        for turn in range(ROUNDS):
            print(f"posters: round {turn + 1} of {ROUNDS} …", flush=True)
            ways: dict[str, Callable[[], None]] = {
                "ours": lambda: warm.extend(_times(template, data, WARM, busy)),
                "textbook": lambda: _rate(rates["textbook"], naive_posters.draw, data, NAIVE),
                "browser": lambda: _rate(rates["browser"], page, data, BROWSER),
            }
            for name in list(ways) if turn % 2 else list(ways)[::-1]:
                ways[name]()
            rates["ours"].append(WARM / sum(warm[-WARM:]))
            first.extend(_first_times(template, data))
    memory = _memory()
    return Section(
        "Drawing posters",
        f"`render()` of the template {TEMPLATE.stem} in 1080 × 1920, each time for another person; "
        "one core. First: each time another product, whose picture of 1080 pixels is decoded, with "
        "the background of the template at hand. Against the same poster drawn from nothing with "
        "Pillow as most shops do it (layers of RGBA, PNG), and by a browser that is open already "
        f"(Chromium, a screenshot as JPEG). {ROUNDS} rounds in turns; medians, and the range in "
        f"brackets. Memory: a process of its own after {POSTERS:,} posters of {PRODUCTS} products.",
        [
            _limit("warm, 95 of 100 within", warm, WARM_MS),
            _limit("first of a product, 95 of 100 within", first, FIRST_MS),
            Row(
                "posters a second, by processor time", f"{len(busy) / sum(busy):,.0f}",
                f"≥ {A_SECOND:g}", len(busy) / sum(busy) >= A_SECOND,
            ),
            at_least("against textbook Pillow", ratios(rates, "ours", "textbook"), TO_PILLOW, 1),
            at_least("against a warm browser", ratios(rates, "ours", "browser"), TO_BROWSER, 1),
            Row(
                "memory of a worker (proportional set size)", f"{memory:,.0f} MB",
                f"≤ {MEGABYTES:g} MB",
                memory <= MEGABYTES,
            ),
            Row("warm", median_with_range([1000 * time for time in warm], " ms", 1), "", True),
            Row("first", median_with_range([1000 * time for time in first], " ms", 1), "", True),
            *(
                Row(f"rate, {name}", median_with_range(values, " a second", 1), "", True)
                for name, values in rates.items()
            ),
        ],
    )  # fmt: skip


def _person(data: PosterData) -> PosterData:
    number = next(_numbers)
    return replace(
        data,
        user=replace(data.user, nickname=f"小鹿{number}🦌爱分享"),
        share=replace(data.share, link=f"https://m.example.com/s/{number:010}"),
    )


def _product(data: PosterData, number: int) -> PosterData:
    assert data.product is not None
    product = replace(data.product, title=f"{data.product.title}{number}")
    return _person(replace(data, product=product))


def _times(template: Template, data: PosterData, posters: int, busy: list[float]) -> list[float]:
    times = []
    for _ in range(posters):
        person = _person(data)
        started, worked = perf_counter(), process_time()
        poster = render(template, person)
        busy.append(process_time() - worked)
        times.append(perf_counter() - started)
        assert poster.is_qr_readable
    return times


def _first_times(template: Template, data: PosterData) -> list[float]:
    times = []
    for _ in range(FIRST):
        product = _product(data, next(_numbers))
        started = perf_counter()
        render(template, product)
        times.append(perf_counter() - started)
    return times


def _rate(
    rates: list[float], draw: Callable[[PosterData], bytes], data: PosterData, posters: int
) -> None:
    draw(_person(data))
    people = [_person(data) for _ in range(posters)]
    started = perf_counter()
    for person in people:
        draw(person)
    rates.append(posters / (perf_counter() - started))


def _limit(what: str, seconds: list[float], goal: float) -> Row:
    slow = 1000 * sorted(seconds)[len(seconds) * 95 // 100]
    return Row(what, f"{slow:.1f} ms (half within {1000 * median(seconds):.1f})",
               f"≤ {goal:g} ms", slow <= goal)  # fmt: skip


def _memory() -> float:
    """Return the memory of a process that has drawn for many products, in MB."""
    command = [sys.executable, "-c", "from benchmarks.posters import draw_many; draw_many()"]
    output = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    return float(output)


def draw_many() -> None:
    """Draw for many people and products, and print the memory it takes; a process of its own."""
    import django  # noqa: PLC0415

    django.setup()
    template = parse(json.loads(TEMPLATE.read_text(encoding="utf-8")))
    data = samples.normal(template.kind, template.industry)
    for number in range(POSTERS):
        render(template, _product(data, number * PRODUCTS // POSTERS))
    # Not the resident size, which counts a font once for each of its open sizes.
    rollup = Path("/proc/self/smaps_rollup").read_text(encoding="utf-8")
    [size] = [line.split()[1] for line in rollup.splitlines() if line.startswith("Pss:")]
    print(int(size) / 1000)
