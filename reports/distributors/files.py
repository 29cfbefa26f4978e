"""Send a table as a file: at once, or by a worker if it is long; a record of either is kept."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from backoffice import office
from backoffice.export_files import DIRECT_ROWS, MAX_ROWS, too_many_rows, write_table
from backoffice.export_tables import Table
from backoffice.exports import ask_export, may_export, record_export
from backoffice.list_pages import attachment_headers
from backoffice.models import Export
from common.errors import TwotierError


def send(
    request: HttpRequest, table: Table, *, label: str, query: str, count: int, at: datetime
) -> HttpResponse:
    """Return the file, the page of exports if a worker writes it, or the page with a refusal.

    Only for POST: an export leaves a record, and a GET changes nothing.

    :param label: the ``TableSource`` from which a worker gets the rows of ``query``
    :param count: how many rows the table has, exactly if they are few
    """
    if not may_export(request.user):
        raise PermissionDenied
    kind = request.POST.get("format", "")
    if kind not in Export.Format.values:
        raise Http404
    asked: dict[str, Any] = {
        "by": request.user, "label": label, "query": query, "columns": table.titles,
        "kind": kind, "at": at,
    }  # fmt: skip
    try:
        if count > MAX_ROWS[Export.Format(kind)]:
            raise too_many_rows(kind)
        if count > DIRECT_ROWS:
            ask_export(**asked, search="", expected=count)
            messages.success(
                request, _("The file is being written. It appears here when it is ready.")
            )
            return HttpResponseRedirect(office.url("exports"))
        content, rows = _written(table, kind)
        record_export(**asked, rows=rows)
    except TwotierError as error:
        messages.error(request, str(error))
        return HttpResponseRedirect(request.get_full_path())
    return HttpResponse(content, headers=attachment_headers(label, at, kind))


def buttons(request: HttpRequest, url: str) -> list[dict[str, str]]:
    """Return the buttons that export a page, for those who may."""
    if not may_export(request.user):
        return []
    return [
        {"title": _("Export (XLSX)"), "url": url, "format": Export.Format.XLSX},
        {"title": _("Export (CSV)"), "url": url, "format": Export.Format.CSV},
    ]


def _written(table: Table, kind: str) -> tuple[bytes, int]:
    """Return the content of a file of a few thousand rows, and their number."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "export"
        rows = write_table(table, kind, file)
        return file.read_bytes(), rows
