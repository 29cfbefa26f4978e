# mypy: allow-subclassing-any
"""The page of a report: a range of days, figures, charts, a table, and the table as a file."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy, pgettext_lazy

from backoffice import menu, office
from backoffice.table_exports import export_buttons
from common import clock
from common.errors import TwotierError
from reports.admin import files
from reports.admin.catalogue import REPORTS
from reports.admin.ranges import USUAL
from reports.admin.tables import Card, Column, Line, Question, Report, Result
from reports.spans import Span

FIRST = next(iter(REPORTS))
PERMISSION = "reports.view_salesfigures"


class SpanForm(forms.Form):
    """The first and the last day of a report."""

    first = forms.DateField(label=pgettext_lazy("days", "from"))
    last = forms.DateField(label=pgettext_lazy("days", "to"))

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if "first" in values and "last" in values:
            try:
                values["span"] = Span.asked(values["first"], values["last"])
            except TwotierError as error:
                raise forms.ValidationError(str(error)) from None
        return values


def read_form(request: HttpRequest, report: Report, today: date) -> SpanForm:
    """Return the form as it was filled in, or with the report's usual days."""
    usual = USUAL[report.usual][1](today)
    given = {
        "first": request.GET.get("first") or usual.first,
        "last": request.GET.get("last") or usual.last,
    }
    return SpanForm(given)


def show(request: HttpRequest) -> HttpResponse:
    """Answer with a report; to a POST with all its rows as a file, which is on record."""
    report = REPORTS.get(request.GET.get("report") or FIRST)
    if report is None:
        raise Http404
    today = clock.business_day(clock.now())
    form = read_form(request, report, today)
    span: Span | None = form.cleaned_data["span"] if form.is_valid() else None
    sort = request.GET.get("sort", "")
    if span and request.method == "POST":
        return files.send(request, report, Question(span, sort))
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
        "sort": sort,
        "files": export_buttons(request, request.get_full_path()),
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
                "text": column.show(value),
                "label": capfirst(str(column.title)),
                "is_number": column.is_number,
                "shade": _shade(column, value),
            }
            for column, value in zip(columns, line.values, strict=True)
        ],
        "url": line.target.url(request.user) if line.target else "",
        "depth": line.depth,
    }


def _shade(column: Column, value: Any) -> int:
    """Return 1 to 5 for a part that a reader compares with its neighbours, 0 for none."""
    return min(5, 1 + value // 1_000) if column.is_shaded and value else 0


def _tabs(report: Report, span: Span | None) -> list[dict[str, Any]]:
    return [
        {
            "title": other.title,
            # Twelve months of cohorts say nothing as a range of days, nor the other way.
            "url": address(other.name, span if other.usual == report.usual else None),
            "is_current": other == report,
        }
        for other in REPORTS.values()
    ]


def _ranges(report: Report, span: Span | None, today: date) -> list[dict[str, Any]]:
    return [
        {
            "title": title,
            "url": address(report.name, days(today)),
            "is_current": days(today) == span,
        }
        for title, days in USUAL.values()
    ]


office.register(
    office.OfficePage("reports", "figures", gettext_lazy("Reports"), PERMISSION, show, "monitoring")
)
menu.register_link(
    "orders", menu.Link(gettext_lazy("Reports"), "monitoring", "office:reports", order=40)
)
