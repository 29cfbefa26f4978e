"""Send the rows of a page as a file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from backoffice.pages import download
from backoffice.sheets import Cell, Sheet, workbook
from common import clock

MAX_ROWS = 5_000
XLSX = "xlsx"


def asked_for(request: HttpRequest) -> str:
    """Return the kind of file that the address asks for, empty for the page itself."""
    return XLSX if request.GET.get("file") == XLSX else ""


def links(url: str) -> list[dict[str, str]]:
    return [{"title": _("Export (XLSX)"), "url": f"{url}&file={XLSX}"}]


def send(
    request: HttpRequest,
    file: str,
    *,
    label: str,
    name: str,
    titles: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    is_cut: bool,
    back: str,
    at: datetime,
) -> HttpResponse:
    """Return the file, or the page with a refusal if there are more rows than a file has."""
    if is_cut:
        text = _("These are more than %(count)s rows. Choose fewer, such as one tier.")
        messages.error(request, text % {"count": f"{MAX_ROWS:,}"})
        return HttpResponseRedirect(back)
    content = workbook(Sheet(name, titles, rows))
    return download(content, f"{label}-{clock.business_day(at)}.{file}")
