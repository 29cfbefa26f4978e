"""The pages of imports: upload a file, see what it would change, confirm, look at former ones."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backoffice import export_tables, import_result, import_verbs, imports, menu, office
from backoffice.access import is_allowed
from backoffice.export_files import DIRECT_ROWS
from backoffice.exports import may_export
from backoffice.import_files import template, wrong_rows
from backoffice.imports import ImportKind
from backoffice.models import Import
from backoffice.office import OfficePage
from backoffice.pages import download
from backoffice.table_exports import send_table
from backoffice.tables import MAX_FILE_SIZE
from common import clock
from common.errors import TwotierError

START, RESULT = "admin/backoffice/imports/start.html", "admin/backoffice/imports/result.html"
PART = "admin/backoffice/imports/part.html"
MAX_SHOWN = 20

View = Callable[..., HttpResponse]
Methods = Callable[[View], View]


def open_import(kind: ImportKind) -> ImportKind:
    """Register a kind of import with its pages, ``office:import_<name>`` and those below it."""
    imports.register(kind)
    folder, name = f"imports/{kind.name}", f"import_{kind.name}"
    of_kind: tuple[tuple[str, str, Methods, View], ...] = (
        ("", "", require_http_methods(["GET", "HEAD", "POST"]), show_start),
        ("_template", "/file/template", require_safe, send_template),
        ("_stored", "/file/stored", require_POST, send_stored),
        ("_result", "/<str:public_id>", require_safe, show_result),
        ("_decide", "/<str:public_id>/decide", require_POST, decide),
        ("_wrong", "/<str:public_id>/wrong", require_safe, send_wrong),
    )
    for suffix, path, methods, view in of_kind:
        office.register(
            OfficePage(
                name + suffix, folder + path, kind.title, kind.permission,
                methods(partial(view, kind)), icon=kind.icon, of=kind.of,
            )
        )  # fmt: skip
    return kind


def links_of(request: HttpRequest, model: str) -> list[dict[str, Any]]:
    """Return the links to the imports of a list, as ``PagesMixin.links`` returns them."""
    return [
        {"title": kind.title, "url": page_url(kind), "variant": "default", "posts": False}
        for kind in imports.kinds()
        if kind.of == model and is_allowed(request.user, kind.permission)
    ]


def page_url(kind: ImportKind, page: str = "", *args: Any) -> str:
    return office.url(f"import_{kind.name}{page}", *args)


def show_start(kind: ImportKind, request: HttpRequest) -> HttpResponse:
    """Show what a file must have, and former imports; a POST uploads a file."""
    fault = ""
    if request.method == "POST":
        try:
            row = _upload(kind, request)
        except TwotierError as error:
            fault = str(error)
        else:
            return HttpResponseRedirect(page_url(kind, "_result", row.public_id))
    rows = Import.objects.filter(kind=kind.name).select_related("by", "confirmed_by")
    source = export_tables.find(kind.export)
    return office.render(
        request, START, title=kind.title, status=400 if fault else 200,
        kind=kind, fault=fault, max_size=MAX_FILE_SIZE,
        template_url=page_url(kind, "_template"),
        stored_url=page_url(kind, "_stored") if source and may_export(request.user) else "",
        back=menu.url_of(kind.of), list_title=menu.title_of(kind.of),
        imports=[
            {**import_result.summary(row), "url": page_url(kind, "_result", row.public_id)}
            for row in rows.order_by("-id")[:MAX_SHOWN]
        ],
    )  # fmt: skip


def _upload(kind: ImportKind, request: HttpRequest) -> Import:
    file = request.FILES.get("file")
    if file is None:
        raise NoFileChosen
    if (file.size or 0) > MAX_FILE_SIZE:
        raise FileTooLarge
    return import_verbs.begin_import(
        kind=kind, by=request.user, file_name=file.name or "", content=file.read(),
        at=clock.now(),
    )  # fmt: skip


def show_result(kind: ImportKind, request: HttpRequest, public_id: str) -> HttpResponse:
    """Show what the check found; the page asks again while a worker is at it."""
    row = _found(kind, public_id)
    context = {
        "kind": kind,
        "row": row,
        "start_url": page_url(kind),
        "result_url": page_url(kind, "_result", row.public_id),
        "decide_url": page_url(kind, "_decide", row.public_id),
        "wrong_url": page_url(kind, "_wrong", row.public_id),
        "list_url": menu.url_of(kind.of),
        "list_title": menu.title_of(kind.of),
        **import_result.context(kind, row, request.GET),
    }
    if request.headers.get("HX-Request"):
        if row.status not in Import.AT_WORK:
            # The whole page: its table was not there before.
            return HttpResponse(headers={"HX-Refresh": "true"})
        return TemplateResponse(request, PART, context, headers=office.NO_STORE)
    return office.render(request, RESULT, title=row.file_name, **context)


def decide(kind: ImportKind, request: HttpRequest, public_id: str) -> HttpResponse:
    """Confirm, continue or discard an import."""
    row = _found(kind, public_id)
    verbs: dict[str, Callable[[], str]] = {
        "confirm": partial(_confirm, request, row),
        "continue": partial(_continue, request, row),
        "discard": partial(_discard, request, row),
    }
    verb = verbs.get(request.POST.get("verb", ""))
    if verb is None:
        raise Http404
    try:
        messages.success(request, verb())
    except TwotierError as error:
        messages.error(request, str(error))
    return HttpResponseRedirect(page_url(kind, "_result", row.public_id))


def send_template(kind: ImportKind, _request: HttpRequest) -> HttpResponse:
    return download(template(kind), f"{kind.name}.xlsx")


def send_stored(kind: ImportKind, request: HttpRequest) -> HttpResponse:
    """Send what is stored, in the columns of the import: to be edited and imported again."""
    source = export_tables.find(kind.export)
    if source is None:
        raise Http404
    everything = QueryDict()
    count = source.count(everything) if source.count else DIRECT_ROWS + 1
    return send_table(
        request, source.open(everything), label=source.label, query="", count=count,
        at=clock.now(), back=page_url(kind),
    )  # fmt: skip


def send_wrong(kind: ImportKind, _request: HttpRequest, public_id: str) -> HttpResponse:
    """Send the wrong rows with their sentences, to be corrected and imported again."""
    row = _found(kind, public_id)
    content = wrong_rows(kind, row.columns, import_result.wrong(row))
    return download(content, f"{kind.name}-{row.public_id[:6]}.xlsx")


class NoFileChosen(TwotierError):
    code = "no_file_chosen"
    message = _("Choose a file first.")
    status = 400


class FileTooLarge(TwotierError):
    code = "import_file_too_large"
    message = _("The file is larger than 5 MB. Divide it into smaller ones. Nothing was changed.")
    status = 400


def _found(kind: ImportKind, public_id: str) -> Import:
    try:
        return import_verbs.find_import(kind, public_id)
    except import_verbs.NoSuchImport:
        raise Http404 from None


def _confirm(request: HttpRequest, row: Import) -> str:
    seen = clock.parse(request.POST.get("checked_at", ""))
    if seen is None:
        raise import_verbs.ImportChanged
    import_verbs.confirm_import(
        row=row, by=request.user, checked_at=seen, skips_wrong="skips_wrong" in request.POST,
        at=clock.now(),
    )  # fmt: skip
    return str(_("The rows are being applied."))


def _continue(request: HttpRequest, row: Import) -> str:
    import_verbs.continue_import(row=row, by=request.user, at=clock.now())
    return str(_("The rows are being applied."))


def _discard(request: HttpRequest, row: Import) -> str:
    import_verbs.discard_import(row=row, by=request.user, at=clock.now())
    return str(_("The import is discarded."))
