"""Check all files before anything is imported."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from integration.mall import cross_checks, file_contradictions, plan
from integration.mall.files import Files, read_all
from integration.mall.left_out import LeftOut
from integration.mall.problems import Problem


@dataclass(frozen=True, slots=True)
class Checked:
    files: Files
    """To be imported, if there is nothing fatal."""
    all_files: Files
    """As they were read, also what is left out."""
    problems: list[Problem]
    fatal: list[Problem]
    """The problems for which nothing is imported: all of them, unless orders may be left out."""
    left_out: LeftOut | None


def check(
    folder: Path, *, until: datetime | None, zone: ZoneInfo, skip_bad: bool, clock: datetime
) -> Checked:
    """Read the files and check them together, then with the stored data.

    :param clock: the present time
    :param skip_bad: leave out orders with problems, with all their lines and refunds
    """
    files, unreadable = read_all(folder, zone)
    all_files = files
    left_out = LeftOut(files) if skip_bad else None
    stages = (
        lambda files: [*unreadable, *cross_checks.find_problems(files)],
        partial(file_contradictions.find_contradictions, until=until, clock=clock),
    )
    problems: list[Problem] = []
    fatal: list[Problem] = []
    for find in stages:
        # Orders that cannot be read whole differ from the stored ones for that reason alone.
        if not fatal:
            found = list(find(files))
            problems += found
            fatal = left_out.add(found) if left_out else found
            files = left_out.remaining() if left_out else files
    of_plan = list(plan.find_problems(files))
    return Checked(files, all_files, problems + of_plan, fatal + of_plan, left_out)
