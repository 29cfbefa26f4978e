# mypy: allow-subclassing-any
"""Tools that every list has: ranges, chips, chosen columns, sums, saved views, exports.

A page of a model declares what its list offers::

    class OrderAdmin(LargeTable, ReadOnlyAdmin):
        list_display = ["number", "buyer", "status_badge", "paid", "placed_at"]
        columns = ["received_at", "public_id"]
        date_fields = ["placed_at", "paid_at"]
        amount_fields = ["paid"]
        chips = ["status"]
        sort_fields = ["placed_at"]
        sum_fields = ["paid"]
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.contrib.admin import ListFilter
from django.contrib.admin.options import IS_POPUP_VAR
from django.contrib.admin.views.main import ORDER_VAR
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.paginator import InfinitePaginator
from unfold.views import ChangeList

from backoffice import list_pages
from backoffice.access import StrOrPromise
from backoffice.exports import may_export
from backoffice.filters import amount_filter, date_filter, field_title, has_days, is_limited
from backoffice.list_queries import COLUMNS, SORT, sorting_by_number
from backoffice.models import ColumnChoice
from backoffice.totals import Total
from common.money import yuan_text

PATTERNS = {"regex", "iregex"}
"""Lookups that break on some texts, and take very long on others."""


class OfficeChangeList(ChangeList):
    """Sorts only by what the list declares, and prepares the rows of a page."""

    has_next_page = False
    params: dict[str, str]
    list_display: Any
    sortable_by: Any
    model_admin: Any
    result_list: Any

    def get_ordering_field(self, field_name: Any) -> Any:
        if self.sortable_by is not None and field_name not in self.sortable_by:
            return None
        return super().get_ordering_field(field_name)

    def get_ordering(self, request: HttpRequest, queryset: Any) -> list[Any]:
        sorting = self.params.get(SORT)
        if sorting and not self.params.get(ORDER_VAR):
            self.params[ORDER_VAR] = sorting_by_number(sorting, self.list_display)
        ordering: list[Any] = super().get_ordering(request, queryset)
        return ordering

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        if getattr(request, "without_rows", False):  # totals and exports read others
            self.result_list = []
            return
        rows = list(self._one_more() if self.is_uncounted else self.result_list)
        self.has_next_page = len(rows) > self.list_per_page
        self.result_list = rows[: self.list_per_page] if self.is_uncounted else rows
        self.model_admin.prepare_rows(request, self.result_list)

    @property
    def is_uncounted(self) -> bool:
        return isinstance(self.paginator, InfinitePaginator)

    def _one_more(self) -> Any:
        """Return the rows of the page and the next row, if there is one."""
        before = (self.page_num - 1) * self.list_per_page
        return self.queryset[before : before + self.list_per_page + 1]


class ListTools:
    """What a list offers, and its pages beside it."""

    date_fields: ClassVar[Sequence[str]] = ()
    """Dates and times to filter by; the first one is the list's main date. Indexed."""
    amount_fields: ClassVar[Sequence[str]] = ()
    """Amounts in fen to filter by."""
    chips: ClassVar[Sequence[str]] = ()
    """Fields with choices, or parameters of ``list_filter``, whose values are shown as links."""
    sort_fields: ClassVar[Sequence[str] | None] = None
    """Fields of columns to sort by: in large tables, indexed ones. ``None``: all."""
    sort_with_dates: ClassVar[Sequence[str]] = ()
    """Fields without an index, by which few rows are sorted: those of a range of days."""
    amounts_need_dates: ClassVar[bool] = False
    """Whether amounts can be filtered only together with a range of days."""
    sum_fields: ClassVar[Sequence[str]] = ()
    """Amounts to add up for the filtered rows."""
    sum_conditions: ClassVar[Mapping[str, Q]] = {}
    """By amount, which rows it is added up of; those without one of all rows."""
    sum_by: ClassVar[str] = ""
    """The field with the asset, if the amounts are not all money."""
    columns: ClassVar[Sequence[str]] = ()
    """Further columns that a person can choose."""
    export_columns: ClassVar[Sequence[str]] = ()
    """Columns that an export has besides the visible ones, such as ids."""

    opts: Any
    model: Any

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Allow the ranges that the list declares, also those of related rows; no patterns."""
        if lookup.rpartition("__")[2] in PATTERNS:
            return False
        if lookup.rpartition("__")[0] in (*self.date_fields, *self.amount_fields):
            return True
        return bool(super().lookup_allowed(lookup, value, request))  # type: ignore[misc]

    def get_urls(self) -> list[Any]:
        return [*list_pages.urls(self), *super().get_urls()]  # type: ignore[misc]

    def show_total(self, total: Total) -> tuple[StrOrPromise, str]:
        """Return the title of a sum and its amount as people read it."""
        return field_title(self.model, total.field, self), yuan_text(total.amount)

    def is_money(self) -> Q:
        """Return which rows hold money, if the list has others: those of points."""
        return Q()

    def prepare_rows(self, request: HttpRequest, rows: Sequence[Any]) -> None:
        """Read for some rows at once what their columns need: of a page, of a part of an export."""

    def get_changelist(self, request: HttpRequest, **options: Any) -> type[ChangeList]:
        return OfficeChangeList

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Offer the export of selected rows; its check boxes also add up amounts."""
        actions: dict[str, Any] = super().get_actions(request)  # type: ignore[misc]
        if may_export(request.user) and IS_POPUP_VAR not in request.GET:
            actions["export_selected"] = (
                list_pages.export_selected, "export_selected", _("Export the selected rows"),
            )  # fmt: skip
        return actions

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        filters = list(super().get_list_filter(request))  # type: ignore[misc]  # of the model admin
        ranges = [*map(date_filter, self.date_fields), *map(amount_filter, self.amount_fields)]
        return [LookParameters, *ranges, *self._chip_filters(filters), *filters]

    def _chip_filters(self, filters: Sequence[Any]) -> list[Any]:
        """Return the filters of chips that ``list_filter`` does not have."""
        present = {entry[0] if isinstance(entry, tuple) else _parameter(entry) for entry in filters}
        return [(chip, ChoicesDropdownFilter) for chip in self.chips if chip not in present]

    def get_list_display(self, request: HttpRequest) -> list[str]:
        default = list(super().get_list_display(request))  # type: ignore[misc]
        if IS_POPUP_VAR in request.GET:
            return default
        return self.chosen_columns(request, default) or default

    def choosable_columns(self, default: Sequence[str]) -> list[str]:
        return [*default, *(name for name in self.columns if name not in default)]

    def chosen_columns(self, request: HttpRequest, default: Sequence[str]) -> list[str]:
        """Return the columns that the person chose; the linked ones are always among them."""
        saved = saved_columns(request, self.opts.label_lower)
        possible = self.choosable_columns(default)
        chosen = [name for name in saved if name in possible]
        if not chosen:
            return []
        page: Any = self  # of the model admin
        links = page.list_display_links or default[:1]
        return [*(name for name in links if name not in chosen), *chosen]

    def get_sortable_by(self, request: HttpRequest) -> Any:
        if self.sort_fields is None:
            return super().get_sortable_by(request)  # type: ignore[misc]
        fields = [*self.sort_fields, *(self.sort_with_dates if self.has_days(request) else ())]
        page: Any = self
        columns = self.choosable_columns(page.list_display)
        return [name for name in columns if self.order_field(name) in fields]

    def get_ordering(self, request: HttpRequest) -> Any:
        """Sort by the date that limits a large table: its index has the rows in this order."""
        usual = super().get_ordering(request)  # type: ignore[misc]
        if self.sort_fields is None:
            return usual
        by_days = (field for field in self.date_fields if is_limited(request, field))
        return next(([f"-{field}", "-pk"] for field in by_days), usual)

    def has_days(self, request: HttpRequest) -> bool:
        """Whether the list is limited to some days by one of its dates."""
        return any(has_days(request, field) for field in self.date_fields)

    def order_field(self, column: str) -> str:
        """Return the field by which a column sorts."""
        try:
            return str(self.opts.get_field(column).name)
        except FieldDoesNotExist:
            return str(getattr(getattr(self, column, None), "admin_order_field", ""))


class LookParameters(ListFilter):
    """Takes the columns and the sorting by name out of the address; filters nothing."""

    title = "look"

    def __init__(self, request: HttpRequest, params: Any, model: Any, model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        for name in (COLUMNS, SORT):
            params.pop(name, None)

    def has_output(self) -> bool:
        return False

    def expected_parameters(self) -> list[str | None]:
        return [COLUMNS, SORT]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset


def saved_columns(request: HttpRequest, label: str) -> list[str]:
    """Return the columns in the address, or those that the person saved. Read once a request."""
    if given := request.GET.get(COLUMNS):
        return given.split(".")
    cache: dict[str, list[str]] = request.__dict__.setdefault("saved_columns", {})
    if label not in cache:
        rows = ColumnChoice.objects.filter(owner=request.user.pk, label=label)
        cache[label] = list(rows.values_list("columns", flat=True).first() or [])
    return cache[label]


def _parameter(entry: Any) -> str:
    return entry if isinstance(entry, str) else str(getattr(entry, "parameter_name", ""))
