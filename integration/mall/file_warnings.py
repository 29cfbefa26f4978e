"""Find what is imported all the same, but that people should look at."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext as _

from common import money
from integration.mall.cells import Rate
from integration.mall.files import Files
from integration.mall.plan import find_other_plans
from integration.mall.problems import RATE, ROUNDED, Problem
from integration.mall.sheets import Sheet
from integration.mall.status_checks import find_status_contradictions

ROUNDED_NUMBER = re.compile(r"\d{13,}000", re.ASCII)


def find_warnings(files: Files, *, until: datetime | None) -> Iterator[Problem]:
    """Return the warnings, without those of statuses if later times are ignored."""
    yield from _rounded(files.members, "member", "referrer")
    yield from _rounded(files.orders, "order_no", "buyer")
    yield from _rounded(files.refunds, "refund_no", "order_no")
    yield from _small_amounts(files.rules)
    yield from find_other_plans(files.rules)
    if until is None:
        yield from find_status_contradictions(files)


def _rounded(sheet: Sheet, *columns: str) -> Iterator[Problem]:
    """Find ids of 16 digits and more that end in 000, as rounding to 15 digits leaves them."""
    for row in sheet.rows:
        for column in columns:
            if ROUNDED_NUMBER.fullmatch(row[column]):
                message = _("“%(number)s” ends in 000") % {"number": row[column]}
                yield row.problem(column, message, ROUNDED)


def _small_amounts(sheet: Sheet) -> Iterator[Problem]:
    """Find amounts that may be percentages from which a spreadsheet took the format."""
    for row in sheet.rows:
        for column in ("tier1", "tier2"):
            rate: Rate | None = row[column]
            if rate and not rate.percent and 0 < rate.value < money.FEN:
                message = _("%(yuan)s yuan a unit; if %(percent)s %% is meant, write %(percent)s%%")
                shown = {"yuan": money.format_yuan(rate.value), "percent": rate.value}
                yield row.problem(column, message % shown, RATE)
