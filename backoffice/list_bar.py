"""What the bar above a list shows: the filters, which of them are set, and links without each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.admin.views.main import ERROR_FLAG, ORDER_VAR, PAGE_VAR, SEARCH_VAR
from django.http import HttpRequest

from backoffice.access import StrOrPromise
from backoffice.exports import may_export
from backoffice.filters import AmountRangeFilter, DateRangeFilter, RangeFilter
from backoffice.list_queries import COLUMNS

NOT_FILTERS = {ORDER_VAR, PAGE_VAR, SEARCH_VAR, ERROR_FLAG, COLUMNS}


@dataclass(frozen=True, slots=True)
class Option:
    """A value of a filter, and the list with it."""

    value: str
    title: StrOrPromise
    url: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Select:
    """A filter by one of several values."""

    name: str
    title: StrOrPromise
    options: Sequence[Option]

    @property
    def chosen(self) -> Option | None:
        return next((option for option in self.options if option.is_chosen and option.value), None)


@dataclass(frozen=True, slots=True)
class Active:
    """A filter that is set, and the list without it."""

    title: StrOrPromise
    text: str
    url: str
    problem: StrOrPromise = ""


@dataclass(slots=True)
class Bar:
    """The filters of a list. ``raw`` are those that draw themselves."""

    changelist: Any
    request: HttpRequest
    dates: list[DateRangeFilter] = field(default_factory=list)
    amounts: list[AmountRangeFilter] = field(default_factory=list)
    chips: list[Select] = field(default_factory=list)
    selects: list[Select] = field(default_factory=list)
    raw: list[Any] = field(default_factory=list)

    @property
    def main_date(self) -> DateRangeFilter | None:
        return self.dates[0] if self.dates else None

    @property
    def other_ranges(self) -> list[RangeFilter]:
        return [*self.dates[1:], *self.amounts[1:]]

    @property
    def is_more_active(self) -> bool:
        return any(spec.is_active for spec in self.other_ranges)

    @property
    def hidden(self) -> Iterator[tuple[str, str]]:
        """Return what the form carries along: the sorting, the columns, the chosen chips."""
        inputs = {SEARCH_VAR, PAGE_VAR, ERROR_FLAG, *(select.name for select in self.selects)}
        for spec in (*self.dates, *self.amounts, *self.raw):
            inputs.update(spec.expected_parameters())
        for name, values in self.request.GET.lists():
            if name not in inputs:
                yield from ((name, value) for value in values)

    @property
    def active(self) -> Iterator[Active]:
        for spec in (*self.dates, *self.amounts):
            if spec.is_active:
                url = self._without(*spec.expected_parameters())
                yield Active(spec.title, "" if spec.problem else str(spec), url, spec.problem)
        for select in self.selects:
            if option := select.chosen:
                yield Active(select.title, str(option.title), self._without(select.name))

    @property
    def may_export(self) -> bool:
        return may_export(self.request.user)

    @property
    def is_filtered(self) -> bool:
        names = {name for name, values in self.request.GET.lists() if any(values)}
        return bool(names - NOT_FILTERS)

    @property
    def cleared(self) -> str:
        """Return the list without any filter, in the same order and with the same columns."""
        left = self.request.GET.copy()
        for name in list(left):
            if name not in (ORDER_VAR, COLUMNS):
                del left[name]
        return f"?{left.urlencode()}"

    @property
    def query(self) -> str:
        """Return the query string of the list, without the page."""
        query = self.request.GET.copy()
        for name in (PAGE_VAR, ERROR_FLAG):
            query.pop(name, None)
        return query.urlencode()

    def _without(self, *names: str | None) -> str:
        left = self.request.GET.copy()
        for name in (*names, PAGE_VAR, ERROR_FLAG):
            left.pop(name, None)  # type: ignore[arg-type]
        return f"?{left.urlencode()}"


def bar_of(changelist: Any, request: HttpRequest) -> Bar:
    """Sort the filters of a list into those that its bar draws."""
    bar = Bar(changelist, request)
    chips = changelist.model_admin.chips
    for spec in changelist.filter_specs:
        if isinstance(spec, DateRangeFilter):
            bar.dates.append(spec)
        elif isinstance(spec, AmountRangeFilter):
            bar.amounts.append(spec)
        elif select := _select(spec, changelist):
            is_chip = select.name.removesuffix("__exact") in chips
            (bar.chips if is_chip else bar.selects).append(select)
        else:
            bar.raw.append(spec)
    return bar


def _select(spec: Any, changelist: Any) -> Select | None:
    """Return a filter by choice; ``None`` for others, such as a search among related rows."""
    choices = list(spec.choices(changelist))
    form = choices[0].get("form") if choices else None
    if form is None:
        return _links(spec, choices)
    name, form_field = next(iter(form.fields.items()))
    if not getattr(form_field, "choices", None) or _is_multiple(form_field):
        return None
    given = form.data.get(name)
    current = "" if given is None else str(given)
    options = [
        Option(
            str(value), title, changelist.get_query_string({name: value or None}),
            str(value) == current,
        )
        for value, title in form_field.choices
    ]  # fmt: skip
    return Select(name, spec.title, options)


def _links(spec: Any, choices: list[dict[str, Any]]) -> Select | None:
    """Return Django's own filters, whose values are links."""
    if not choices or "query_string" not in choices[0]:
        return None
    name = str(next(iter(spec.expected_parameters())))
    given = spec.used_parameters.get(name)
    value = str(given[-1] if isinstance(given, list) else given or "")
    options = [
        Option(value if choice["selected"] else "", choice["display"], choice["query_string"],
               choice["selected"])
        for choice in choices
    ]  # fmt: skip
    return Select(name, spec.title, options)


def _is_multiple(form_field: Any) -> bool:
    return bool(getattr(form_field.widget, "allow_multiple_selected", False))
