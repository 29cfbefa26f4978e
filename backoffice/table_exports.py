"""Export a table from the page that shows it: at once, or by a worker if it is long."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from backoffice import export_files, office
from backoffice.export_files import in_memory, too_many_rows, write_table
from backoffice.export_tables import Table
from backoffice.exports import (
    ask_export,
    may_export,
    record_export,
    require_permission,
    require_view,
)
from backoffice.list_pages import attachment_headers
from backoffice.models import Export
from common.errors import TwotierError


def send_table(
    request: HttpRequest,
    table: Table,
    *,
    label: str,
    query: str,
    count: int,
    at: datetime,
    name: str = "",
    back: str = "",
) -> HttpResponse:
    """Return the file, the page of exports if a worker writes it, or the page with a refusal.

    Only for POST: an export leaves a record, and a GET changes nothing.

    :param label: the ``TableSource`` from which a worker gets the rows of ``query``
    :param count: how many rows the table has, exactly if they are few
    :param name: of the file, if not that of the source
    :param back: where a refusal is shown, if not at this address
    """
    kind = request.POST.get("format", "")
    if kind not in Export.Format.values:
        raise Http404
    asked: dict[str, Any] = {
        "by": request.user, "label": label, "query": query, "columns": table.titles,
        "kind": kind, "at": at,
    }  # fmt: skip
    try:
        require_permission(request.user)
        require_view(request.user, label)
        if count > export_files.MAX_ROWS[Export.Format(kind)]:
            raise too_many_rows(kind)
        if count > export_files.DIRECT_ROWS:
            ask_export(**asked, search="", expected=count)
            messages.success(
                request, _("The file is being written. It appears here when it is ready.")
            )
            return HttpResponseRedirect(office.url("exports"))
        content, rows = in_memory(partial(write_table, table, kind))
        record_export(**asked, rows=rows)
    except TwotierError as error:
        messages.error(request, str(error))
        return HttpResponseRedirect(back or request.get_full_path())
    return HttpResponse(content, headers=attachment_headers(name or label, at, kind))


def export_buttons(request: HttpRequest, url: str) -> list[dict[str, str]]:
    """Return the buttons that export the table of a page, for those who may."""
    if not may_export(request.user):
        return []
    return [
        {"title": _("Export (XLSX)"), "url": url, "format": Export.Format.XLSX},
        {"title": _("Export (CSV)"), "url": url, "format": Export.Format.CSV},
    ]
