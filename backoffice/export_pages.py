"""The page of one's own exports: how far they are, and their files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.contrib import messages
from django.core.files.storage import default_storage
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from backoffice import export_tables, exports, menu, office
from backoffice.list_pages import attachment_headers
from backoffice.models import Export
from backoffice.office import OfficePage
from common.errors import TwotierError

MAX_SHOWN = 50
TEMPLATE, ROWS = "admin/backoffice/exports.html", "admin/backoffice/list/exports.html"
OPEN = (Export.Status.WAITING, Export.Status.RUNNING)


def show_exports(request: HttpRequest) -> HttpResponse:
    """Show the latest exports; the page asks for them again while one is being written."""
    by: Any = request.user
    rows = list(Export.objects.filter(by=by).order_by("-id")[:MAX_SHOWN])
    context: dict[str, Any] = {
        "exports": list(_lines(rows)),
        "is_open": any(row.status in OPEN for row in rows),
        "url": office.url("exports"),
    }
    if request.headers.get("HX-Request"):
        return TemplateResponse(request, ROWS, context, headers=office.NO_STORE)
    return office.render(request, TEMPLATE, title=_("My exports"), **context)


def send_file(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Send the file of an export to the person who asked for it."""
    try:
        export = exports.file_of(by=request.user, public_id=public_id)
        file = default_storage.open(export.path)
    except FileNotFoundError:
        messages.error(request, str(exports.NoSuchExport()))
        return HttpResponseRedirect(office.url("exports"))
    except TwotierError as error:
        messages.error(request, str(error))
        return HttpResponseRedirect(office.url("exports"))
    return FileResponse(file, headers=attachment_headers(export.label, export.at, export.format))


def list_title(label: str) -> Any:
    """Return what people call an exported list, also one that the menu does not have."""
    title = menu.title_of(label) or export_tables.title_of(label)
    return title or capfirst(apps.get_model(label)._meta.verbose_name_plural)


def _lines(rows: list[Export]) -> Iterator[dict[str, Any]]:
    for row in rows:
        expected = max(row.expected_rows, row.rows, 1)
        yield {
            "export": row,
            "title": list_title(row.label),
            "is_open": row.status in OPEN,
            "percent": min(99, row.rows * 100 // expected),
            "rows": f"{row.rows:,}",
            "expected": f"{row.expected_rows:,}",
            "url": office.url("export_file", row.public_id) if row.path else "",
        }


office.register(
    OfficePage("exports", "exports", _("My exports"), exports.PERMISSION, show_exports, "download")
)
office.register(
    OfficePage(
        "export_file", "exports/<str:public_id>/file", _("File of an export"), exports.PERMISSION,
        send_file,  # type: ignore[arg-type]  # streams the file
    )
)  # fmt: skip
