"""The pages on which an import of a mall is prepared, checked, started and watched."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from backoffice import office
from backoffice.office import OfficePage
from common import clock
from common.errors import TwotierError
from integration.admin.mall_imports import display
from integration.admin.mall_imports.forms import USUAL_ZONES, NameForm, OptionsForm
from integration.mall_imports import preparing, running
from integration.mall_imports.preparing import PREPARE, START
from integration.models import MallImport
from members.models import User

TEMPLATES = "admin/integration/mall_imports/"
DOWNLOADS = {
    "report": ("report_path", "xlsx",
               "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "left-out": ("left_out_path", "zip", "application/zip"),
}  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Open an import under a name."""
    form = NameForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            row = preparing.open_import(
                name=form.cleaned_data["name"], by=_user(request), at=clock.now()
            )
        except TwotierError as refusal:
            form.add_error(None, str(refusal))
        else:
            return HttpResponseRedirect(office.url("mall_import", row.public_id))
    return office.render(
        request, f"{TEMPLATES}new.html", title=_("Import a mall"), form=form, list_url=_list_url()
    )


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show an import; a POST does what its button says and shows the page again."""
    row = _get(public_id)
    if request.method != "POST":
        return _show(request, row)
    if not (request.user.has_perm(PREPARE) or request.user.has_perm(START)):
        raise PermissionDenied
    act = ACTIONS.get(request.POST.get("action", ""))
    if act is None:
        return HttpResponseRedirect(_url(row))
    try:
        done = act(request, row)
    except TwotierError as refusal:
        # Reloaded: somebody else may have moved it meanwhile.
        return _show(request, _get(public_id), refusal=str(refusal), status=422)
    if isinstance(done, HttpResponse):
        return done
    messages.success(request, done)
    return HttpResponseRedirect(_url(row))


@require_safe
def progress(request: HttpRequest, public_id: str) -> HttpResponse:
    """Return how far a worker is; once it has ended its part, the whole page is loaded again."""
    row = _get(public_id)
    if not row.is_open:
        return HttpResponse(headers={"HX-Refresh": "true", **office.NO_STORE})
    context = {**display.progress_context(row), "progress_url": _url(row, "mall_import_progress")}
    return TemplateResponse(request, f"{TEMPLATES}progress.html", context, headers=office.NO_STORE)


@require_safe
def send_file(_request: HttpRequest, public_id: str, name: str) -> HttpResponseBase:
    """Send the workbook with the marked cells, or the orders that are left out."""
    row = _get(public_id)
    field, suffix, content_type = DOWNLOADS.get(name, ("", "", ""))
    path = getattr(row, field) if field else ""
    try:
        file = default_storage.open(path) if path else None
    except FileNotFoundError:
        file = None
    if file is None:
        raise Http404
    return FileResponse(
        file,
        headers={
            "Content-Type": content_type,
            "Content-Disposition": f'attachment; filename="{name}-{row.public_id}.{suffix}"',
            "X-Content-Type-Options": "nosniff",
            **office.NO_STORE,
        },
    )


def _add(request: HttpRequest, row: MallImport) -> str:
    files = [(file.name or "", file) for file in request.FILES.getlist("files")]
    if not files:
        raise NoFileChosen
    preparing.add_files(mall_import=row, files=files, by=_user(request), at=clock.now())
    return _("The files are added.")


def _remove(request: HttpRequest, row: MallImport) -> str:
    preparing.remove_file(mall_import=row, kind=request.POST.get("kind", ""), by=_user(request))
    return _("The file is taken out.")


def _set_options(request: HttpRequest, row: MallImport) -> str | HttpResponse:
    form = OptionsForm(request.POST)
    if not form.is_valid():
        return _show(request, row, options=form, status=422)
    preparing.set_options(mall_import=row, by=_user(request), **form.cleaned_data)
    return _("The options are saved.")


def _check(request: HttpRequest, row: MallImport) -> str:
    preparing.ask_check(mall_import=row, by=_user(request))
    return _("The files are being checked. This page shows when that is done.")


def _start(request: HttpRequest, row: MallImport) -> str:
    running.start(
        mall_import=row, seal=request.POST.get("seal", ""), by=_user(request), at=clock.now()
    )
    return _("The import is started. It goes on when you leave this page.")


def _stop(request: HttpRequest, row: MallImport) -> str:
    running.stop(mall_import=row, by=_user(request), at=clock.now())
    return _("The import is stopped after the present batch.")


def _discard(request: HttpRequest, row: MallImport) -> str:
    preparing.discard(mall_import=row, by=_user(request), at=clock.now())
    return _("The import is discarded.")


ACTIONS: dict[str, Callable[[HttpRequest, MallImport], str | HttpResponse]] = {
    "add": _add, "remove": _remove, "options": _set_options, "check": _check, "start": _start,
    "stop": _stop, "discard": _discard,
}  # fmt: skip


class NoFileChosen(TwotierError):
    code = "no_mall_file_chosen"
    message = gettext_lazy("Choose at least one file. Nothing was added.")
    status = 400


def _show(
    request: HttpRequest,
    row: MallImport,
    *,
    options: OptionsForm | None = None,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    given = {"zone": row.zone, "until": row.until, "skip_bad": row.skip_bad}
    return office.render(
        request,
        f"{TEMPLATES}import.html",
        title=_("Import of “%(name)s”") % {"name": row.name},
        status=status,
        refusal=refusal,
        options=options or OptionsForm(initial=given),
        zones=USUAL_ZONES,
        list_url=_list_url(),
        page_url=_url(row),
        progress_url=_url(row, "mall_import_progress"),
        report_url=_file_url(row, "report"),
        left_out_url=_file_url(row, "left-out"),
        **display.page_context(row, request.user),
    )


def _get(public_id: str) -> MallImport:
    rows = MallImport.objects.select_related("by", "starter")
    row = rows.filter(public_id=public_id.lower()).first()
    if row is None:
        raise Http404
    return row


def _url(row: MallImport, name: str = "mall_import") -> str:
    return office.url(name, row.public_id)


def _file_url(row: MallImport, name: str) -> str:
    field = DOWNLOADS[name][0]
    return office.url("mall_import_file", row.public_id, name) if getattr(row, field) else ""


def _list_url() -> str:
    return reverse("admin:integration_mallimport_changelist")


def _user(request: HttpRequest) -> User:
    user: Any = request.user
    return user  # type: ignore[no-any-return]  # the page needs a permission of staff


VIEW = (PREPARE, START, "integration.view_mallimport")
PATH = "mall-imports/<str:public_id>"
for _name, _path, _title, _permission, _view in (
    ("import_mall", "mall-imports/new", gettext_lazy("Import a mall"), (PREPARE,), new),
    ("mall_import", PATH, gettext_lazy("Import of a mall"), VIEW, page),
    ("mall_import_progress", f"{PATH}/progress", gettext_lazy("Import of a mall"), VIEW, progress),
    ("mall_import_file", f"{PATH}/files/<str:name>", gettext_lazy("File of an import of a mall"),
     (PREPARE, START), send_file),
):  # fmt: skip
    office.register(
        OfficePage(
            _name, _path, _title, _permission, _view,  # type: ignore[arg-type]  # sends a file
            of="integration.mallimport",
        )
    )  # fmt: skip
