"""Reports of sales and commissions: by day, distributor, product, category, province, channel."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from backoffice.charts import bar_chart, line_chart, ranking_chart
from backoffice.menu import Target
from catalog.models import Category
from reports import sales
from reports.admin import names, tables
from reports.admin.tables import Card, Column, Line, Question, Result
from reports.models import SalesFigures
from reports.periods import Period, period_end
from reports.sales import Earner, Sales
from reports.spans import Span

Kind = SalesFigures.Kind
TOP = 10
MAX_NAME = 14
FIGURES = (
    (tables.ORDERS, "orders"), (tables.PROMOTED, "promoted"), (tables.QUANTITY, "quantity"),
    (tables.SALES, "sales"), (tables.PROMOTED_SALES, "promoted_sales"),
    (tables.RETURNED, "returned"), (tables.RETURN_RATE, "return_rate"),
    (tables.COMMISSION1, "commission1"), (tables.COMMISSION2, "commission2"),
    (tables.COMMISSION_RATE, "commission_rate"),
)  # fmt: skip
SORTS = ("sales", "orders", "promoted", "quantity", "promoted_sales", "returned",
         "commission1", "commission2")  # fmt: skip


def values(row: Any, figures: Sequence[tuple[Column, str]] = FIGURES) -> list[Any]:
    return [getattr(row, name) for _column, name in figures]


def daily(question: Question) -> Result:
    """Return sales and commissions by day, beside as many days before."""
    span = question.span
    days = sales.by_day(span)
    now = sum((row for _day, row in days), Sales())
    before = sales.total(span.before)
    is_daily = sales.period_of(span) == Period.DAY
    column = (
        Column(pgettext_lazy("report", "day"), tables.DAY)
        if is_daily
        else Column(_("month"), tables.MONTH)
    )
    labels = [_label(span, day) for day, _row in days]
    return Result(
        columns=[column, *(replace(shown, sort="") for shown, _name in FIGURES)],
        lines=[
            Line([day, *values(row)], Target("orders.order", filters=_paid_in(span, day)))
            for day, row in reversed(days)
        ],
        cards=_cards(now, before),
        charts=[
            line_chart(
                _("Sales and commissions"), labels,
                {
                    pgettext_lazy("report", "sales"): [row.sales for _day, row in days],
                    _("sales of distributors"): [row.promoted_sales for _day, row in days],
                    _("commissions"): [row.commission for _day, row in days],
                },
                money=True,
            ),
            bar_chart(
                _("Paid orders"), labels,
                {
                    _("paid orders"): [row.orders for _day, row in days],
                    _("orders of distributors"): [row.promoted for _day, row in days],
                },
                money=False,
            ),
        ],
        total=Line([pgettext_lazy("report", "total"), *values(now)]),
    )  # fmt: skip


def products(question: Question) -> Result:
    return _by_key(
        question, Kind.PRODUCT, Column(_("product"), tables.TEXT), names.product_names,
        model="catalog.product",
    )  # fmt: skip


def provinces(question: Question) -> Result:
    return _by_key(
        question, Kind.PROVINCE, Column(_("province"), tables.TEXT),
        lambda keys: {key: names.province_name(key) for key in keys},
    )  # fmt: skip


def channels(question: Question) -> Result:
    return _by_key(
        question, Kind.CHANNEL, Column(_("channel"), tables.TEXT),
        lambda keys: {key: names.channel_name(key) for key in keys},
    )  # fmt: skip


def categories(question: Question) -> Result:
    """Return the tree of categories; those below the same one are ordered by a figure."""
    order = question.order(*SORTS)
    found = dict(sales.by_key(Kind.CATEGORY, question.span, order_by=order))
    below: dict[int | None, list[Category]] = defaultdict(list)
    for row in Category.objects.filter(pk__in=map(int, found)):
        below[row.parent_id].append(row)
    known = {row.pk for rows in below.values() for row in rows}
    # A category that was moved: its former place may have no sales in these days.
    roots = [row for parent, rows in below.items() if parent not in known for row in rows]
    lines: list[Line] = []

    def add(rows: list[Category], depth: int) -> None:
        for row in sorted(rows, key=lambda row: -getattr(found[str(row.pk)], order)):
            own = Target("catalog.category", row.pk)
            lines.append(Line([row.name, *values(found[str(row.pk)])], own, depth=depth))
            add(below[row.pk], depth + 1)

    add(roots, 0)
    now = sales.total(question.span)
    return Result(
        columns=[Column(_("category"), tables.TEXT), *(column for column, _name in FIGURES)],
        lines=lines,
        charts=[_bars([(row.name, found[str(row.pk)]) for row in _forked(roots, below)])],
        total=Line([pgettext_lazy("report", "total"), *values(now)]),
        note=_("A category includes those below it; an order counts once in each."),
    )  # fmt: skip


def _forked(rows: list[Category], below: Mapping[int | None, list[Category]]) -> list[Category]:
    """Return the first level of the tree that has more than one category."""
    while len(rows) == 1 and below.get(rows[0].pk):
        rows = below[rows[0].pk]
    return rows


OWN_SALES = Column(
    _("own sales"), tables.MONEY, "sales", _("Of lines with a commission, after refunds.")
)
EARNER_FIGURES = (
    (Column(_("own orders"), tables.COUNT, "orders"), "orders"),
    (OWN_SALES, "sales"),
    (tables.RETURN_RATE, "return_rate"),
    (Column(_("own commissions"), tables.MONEY, "income"), "income"),
    (Column(_("orders of the team"), tables.COUNT, "team_orders"), "team_orders"),
    (Column(_("sales of the team"), tables.MONEY, "team_sales"), "team_sales"),
    (Column(_("commissions of the team"), tables.MONEY, "team_income"), "team_income"),
)  # fmt: skip


def distributors(question: Question) -> Result:
    """Return what each distributor sold and earned."""
    order = question.order("sales", *(column.sort for column, _ in EARNER_FIGURES if column.sort))
    rows = sales.by_distributor(question.span, order_by=order, limit=question.limit)
    known = names.distributor_names([row.distributor for row in rows])
    title = next(str(column.title) for column, name in EARNER_FIGURES if name == order)
    return Result(
        columns=[
            Column(_("distributor"), tables.TEXT), *(column for column, _name in EARNER_FIGURES)
        ],
        lines=[_earner_line(row, known[row.distributor]) for row in rows],
        charts=[
            ranking_chart(
                _("The first ten"), [_short(known[row.distributor]) for row in rows[:TOP]],
                {title: [getattr(row, order) for row in rows[:TOP]]},
                money="orders" not in order,
            )
        ] if rows else [],
        count=sales.distributors_with_orders(question.span),
        note=_("Only orders that pay a commission in cash. Nobody is ranked by heads."),
    )  # fmt: skip


def _earner_line(row: Earner, name: str) -> Line:
    return Line(
        [name, *values(row, EARNER_FIGURES)],
        Target("distribution.distributor", row.distributor),
    )


def returns(question: Question) -> Result:
    """Return the return rate by day, and the products with the most refunds."""
    span = question.span
    days = sales.by_day(span)
    now, before = sum((row for _day, row in days), Sales()), sales.total(span.before)
    order = question.order("returned", "returned_quantity", "sales", "quantity")
    rows = sales.by_key(Kind.PRODUCT, span, order_by=order, limit=question.limit)
    known = names.product_names([key for key, _row in rows])
    figures = (
        (tables.RETURNED, "returned"), (tables.RETURN_RATE, "return_rate"),
        (tables.RETURNED_QUANTITY, "returned_quantity"), (tables.QUANTITY, "quantity"),
        (tables.SALES, "sales"),
    )  # fmt: skip
    return Result(
        columns=[Column(_("product"), tables.TEXT), *(column for column, _name in figures)],
        lines=[
            Line([known.get(key, key), *values(row, figures)], Target("catalog.product", int(key)))
            for key, row in rows
        ],
        cards=[
            Card(_("refunded sales"), tables.RETURNED, now.returned, before.returned, True),
            Card(_("return rate"), tables.RETURN_RATE, now.return_rate, before.return_rate, True),
            Card(_("units refunded"), tables.RETURNED_QUANTITY, now.returned_quantity,
                 before.returned_quantity, True),
        ],
        charts=[
            line_chart(
                _("Sales and refunds, by the day of payment"),
                [_label(span, day) for day, _row in days],
                {
                    _("paid for goods"): [row.sales + row.returned for _day, row in days],
                    _("refunded sales"): [row.returned for _day, row in days],
                },
                money=True,
            )
        ],
        total=Line([pgettext_lazy("report", "total"), *values(now, figures)]),
        note=_("A refund belongs to the day on which the order was paid: recent days still grow."),
    )  # fmt: skip


def _by_key(
    question: Question,
    kind: str,
    column: Column,
    name_all: Callable[[list[str]], dict[str, str]],
    *,
    model: str = "",
) -> Result:
    order = question.order(*SORTS)
    rows = sales.by_key(kind, question.span, order_by=order, limit=question.limit)
    known = name_all([key for key, _row in rows])
    named = [(known.get(key, key), row) for key, row in rows]
    return Result(
        columns=[column, *(shown for shown, _name in FIGURES)],
        lines=[
            Line([name, *values(row)], Target(model, int(key)) if model else None)
            for (key, row), (name, _row) in zip(rows, named, strict=True)
        ],
        charts=[_bars(named)],
        total=Line([pgettext_lazy("report", "total"), *values(sales.total(question.span))]),
        count=sales.keys_with_orders(kind, question.span),
    )


def _bars(rows: Sequence[tuple[str, Sales]]) -> dict[str, Any]:
    top = sorted(rows, key=lambda row: -row[1].sales)[:TOP]
    return ranking_chart(
        _("The first ten by sales"), [_short(name) for name, _row in top],
        {
            pgettext_lazy("report", "sales"): [row.sales for _name, row in top],
            _("commissions"): [row.commission for _name, row in top],
        },
        money=True,
    )  # fmt: skip


def _short(name: str) -> str:
    """Return a name that leaves room for the bars; the table has all of it."""
    return name if len(name) <= MAX_NAME else f"{name[: MAX_NAME - 1]}…"


def _cards(now: Sales, before: Sales) -> list[Card]:
    return [
        Card(pgettext_lazy("report", "sales"), tables.SALES, now.sales, before.sales),
        Card(_("paid orders"), tables.ORDERS, now.orders, before.orders),
        Card(_("sales per order"), tables.AVERAGE, now.average, before.average),
        Card(_("share of distributors"), tables.PROMOTED_RATE, now.promoted_rate,
             before.promoted_rate),
        Card(_("commissions"), tables.COMMISSION, now.commission, before.commission),
        Card(_("return rate"), tables.RETURN_RATE, now.return_rate, before.return_rate, True),
    ]  # fmt: skip


def _paid_in(span: Span, day: date) -> dict[str, date]:
    """Return the filters of the list of orders for a day, or for a month of a long range."""
    period = sales.period_of(span)
    last = period_end(period, day) - timedelta(days=1)
    return {"paid_at__from": max(day, span.first), "paid_at__to": min(last, span.last)}


def _label(span: Span, day: date) -> str:
    return f"{day:%m-%d}" if sales.period_of(span) == Period.DAY else f"{day:%Y-%m}"
