"""Open a list from its address: the same rows and columns that its page shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ERROR_FLAG, ORDER_VAR, PAGE_VAR, SEARCH_VAR
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict
from django.test import RequestFactory
from django.utils.translation import gettext_lazy as _

from backoffice.filters import DateRangeFilter, RangeFilter
from common.errors import TwotierError
from common.keys import is_row_key

COLUMNS = "columns"
SORT = "sort"
CHECKBOX = "action_checkbox"


class InvalidFilter(TwotierError):
    code = "invalid_list_filter"
    message = _("The list cannot be filtered like this: %(problem)s")
    status = 400


@dataclass(frozen=True, slots=True)
class OpenList:
    """A list as a person sees it.

    :param rows: all of them, not only those of one page
    :param columns: the visible ones, in their order
    """

    page: Any
    request: HttpRequest
    changelist: Any
    rows: QuerySet[Any]
    columns: Sequence[str]


def page_of(label: str) -> Any:
    """Return the page of a model, such as ``orders.order``."""
    return admin.site.get_model_admin(apps.get_model(label))


def open_list(page: Any, request: HttpRequest) -> OpenList:
    """Open the list that a request asks for.

    :raises PermissionDenied: the person may not see it
    :raises InvalidFilter: a filter of the address is wrong
    """
    if not page.has_view_or_change_permission(request):
        raise PermissionDenied
    request.without_rows = True  # type: ignore[attr-defined]
    try:
        changelist = page.get_changelist_instance(request)
    except IncorrectLookupParameters:
        raise InvalidFilter(problem="") from None
    for spec in changelist.filter_specs:
        if isinstance(spec, RangeFilter) and spec.problem:
            raise InvalidFilter(problem=spec.problem)
    columns = [name for name in changelist.list_display if name != CHECKBOX]
    return OpenList(page, request, changelist, changelist.queryset, columns)


def open_saved(
    label: str, *, user: Any, query: str, search: str, columns: Sequence[str]
) -> OpenList:
    """Open a list from a stored query."""
    parameters = QueryDict(query, mutable=True)
    parameters[COLUMNS] = ".".join(columns)
    if search:
        parameters[SEARCH_VAR] = search
    request = RequestFactory().get("/", QUERY_STRING=parameters.urlencode())
    request.user = user
    return open_list(page_of(label), request)


def stored_query(opened: OpenList, parameters: QueryDict, *, freeze: bool) -> str:
    """Return the filters and the sorting of a list as a query string.

    What was searched is left out: it may be a name or a phone number.

    :param freeze: write periods such as the last seven days as the days that they are now
    """
    stored = parameters.copy()
    if order := stored.get(ORDER_VAR):
        stored[SORT] = sorting_by_name(order, opened.changelist.list_display)
    for name in (PAGE_VAR, ERROR_FLAG, SEARCH_VAR, ORDER_VAR, COLUMNS, "all"):
        stored.pop(name, None)
    if freeze:
        for spec in opened.changelist.filter_specs:
            if isinstance(spec, DateRangeFilter) and spec.period:
                stored.pop(f"{spec.field}__in", None)
                stored[f"{spec.field}__from"] = spec.low.isoformat()
                stored[f"{spec.field}__to"] = spec.high.isoformat()
    for name in [name for name, values in stored.lists() if not any(values)]:
        del stored[name]
    return stored.urlencode()


def sorting_by_name(order: str, columns: Sequence[str]) -> str:
    """Return Django's sorting, such as ``3.-1``, with names for the numbers of columns.

    Numbers mean other columns once a person has chosen others.
    """
    names = []
    for part in order.split("."):
        _before, minus, number = part.rpartition("-")
        if is_row_key(number) and int(number) < len(columns):
            names.append(f"{minus}{columns[int(number)]}")
    return ".".join(names)


def sorting_by_number(sorting: str, columns: Sequence[str]) -> str:
    """Return a sorting by names as Django reads it; columns that are not shown are left out."""
    numbers = {name: number for number, name in enumerate(columns)}
    parts = [(part[:1] == "-", part.removeprefix("-")) for part in sorting.split(".")]
    return ".".join(
        f"{'-' if falling else ''}{numbers[name]}" for falling, name in parts if name in numbers
    )
