# mypy: allow-subclassing-any
"""Filters of lists by a range of dates or of amounts.

Wrong input does not end in an error page: the list is empty, and the filter says why.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, ClassVar

from django.contrib.admin import ListFilter
from django.contrib.admin.utils import get_fields_from_path
from django.core.exceptions import FieldDoesNotExist
from django.db.models import DateTimeField, Model, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from backoffice.access import StrOrPromise
from common import clock, money

EARLIEST, LATEST = date(1990, 1, 1), date(2199, 12, 31)
MAX_INPUT = 40


@dataclass(frozen=True, slots=True)
class Period:
    """A range of days that moves with today, such as the last seven."""

    name: str
    title: StrOrPromise

    def days(self, today: date) -> tuple[date, date]:
        """Return the first and the last day."""
        month = today.replace(day=1)
        match self.name:
            case "today":
                return today, today
            case "yesterday":
                return today - timedelta(days=1), today - timedelta(days=1)
            case "week":
                return today - timedelta(days=6), today
            case "month":
                return month, today
            case "last_month":
                last = month - timedelta(days=1)
                return last.replace(day=1), last
        return today - timedelta(days=29), today


PERIODS = {
    period.name: period
    for period in (
        Period("today", _("Today")),
        Period("yesterday", _("Yesterday")),
        Period("week", _("Last 7 days")),
        Period("days30", _("Last 30 days")),
        Period("month", _("This month")),
        Period("last_month", _("Last month")),
    )
}


class RangeFilter(ListFilter):
    """Filters by a lower and an upper bound, both inclusive; either may be missing."""

    field: ClassVar[str]
    suffixes: ClassVar[Sequence[str]]
    title: Any
    template = "admin/backoffice/list/range.html"

    def __init__(
        self, request: HttpRequest, params: dict[str, Any], model: type[Model], model_admin: Any
    ) -> None:
        self.title = field_title(model, self.field, model_admin)
        super().__init__(request, params, model, model_admin)
        self.model_admin = model_admin
        self.today = clock.business_day(clock.now())
        self.is_moment = isinstance(_field(model, self.field), DateTimeField)
        self.problem: StrOrPromise = ""
        self.has_days = model_admin.has_days(request)
        for name in self.expected_parameters():
            if name in params:
                self.used_parameters[name] = str(params.pop(name)[-1]).strip()
        self.low, self.high = self._bounds()

    def expected_parameters(self) -> list[str | None]:
        return [f"{self.field}__{suffix}" for suffix in self.suffixes]

    def has_output(self) -> bool:
        return True

    def choices(self, changelist: Any) -> Iterator[dict[str, Any]]:
        yield from ()

    @property
    def is_active(self) -> bool:
        return any(self.used_parameters.values())

    def given(self, suffix: str) -> str:
        return str(self.used_parameters.get(f"{self.field}__{suffix}", ""))

    @property
    def low_text(self) -> str:
        return self.given(self.suffixes[0])

    @property
    def high_text(self) -> str:
        return self.given(self.suffixes[1])

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.problem:
            return queryset.none()
        condition = self.condition()
        return queryset.filter(condition) if condition else queryset

    def condition(self) -> Q:
        raise NotImplementedError

    def _bounds(self) -> tuple[Any, Any]:
        low_name, high_name = self.suffixes[:2]
        low, high = self._bound(low_name), self._bound(high_name)
        if low is not None and high is not None and low > high:
            self.problem = self.reversed_problem
        return low, high

    reversed_problem: ClassVar[StrOrPromise]

    def _bound(self, suffix: str) -> Any:
        raise NotImplementedError


class DateRangeFilter(RangeFilter):
    """Filters by days of Shanghai: from, to, or a period that moves with today."""

    kind = "date"
    suffixes = ("from", "to", "in")
    reversed_problem = _("The first day is after the last one: correct the dates.")

    @property
    def period(self) -> Period | None:
        return PERIODS.get(self.given("in"))

    @property
    def periods(self) -> Sequence[Period]:
        return tuple(PERIODS.values())

    def _bounds(self) -> tuple[date | None, date | None]:
        return self.period.days(self.today) if self.period else super()._bounds()

    def _bound(self, suffix: str) -> date | None:
        text = self.given(suffix)
        if not text:
            return None
        try:
            day = date.fromisoformat(text)
        except ValueError:
            day = EARLIEST - timedelta(days=1)
        if not EARLIEST <= day <= LATEST:
            self.problem = _("“%(text)s” is not a day. Write it like 2026-11-26.") % {
                "text": text[:MAX_INPUT]
            }
            return None
        return day

    def condition(self) -> Q:
        condition = Q()
        if self.low:
            condition &= Q(**{f"{self.field}__gte": self._start(self.low)})
        if self.high:
            after = self._start(self.high + timedelta(days=1))
            condition &= Q(**{f"{self.field}__lt": after})
        return condition

    def _start(self, day: date) -> date | datetime:
        return clock.day_start(day) if self.is_moment else day

    def __str__(self) -> str:
        if self.period:
            return str(self.period.title)
        return _range_text(self.low, self.high)


class AmountRangeFilter(RangeFilter):
    """Filters by an amount, written in yuan and stored in fen."""

    kind = "amount"
    suffixes = ("min", "max")
    reversed_problem = _("The lowest amount is above the highest one: correct the amounts.")

    def _bounds(self) -> tuple[int | None, int | None]:
        if self.is_active and self.model_admin.amounts_need_dates and not self.has_days:
            self.problem = _("Choose a range of days first: there are too many rows to search.")
            return None, None
        return super()._bounds()

    def _bound(self, suffix: str) -> int | None:
        text = self.given(suffix)
        if not text:
            return None
        try:
            return money.parse_yuan(text.removeprefix("¥").replace(",", "").replace("，", ""))
        except money.InvalidAmount as error:
            self.problem = str(error)
            return None

    def condition(self) -> Q:
        condition = Q()
        if self.low is not None:
            condition &= Q(**{f"{self.field}__gte": self.low})
        if self.high is not None:
            condition &= Q(**{f"{self.field}__lte": self.high})
        # A number of points is no amount in fen.
        return condition & self.model_admin.is_money() if condition else condition

    def __str__(self) -> str:
        low, high = (
            None if bound is None else money.yuan_text(bound) for bound in (self.low, self.high)
        )
        return _range_text(low, high)


def date_filter(field: str) -> type[DateRangeFilter]:
    """Return the filter of a field with a date or a time."""
    return type(f"DateRange_{field}", (DateRangeFilter,), {"field": field})


def amount_filter(field: str) -> type[AmountRangeFilter]:
    """Return the filter of a field with fen."""
    return type(f"AmountRange_{field}", (AmountRangeFilter,), {"field": field})


def has_days(request: HttpRequest, field: str) -> bool:
    """Whether the address has a range of days with both ends for a date."""
    given = request.GET.get
    if given(f"{field}__in") in PERIODS:
        return True
    return bool(given(f"{field}__from") and given(f"{field}__to"))


def is_limited(request: HttpRequest, field: str) -> bool:
    """Whether the address limits a date at one end at least."""
    return any(request.GET.get(f"{field}__{end}") for end in DateRangeFilter.suffixes)


def field_title(model: type[Model], path: str, page: Any = None) -> StrOrPromise:
    """Return the name of a field, or that of the column of this name."""
    column = getattr(page, path, None)
    if title := getattr(column, "short_description", ""):
        return title
    field = _field(model, path)
    return path if field is None else field.verbose_name


def _field(model: type[Model], path: str) -> Any:
    """Return the last field of a path; ``None`` for an annotation."""
    try:
        return get_fields_from_path(model, path)[-1]
    except FieldDoesNotExist:
        return None


def _range_text(low: object, high: object) -> str:
    if low is not None and high is not None:
        return str(low) if low == high else f"{low} – {high}"
    if low is not None:
        return str(_("from %(low)s") % {"low": low})
    return str(_("until %(high)s") % {"high": high})
