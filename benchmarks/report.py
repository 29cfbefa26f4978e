"""Write the results to ``docs/benchmarks.md``."""

from __future__ import annotations

import os
import platform
import re
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from django.conf import settings
from django.db import connection

from common import clock

PAGE = Path(settings.BASE_DIR) / "docs" / "benchmarks.md"


@dataclass(frozen=True)
class Row:
    what: str
    measured: str
    goal: str
    reached: bool


@dataclass(frozen=True)
class Section:
    title: str
    how: str
    rows: list[Row]


def median_with_range(values: list[float], unit: str = "×", digits: int = 2) -> str:
    """The median, and the range in brackets."""
    middle, least, most = (
        f"{value:,.{digits}f}" for value in (median(values), min(values), max(values))
    )
    return f"{middle}{unit} [{least}–{most}]"


def ratios(rates: dict[str, list[float]], one: str, other: str) -> list[float]:
    """How many times as fast ``one`` was as ``other``, round by round."""
    return [mine / theirs for mine, theirs in zip(rates[one], rates[other], strict=True)]


def at_least(what: str, values: list[float], goal: float, digits: int = 2) -> Row:
    """A row for a ratio that should reach its goal."""
    return Row(
        what, median_with_range(values, digits=digits), f"≥ {goal:g} ×", median(values) >= goal
    )


def write(sections: list[Section]) -> None:
    text = [
        "# Benchmarks",
        "",
        f"Measured on {clock.business_day(clock.now())} with `./run bench`: {_machine()}.",
        "Absolute figures differ from machine to machine; ratios are taken in one run, in turns.",
        "",
        *_lines(sections),
    ]
    PAGE.write_text("\n".join(text), encoding="utf-8")
    print("\n".join(text))


def show(sections: list[Section]) -> None:
    print("\n".join(_lines(sections)))


def _lines(sections: list[Section]) -> list[str]:
    text = []
    for section in sections:
        text += [f"## {section.title}", "", section.how, ""]
        text += ["| | measured | goal | |", "|---|---|---|---|"]
        for row in section.rows:
            mark = ("reached" if row.reached else "**missed**") if row.goal else ""
            text.append(f"| {row.what} | {row.measured} | {row.goal} | {mark} |")
        text.append("")
    return text


def _machine() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        [version] = cursor.fetchone()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{os.cpu_count()} cores ({_processor()}), {memory:.0f} GiB, {platform.system()}, "
        f"PostgreSQL {version} (durable commits), Python {platform.python_version()}"
    )


def _processor() -> str:
    try:
        median_with_range = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        median_with_range = ""
    found = re.search(r"model name\s*:\s*(.+)", median_with_range)
    return found.group(1) if found else platform.machine()
