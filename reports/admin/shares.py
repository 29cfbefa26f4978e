# mypy: allow-subclassing-any, allow-any-generics
"""Figures of shares: most forwarded and least clicked, by product, share, channel and template."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter, RangeDateFilter
from unfold.utils import parse_date_str
from unfold.views import ChangeList

from backoffice import menu
from backoffice.base import NOTHING, LargeTable, ReadOnlyAdmin, column
from common import clock
from common.money import format_yuan
from reports.models import ShareFigures
from reports.periods import LIFE
from reports.share_ranking import names_of, with_sums

Kind = ShareFigures.Kind
MAX_DAYS = 60
FORWARDED, UNCLICKED, VISITED, SOLD = "forwarded", "unclicked", "visited", "sold"
LOOKS: dict[str, tuple[Promise, Any]] = {
    FORWARDED: (_("Most forwarded"), F("sum_shares").desc()),
    UNCLICKED: (_("Least clicked"), F("visits_per_share").asc(nulls_last=True)),
    VISITED: (_("Most visited"), F("sum_visits").desc()),
    SOLD: (_("Most sold"), F("sum_sales").desc()),
}


class KindFilter(DropdownFilter):
    """Shows the rows of one kind, each of the whole life: the sums of days are added to them."""

    title = _("figures of each")
    parameter_name = "kind"
    all_option = None

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(Kind.choices)

    def value(self) -> str:
        return _kind(super().value())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(kind=self.value(), day=LIFE)


class LookFilter(DropdownFilter):
    title = _("order")
    parameter_name = "look"
    all_option = None

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(name, title) for name, (title, _ordering) in LOOKS.items()]

    def value(self) -> str:
        return _look(self.used_parameters.get(self.parameter_name))

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        # What nobody shared in these days was not there to be clicked.
        return queryset.filter(sum_shares__gt=0) if self.value() == UNCLICKED else queryset


class DaysFilter(RangeDateFilter):
    """Adds up the figures of some days."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        first, last = (
            parse_date_str(self.used_parameters.get(f"day_{end}") or "") for end in ("from", "to")
        )
        return with_sums(queryset, first=first, last=last)


class NamedChangeList(ChangeList):
    """A page of figures with the names of what they are of, read for all rows at once."""

    result_list: Any

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        rows = list(self.result_list)
        names = names_of(rows, at=clock.now())
        for row in rows:
            row.name = names[row.kind, row.key]
        self.result_list = rows


def _kind(chosen: Any) -> str:
    return str(chosen if chosen in Kind.values else Kind.PRODUCT)


def _look(chosen: Any) -> str:
    return chosen if chosen in LOOKS else FORWARDED


def _sum_column(description: Any, name: str, show: Any = "{:,}".format) -> Any:
    @column(description, ordering=f"sum_{name}")
    def value(_page: Any, row: Any) -> str:
        return str(show(getattr(row, f"sum_{name}")))

    return value


@admin.register(ShareFigures)
class ShareFiguresAdmin(LargeTable, ReadOnlyAdmin):
    list_display = [
        "name", "shares_made", "seen", "seen_per_share", "joined", "ordered", "converted", "sold",
        "cost",
    ]  # fmt: skip
    list_display_links = ["name"]
    list_filter = [KindFilter, ("day", DaysFilter), LookFilter]
    list_before_template = "admin/reports/share_links.html"
    sortable_by: Any = None
    fields = readonly_fields = [
        "kind", "name", "shares_made", "seen", "joined", "ordered", "converted", "sold", "cost",
        "own", "days",
    ]  # fmt: skip

    shares_made = _sum_column(_("shares"), "shares")
    seen = _sum_column(_("visits"), "visits")
    joined = _sum_column(_("new members"), "new_members")
    ordered = _sum_column(_("orders"), "orders")
    sold = _sum_column(_("sales"), "sales", format_yuan)
    cost = _sum_column(_("commissions"), "commission", format_yuan)
    own = _sum_column(_("commissions of the sharer"), "earned", format_yuan)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ShareFigures]:
        return with_sums(super().get_queryset(request).order_by())

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return NamedChangeList

    def get_ordering(self, request: HttpRequest) -> list[Any]:
        return [LOOKS[_look(request.GET.get(LookFilter.parameter_name))][1]]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        looks = [(name, title) for name, (title, _ordering) in LOOKS.items()]
        chosen_look = _look(request.GET.get(LookFilter.parameter_name))
        chosen_kind = _kind(request.GET.get(KindFilter.parameter_name))
        context = {
            **(extra_context or {}),
            "groups": _links(request, KindFilter.parameter_name, Kind.choices, chosen_kind),
            "looks": _links(request, LookFilter.parameter_name, looks, chosen_look),
        }
        response: HttpResponse = super().changelist_view(request, context)
        return response

    @column(_("figures of"))
    def name(self, row: Any) -> str:
        names = getattr(row, "name", None)
        return names or names_of([row], at=clock.now())[row.kind, row.key]

    @column(_("visits per share"), ordering="visits_per_share")
    def seen_per_share(self, row: Any) -> str:
        return NOTHING if row.visits_per_share is None else f"{row.visits_per_share:,.1f}"

    @column(_("conversion"), ordering="conversion")
    def converted(self, row: Any) -> str:
        return f"{row.conversion:.2%}"

    @column(_("by day"))
    def days(self, row: Any) -> SafeString | str:
        rows = ShareFigures.objects.filter(kind=row.kind, key=row.key, day__gt=LIFE)
        lines = [
            (day.day, day.shares, day.visits, day.new_members, day.orders, format_yuan(day.sales),
             format_yuan(day.commission))
            for day in rows.order_by("-day")[:MAX_DAYS]
        ]  # fmt: skip
        text = _("{}: {} shares, {} visits, {} new members, {} orders, sales {}, commissions {}")
        return format_html_join("", f"<p>{text}</p>", lines) or NOTHING


def _links(
    request: HttpRequest, parameter: str, choices: Sequence[tuple[str, Any]], chosen: str
) -> list[dict[str, Any]]:
    """Return links to the list with each value of a parameter, which keep the filters."""
    given = {name: value for name, value in request.GET.items() if name not in ("o", "p")}
    return [
        {
            "title": title,
            "url": f"?{urlencode({**given, parameter: name})}",
            "variant": "primary" if name == chosen else "default",
            "posts": False,
        }
        for name, title in choices
    ]


menu.register("sharing", (_("Figures of shares"), "leaderboard", "reports.sharefigures"))
