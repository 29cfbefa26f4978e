"""The table of a report: typed columns, so that a page and a file show the same values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from backoffice.base import NOTHING, StrOrPromise
from backoffice.menu import Target
from backoffice.sheets import Cell, Yuan
from common.money import BASIS_POINTS, yuan_text
from reports.rates import percent
from reports.spans import Span

TEXT, COUNT, MONEY, RATE, DAY, MONTH = "text", "count", "money", "rate", "day", "month"
SHOWN = 100
"""The most rows on a page; a file has all."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column; ``rate`` is in basis points, ``money`` in fen.

    :param sort: the figure by which the rows can be ordered
    :param help: a sentence that says what is counted
    :param is_shaded: the darker, the more, as in a table of retention
    """

    title: StrOrPromise
    kind: str = COUNT
    sort: str = ""
    help: StrOrPromise = ""
    is_shaded: bool = False

    @property
    def is_number(self) -> bool:
        return self.kind in (COUNT, MONEY, RATE)

    def has(self, value: Any) -> bool:
        """Return whether a value is of the column's kind; the total begins with a word."""
        return self.kind == TEXT or isinstance(value, int | date)

    def show(self, value: Any) -> str:
        """Return a value as people read it."""
        if value is None:
            return NOTHING
        return _SHOW[self.kind](value) if self.has(value) else str(value)

    def cell(self, value: Any) -> Cell:
        """Return a value for a spreadsheet."""
        if value is None or not self.has(value):
            return None if value is None else str(value)
        if self.kind == MONEY:
            return Yuan(value)
        return value if self.kind in (COUNT, DAY) else self.show(value)


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the table.

    :param values: one for each column
    :param target: the row that the line is about, or the list of what was counted
    :param depth: how far a category lies below a root
    """

    values: Sequence[Any]
    target: Target | None = None
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Card:
    """A figure above the chart, beside that of as many days before.

    :param falling_is_good: whether less is better, as with refunds
    """

    title: StrOrPromise
    column: Column
    now: int
    before: int | None = None
    falling_is_good: bool = False

    @property
    def change(self) -> int | None:
        """Return the change in basis points; ``None`` if there was nothing before."""
        if not self.before:
            return None
        return (self.now - self.before) * BASIS_POINTS // abs(self.before)


@dataclass(frozen=True)
class Result:
    """What a report found.

    :param charts: contexts of ``admin/backoffice/chart.html``
    :param total: the last line, of all rows and not only of those that are shown
    :param count: how many rows there are, if more than are listed
    :param note: a sentence below the table
    """

    columns: Sequence[Column]
    lines: Sequence[Line]
    cards: Sequence[Card] = ()
    charts: Sequence[dict[str, Any]] = ()
    total: Line | None = None
    count: int | None = None
    note: StrOrPromise = ""


@dataclass(frozen=True)
class Question:
    """What a person asked of a report."""

    span: Span
    sort: str = ""
    limit: int | None = SHOWN
    """How many rows; ``None`` for all of them, in a file."""

    def order(self, *possible: str) -> str:
        """Return the figure to order by; the first one if none or an unknown one was asked."""
        return self.sort if self.sort in possible else possible[0]


@dataclass(frozen=True)
class Report:
    """A report of the back office.

    :param sentence: what it counts, for people who see it for the first time
    :param usual: the range that is shown first, one of ``ranges.USUAL``
    """

    name: str
    title: StrOrPromise
    sentence: StrOrPromise
    read: Callable[[Question], Result]
    usual: str = "30 days"


def _month(day: date) -> str:
    return f"{day:%Y-%m}"


_SHOW: dict[str, Callable[[Any], str]] = {
    TEXT: str, COUNT: "{:,}".format, MONEY: yuan_text, RATE: percent, DAY: date.isoformat,
    MONTH: _month,
}  # fmt: skip

ORDERS = Column(
    _("paid orders"), COUNT, "orders", _("On the day of their payment; a refund takes none away.")
)
PROMOTED = Column(
    _("orders of distributors"), COUNT, "promoted", _("With a distributor in tier 1.")
)
QUANTITY = Column(_("units sold"), COUNT, "quantity")
RETURNED_QUANTITY = Column(_("units refunded"), COUNT, "returned_quantity")
SALES = Column(
    pgettext_lazy("report", "sales"),
    MONEY,
    "sales",
    _("Paid for goods without shipping, after refunds."),
)
PROMOTED_SALES = Column(
    _("sales of distributors"), MONEY, "promoted_sales",
    _("Sales of orders with a distributor in tier 1."),
)  # fmt: skip
RETURNED = Column(_("refunded sales"), MONEY, "returned")
RETURN_RATE = Column(
    _("return rate"), RATE, help=_("Refunded sales divided by what was paid for goods.")
)
COMMISSION1 = Column(_("commissions of tier 1"), MONEY, "commission1")
COMMISSION2 = Column(_("commissions of tier 2"), MONEY, "commission2")
COMMISSION = Column(
    _("commissions"), MONEY, "commission", _("Cash commissions of both tiers, after refunds.")
)
COMMISSION_RATE = Column(
    _("commission rate"), RATE, help=_("Commissions divided by the sales of distributors.")
)
AVERAGE = Column(_("sales per order"), MONEY)
PROMOTED_RATE = Column(
    _("share of distributors"), RATE, help=_("Which part of the sales distributors brought.")
)
