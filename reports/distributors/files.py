"""Send the rows of a page as a file, with a record of who exported what."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from backoffice.export_files import FORBIDDEN_IN_NAMES
from backoffice.exports import may_export, record_export
from backoffice.pages import download
from backoffice.sheets import Cell, Sheet, workbook
from common import clock

MAX_ROWS = 5_000
XLSX = "xlsx"


def asked_for(request: HttpRequest) -> str:
    """Return the kind of file that a person asks for, empty for the page itself.

    Only with POST: an export leaves a record, and a GET changes nothing.
    """
    return XLSX if request.POST.get("file") == XLSX else ""


def buttons(request: HttpRequest, url: str) -> list[dict[str, str]]:
    """Return the buttons that export a page, for those who may."""
    if not may_export(request.user):
        return []
    return [{"title": _("Export (XLSX)"), "url": url, "file": XLSX}]


def send(
    request: HttpRequest,
    file: str,
    *,
    label: str,
    name: str,
    titles: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    is_cut: bool,
    back: str,
    at: datetime,
) -> HttpResponse:
    """Return the file, or the page with a refusal if there are more rows than a file has.

    :param label: names the list in the record of exports, and the file
    """
    if not may_export(request.user):
        raise PermissionDenied
    if is_cut:
        text = _("These are more than %(count)s rows. Choose fewer, such as one tier.")
        messages.error(request, text % {"count": f"{MAX_ROWS:,}"})
        return HttpResponseRedirect(back)
    record_export(
        by=request.user, label=label, query=request.GET.urlencode(), columns=titles, kind=file,
        rows=len(rows), at=at,
    )  # fmt: skip
    content = workbook(Sheet(name.translate(FORBIDDEN_IN_NAMES), titles, rows))
    return download(content, f"{label}-{clock.business_day(at)}.{file}")
