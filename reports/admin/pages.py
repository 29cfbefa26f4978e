# mypy: allow-subclassing-any
"""The page of a report: a range of days, figures, charts, a table, and the table as a file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice import menu, office
from backoffice.pages import download
from backoffice.sheets import Sheet, workbook
from common import clock
from reports.admin.catalogue import REPORTS
from reports.admin.tables import Card, Column, Line, Question, Report, Result
from reports.periods import Period, period_start
from reports.spans import InvalidSpan, Span

FIRST = next(iter(REPORTS))
PERMISSION = "reports.view_salesfigures"
USUAL = 30
DAY = timedelta(days=1)


class SpanForm(forms.Form):
    """The first and the last day of a report."""

    first = forms.DateField(label=gettext_lazy("from"))
    last = forms.DateField(label=gettext_lazy("to"))

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean()
        if "first" in values and "last" in values:
            try:
                values["span"] = Span(values["first"], values["last"])
            except InvalidSpan as error:
                raise forms.ValidationError(str(error)) from None
        return values


def usual_span(today: date) -> Span:
    return Span(today - (USUAL - 1) * DAY, today)


def ranges(today: date) -> list[tuple[str, Span]]:
    """Return the usual ranges with their names."""
    month = period_start(Period.MONTH, today)
    last_month = period_start(Period.MONTH, month - DAY)
    return [
        (_("7 days"), Span(today - 6 * DAY, today)),
        (_("30 days"), usual_span(today)),
        (_("this month"), Span(month, today)),
        (_("last month"), Span(last_month, month - DAY)),
        (_("90 days"), Span(today - 89 * DAY, today)),
        (_("this year"), Span(today.replace(month=1, day=1), today)),
        (_("12 months"), Span(_a_year_before(month), today)),
    ]


def _a_year_before(month: date) -> date:
    return (month.replace(year=month.year - 1) + timedelta(days=31)).replace(day=1)


def read_form(request: HttpRequest, today: date) -> SpanForm:
    """Return the form as it was filled in, or with the usual days."""
    usual = usual_span(today)
    given = {
        "first": request.GET.get("first") or usual.first,
        "last": request.GET.get("last") or usual.last,
    }
    return SpanForm(given)


def show(request: HttpRequest) -> HttpResponse:
    """Answer with a report; ``?file=xlsx`` with all its rows as a file."""
    report = REPORTS.get(request.GET.get("report") or FIRST)
    if report is None:
        raise Http404
    today = clock.business_day(clock.now())
    form = read_form(request, today)
    span: Span | None = form.cleaned_data["span"] if form.is_valid() else None
    sort = request.GET.get("sort", "")
    if span and request.GET.get("file") == "xlsx":
        return _file(report, span, sort)
    context: dict[str, Any] = {"result": None}
    if span:
        result = report.read(Question(span, sort))
        context = _context(request, report, result, span, sort)
    return office.render(
        request, "admin/reports/report.html", title=report.title, report=report, form=form,
        tabs=_tabs(report, span), ranges=_ranges(report, span, today), **context,
    )  # fmt: skip


def address(name: str, span: Span | None = None, **values: str) -> str:
    """Return the address of a report."""
    days = {"first": span.first.isoformat(), "last": span.last.isoformat()} if span else {}
    given = {key: value for key, value in values.items() if value}
    return f"{office.url('reports')}?{urlencode({'report': name, **days, **given})}"


def _context(
    request: HttpRequest, report: Report, result: Result, span: Span, sort: str
) -> dict[str, Any]:
    return {
        "result": result,
        "span": span,
        "cards": [_card(card) for card in result.cards],
        "headers": [
            {
                "title": capfirst(str(column.title)),
                "help": column.help,
                "is_number": column.is_number,
                "url": address(report.name, span, sort=column.sort) if column.sort else "",
                "is_sorted": bool(sort) and column.sort == sort,
            }
            for column in result.columns
        ],
        "lines": [_line(request, result.columns, line) for line in result.lines],
        "total": _line(request, result.columns, result.total) if result.total else None,
        "is_cut": result.count is not None and result.count > len(result.lines),
        "file": address(report.name, span, sort=sort, file="xlsx"),
    }


def _card(card: Card) -> dict[str, Any]:
    change = card.change
    is_good = change is not None and (change < 0) == card.falling_is_good
    return {
        "title": capfirst(str(card.title)),
        "now": card.column.show(card.now),
        "before": None if card.before is None else card.column.show(card.before),
        "change": None if change is None else f"{change / 100:+.1f}%",
        "tone": "" if not change else "good" if is_good else "bad",
    }


def _line(request: HttpRequest, columns: Any, line: Line) -> dict[str, Any]:
    return {
        "cells": [
            {
                "text": _text(column, value),
                "label": capfirst(str(column.title)),
                "is_number": column.is_number,
            }
            for column, value in zip(columns, line.values, strict=True)
        ],
        "url": row_url(request, line.row),
        "depth": line.depth,
    }


def _text(column: Column, value: Any) -> str:
    # The total has a word in the first column, whatever its kind.
    return str(value) if value is not None and not _is_of_kind(column, value) else column.show(value)


def _is_of_kind(column: Column, value: Any) -> bool:
    return isinstance(value, int | date) or column.kind == "text"


def row_url(request: HttpRequest, row: tuple[str, Any] | None) -> str:
    """Return the page of a row, if this person may open it."""
    if row is None:
        return ""
    model, key = row
    app, name = model.split(".")
    if not request.user.has_perm(f"{app}.view_{name}"):
        return ""
    try:
        return reverse(f"admin:{app}_{name}_change", args=[key])
    except NoReverseMatch:
        return ""


def _tabs(report: Report, span: Span | None) -> list[dict[str, Any]]:
    return [
        {"title": other.title, "url": address(other.name, span), "is_current": other == report}
        for other in REPORTS.values()
    ]


def _ranges(report: Report, span: Span | None, today: date) -> list[dict[str, Any]]:
    return [
        {"title": title, "url": address(report.name, usual), "is_current": usual == span}
        for title, usual in ranges(today)
    ]


def _file(report: Report, span: Span, sort: str) -> HttpResponse:
    result = report.read(Question(span, sort, limit=None))
    sheet = Sheet(
        str(report.title), [capfirst(str(column.title)) for column in result.columns],
        rows(result),
    )  # fmt: skip
    return download(workbook(sheet), f"{report.name}-{span.first}-{span.last}.xlsx")


def rows(result: Result) -> Iterator[list[Any]]:
    """Yield the rows of a file, the total last."""
    for line in [*result.lines, *([result.total] if result.total else [])]:
        yield [
            column.cell(value) if _is_of_kind(column, value) else str(value or "")
            for column, value in zip(result.columns, line.values, strict=True)
        ]


office.register(
    office.OfficePage("reports", "figures", gettext_lazy("Reports"), PERMISSION, show, "monitoring")
)
menu.register_link(
    "home", menu.Link(gettext_lazy("Reports"), "monitoring", "office:reports", order=60)
)
