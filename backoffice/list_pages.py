"""The addresses beside a list: its totals, its columns, its saved views, its exports."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from django.contrib import messages
from django.contrib.admin.views.main import ORDER_VAR
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from backoffice import export_files, exports, list_queries, office, saved_views, totals
from backoffice.columns import column_title
from backoffice.list_queries import CHECKBOX, COLUMNS, SORT, OpenList, open_list
from backoffice.models import Export
from backoffice.names import staff_name
from backoffice.sheets import XLSX_CONTENT_TYPE
from common import clock
from common.errors import TwotierError

FRAGMENTS = "admin/backoffice/list"
CONTENT_TYPES = {Export.Format.XLSX: XLSX_CONTENT_TYPE, Export.Format.CSV: "text/csv"}

View = Callable[..., HttpResponse]


def urls(page: Any) -> list[URLPattern]:
    """Return the routes beside the list of a page."""
    views: tuple[tuple[str, str, View], ...] = (
        ("list/totals/", "list_totals", require_safe(show_totals)),
        ("list/views/", "list_views", require_safe(show_views)),
        ("list/views/save/", "list_view_save", require_POST(save_view)),
        ("list/views/<int:pk>/remove/", "list_view_remove", require_POST(remove_view)),
        ("list/columns/", "list_columns", require_POST(choose_columns)),
        ("list/export/", "list_export", require_POST(export)),
    )
    prefix = f"{page.opts.app_label}_{page.opts.model_name}"
    return [
        path(route, page.admin_site.admin_view(partial(_guarded, page, view)),
             name=f"{prefix}_{name}")
        for route, name, view in views
    ]  # fmt: skip


def _guarded(page: Any, view: View, request: HttpRequest, **parameters: Any) -> HttpResponse:
    if not page.has_view_or_change_permission(request):
        raise PermissionDenied
    response = view(request, page, **parameters)
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def show_totals(request: HttpRequest, page: Any) -> HttpResponse:
    """Show how many rows the list has, and the sums of its amounts."""
    try:
        opened = open_list(page, request)
    except TwotierError:
        return HttpResponse()  # the list itself says what is wrong
    has_dates = page.has_days(request)
    counted = totals.totals(
        opened.rows, page.sum_fields, by=page.sum_by, has_dates=has_dates,
        conditions=page.sum_conditions,
    )  # fmt: skip
    sums = [page.show_total(total) for total in counted.sums or ()]
    return render(
        request,
        f"{FRAGMENTS}/totals.html",
        {
            "totals": counted, "number": f"{counted.count:,}", "has_dates": has_dates,
            "sums": [{"title": title, "amount": amount} for title, amount in sums],
        },
    )  # fmt: skip


def show_views(request: HttpRequest, page: Any) -> HttpResponse:
    """Show the views of the list that the person has or that colleagues share."""
    views = [
        {
            "pk": view.pk, "name": view.name, "url": f"{page.url('changelist')}?{view.query}",
            "owner": "" if view.owner_id == request.user.pk else staff_name(view.owner),
            "is_shared": view.is_shared, "is_open": view.query == request.GET.urlencode(),
            "remove_url": page.url("list_view_remove", view.pk),
        }
        for view in saved_views.views_of(request.user, page.opts.label_lower)
    ]  # fmt: skip
    return render(request, f"{FRAGMENTS}/views_list.html", {"views": views})


def save_view(request: HttpRequest, page: Any) -> HttpResponse:
    query = request.POST.get("query", "")
    try:
        opened = open_list(page, _as_get(request, query))
        stored = list_queries.stored_query(opened, QueryDict(query), freeze=False)
        view = saved_views.save_view(
            owner=request.user, label=page.opts.label_lower, name=request.POST.get("name", ""),
            query=stored, is_shared=bool(request.POST.get("is_shared")), at=clock.now(),
        )  # fmt: skip
    except TwotierError as error:
        messages.error(request, str(error))
        return _back(page, query)
    messages.success(request, _("The view “%(name)s” is saved.") % {"name": view.name})
    return HttpResponseRedirect(f"{page.url('changelist')}?{view.query}")


def remove_view(request: HttpRequest, page: Any, pk: int) -> HttpResponse:
    try:
        saved_views.remove_view(owner=request.user, label=page.opts.label_lower, pk=pk)
    except TwotierError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The view is removed."))
    return _back(page, request.POST.get("query", ""))


def choose_columns(request: HttpRequest, page: Any) -> HttpResponse:
    """Save the columns that the person chose."""
    query = QueryDict(request.POST.get("query", ""), mutable=True)
    query.pop(COLUMNS, None)
    if order := query.pop(ORDER_VAR, None):  # counts columns, which are others from now on
        try:
            before = open_list(page, _as_get(request, request.POST["query"]))
        except TwotierError as error:
            messages.error(request, str(error))
            return _back(page, query.urlencode())
        query[SORT] = list_queries.sorting_by_name(str(order[-1]), before.changelist.list_display)
    possible = page.choosable_columns(list(page.list_display))
    chosen = [name for name in dict.fromkeys(request.POST.getlist("column")) if name in possible]
    if request.POST.get("reset"):
        chosen = []
    saved_views.choose_columns(owner=request.user, label=page.opts.label_lower, columns=chosen)
    return _back(page, query.urlencode())


def export(request: HttpRequest, page: Any) -> HttpResponse:
    """Send the list as a file, or leave it to the worker if it is long."""
    query, kind = request.POST.get("query", ""), request.POST.get("format", "")
    if kind not in Export.Format.values:
        raise Http404
    try:
        exports.require_permission(request.user)
        opened = open_list(page, _as_get(request, query))
        if (rows := export_files.expected_rows(opened, kind)) <= export_files.DIRECT_ROWS:
            return _send(request, opened, query, kind)
        exports.ask_export(
            **_description(request, opened, query, kind), expected=rows,
            search=opened.changelist.query,
        )  # fmt: skip
    except TwotierError as error:
        messages.error(request, str(error))
        return _back(page, query)
    messages.success(request, _("The file is being written. It appears here when it is ready."))
    return HttpResponseRedirect(office.url("exports"))


def export_selected(page: Any, request: HttpRequest, chosen: QuerySet[Any]) -> HttpResponse | None:
    """Send the selected rows as a workbook; the action of a list."""
    kind = Export.Format.XLSX
    changelist = page.get_changelist_instance(_as_get(request, request.GET.urlencode()))
    columns = [name for name in changelist.list_display if name != CHECKBOX]
    opened = OpenList(page, request, changelist, chosen, columns)
    try:
        exports.require_permission(request.user)
        if export_files.expected_rows(opened, kind) > export_files.DIRECT_ROWS:
            raise export_files.too_many_rows(kind, export_files.DIRECT_ROWS)
        return _send(request, opened, request.GET.urlencode(), kind)
    except TwotierError as error:
        messages.error(request, str(error))
        return None


def _send(request: HttpRequest, opened: OpenList, query: str, kind: str) -> HttpResponse:
    """Write the file, record it, send it."""
    description = _description(request, opened, query, kind)
    content, rows = export_files.in_memory(partial(export_files.write_file, opened, kind))
    exports.record_export(**description, rows=rows)
    headers = attachment_headers(description["label"], description["at"], kind)
    return HttpResponse(content, headers=headers)


def attachment_headers(label: str, at: datetime, kind: str) -> dict[str, str]:
    """Return the headers of the file of an export, which is to be saved."""
    name = export_files.file_name(label, at, kind)
    return office.attachment(name, CONTENT_TYPES[Export.Format(kind)])


def _description(request: HttpRequest, opened: OpenList, query: str, kind: str) -> dict[str, Any]:
    return {
        "by": request.user,
        "label": opened.page.opts.label_lower,
        "query": list_queries.stored_query(opened, QueryDict(query), freeze=True),
        "columns": list(opened.columns),
        "kind": kind,
        "at": clock.now(),
    }


def columns_of(page: Any, visible: list[str]) -> list[dict[str, Any]]:
    """Return the columns that a person can choose: first the visible ones, in their order."""
    hidden = [name for name in page.choosable_columns(list(page.list_display))
              if name not in visible]  # fmt: skip
    links = page.list_display_links or visible[:1]
    return [
        {"name": name, "title": capfirst(column_title(page, name)), "is_visible": name in visible,
         "is_fixed": name in links}
        for name in (*visible, *hidden)
    ]  # fmt: skip


def _as_get(request: HttpRequest, query: str) -> Any:
    """Return the request as if it asked for the list with these filters."""
    asked = HttpRequest()
    asked.__dict__.update(request.__dict__)
    asked.method = "GET"
    asked.GET = QueryDict(query)
    return asked


def _back(page: Any, query: str) -> HttpResponse:
    return HttpResponseRedirect(f"{page.url('changelist')}?{QueryDict(query).urlencode()}")
