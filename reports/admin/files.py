"""The table of a report as a file: sent at once, or left to a worker if it is long."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from backoffice import export_tables, exports, office
from backoffice.export_files import DIRECT_ROWS, MAX_ROWS, too_many_rows, write_table
from backoffice.export_tables import Table, TableSource
from backoffice.list_pages import attachment_headers
from backoffice.models import Export
from backoffice.sheets import Cell
from common import clock
from common.errors import TwotierError
from reports.admin.catalogue import REPORTS
from reports.admin.tables import Question, Report, Result
from reports.spans import Span

LABEL = "reports.salesfigures"


def send(request: HttpRequest, report: Report, question: Question) -> HttpResponse:
    """Send all rows of a report, or leave them to the worker; a record of either is kept."""
    kind = request.POST.get("format", "")
    if kind not in Export.Format.values:
        raise Http404
    try:
        return _export(request, report, question, kind)
    except TwotierError as error:
        messages.error(request, str(error))
        return HttpResponseRedirect(request.get_full_path())


def _export(request: HttpRequest, report: Report, question: Question, kind: str) -> HttpResponse:
    shown = report.read(question)  # it counts all rows, but reads only some
    count = len(shown.lines) if shown.count is None else shown.count
    if count > MAX_ROWS[Export.Format(kind)]:
        raise too_many_rows(kind)
    asked: dict[str, Any] = {
        "by": request.user, "label": LABEL, "query": _stored(report, question), "kind": kind,
        "columns": [str(column.title) for column in shown.columns], "at": clock.now(),
    }  # fmt: skip
    if count > DIRECT_ROWS:
        exports.ask_export(**asked, search="", expected=count)
        messages.success(request, _("The file is being written. It appears here when it is ready."))
        return HttpResponseRedirect(office.url("exports"))
    with TemporaryDirectory() as folder:
        file = Path(folder) / "export"
        rows = write_table(_table(report, question), kind, file)
        content = file.read_bytes()  # of a few thousand rows
    exports.record_export(**asked, rows=rows)
    return HttpResponse(content, headers=attachment_headers(f"report-{report.name}",
                                                            asked["at"], kind))  # fmt: skip


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
    return _table(REPORTS[given["report"]], Question(span, given.get("sort", "")))


def _table(report: Report, question: Question) -> Table:
    result = report.read(Question(question.span, question.sort, limit=None))
    titles = [capfirst(str(column.title)) for column in result.columns]
    return Table(str(report.title), titles, rows(result))


def rows(result: Result) -> Iterator[list[Cell]]:
    """Yield the rows of a file, the total last."""
    for line in [*result.lines, *([result.total] if result.total else [])]:
        yield [
            column.cell(value) for column, value in zip(result.columns, line.values, strict=True)
        ]


export_tables.register(TableSource(LABEL, _("Reports"), open_stored))
