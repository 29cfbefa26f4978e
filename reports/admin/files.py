"""The table of a report as a file: sent at once, or left to a worker if it is long."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from backoffice import export_tables
from backoffice.export_tables import Table, TableSource
from backoffice.sheets import Cell
from backoffice.table_exports import send_table
from common import clock
from reports.admin.catalogue import REPORTS
from reports.admin.tables import Question, Report, Result
from reports.spans import Span

LABEL = "reports.salesfigures"


def send(request: HttpRequest, report: Report, question: Question) -> HttpResponse:
    """Send all rows of a report, or leave them to the worker; a record of either is kept."""
    shown = report.read(question)  # it counts all rows, but reads only some
    return send_table(
        request,
        _table(report, question, shown),
        label=LABEL,
        query=_stored(report, question),
        count=len(shown.lines) if shown.count is None else shown.count,
        at=clock.now(),
        name=f"report-{report.name}",
    )


def _stored(report: Report, question: Question) -> str:
    span = question.span
    return urlencode(
        {
            "report": report.name, "first": span.first.isoformat(), "last": span.last.isoformat(),
            "sort": question.sort,
        }
    )  # fmt: skip


def open_stored(query: QueryDict) -> Table:
    """Return the table of a stored query, for the worker."""
    given = {name: str(value) for name, value in query.items()}
    span = Span.asked(date.fromisoformat(given["first"]), date.fromisoformat(given["last"]))
    report, question = REPORTS[given["report"]], Question(span, given.get("sort", ""))
    return _table(report, question, report.read(question))


def _table(report: Report, question: Question, shown: Result) -> Table:
    titles = [capfirst(str(column.title)) for column in shown.columns]
    return Table(str(report.title), titles, _rows(report, question))


def _rows(report: Report, question: Question) -> Iterator[list[Cell]]:
    """Yield the rows of a file, the total last; they are read once the first one is needed."""
    result = report.read(replace(question, limit=None))
    for line in [*result.lines, *([result.total] if result.total else [])]:
        yield [
            column.cell(value) for column, value in zip(result.columns, line.values, strict=True)
        ]


export_tables.register(TableSource(LABEL, _("Reports"), open_stored))
