"""Show two distributors side by side."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from backoffice import office
from backoffice.charts import line_chart
from backoffice.timeline import format_moment
from common import clock
from common.money import yuan_text
from distribution.admin.search import DistributorField
from distribution.models import Distributor
from members.admin.person import person_url
from reports.distributors.comparison import Comparison, Side, compare
from reports.distributors.people import distributor_named
from reports.distributors.team_links import team_url
from reports.rates import percent

PAGE = "compare"
PERMISSION = "distribution.view_distributor"
PAIR = 2
NOTHING = "–"


@dataclass(frozen=True, slots=True)
class Line:
    """A figure of both: how it is read and shown, and whether more of it is better.

    ``better``: 1 if more is better, -1 if less, 0 if neither.
    """

    title: Promise | str
    read: Callable[[Side], int]
    show: Callable[[int], str]
    better: int = 1


COUNT = "{:,}".format
SECTIONS: tuple[tuple[Promise | str, tuple[Line, ...]], ...] = (
    (_("Last 30 days"), (
        Line(_("Orders"), lambda side: side.recent.orders, COUNT),
        Line(_("Sales"), lambda side: side.recent.sales, yuan_text),
        Line(_("Sales of tier 2"), lambda side: side.recent.team_sales, yuan_text),
        Line(_("Commission"), lambda side: side.recent.total_income, yuan_text, 0),
        Line(_("Return rate"), lambda side: side.recent.return_rate, percent, -1),
    )),
    (_("Since ever"), (
        Line(_("Orders"), lambda side: side.life.orders, COUNT),
        Line(_("Sales"), lambda side: side.life.sales, yuan_text),
        Line(_("Sales of tier 2"), lambda side: side.life.team_sales, yuan_text),
        Line(_("Commission"), lambda side: side.life.total_income, yuan_text, 0),
        Line(_("Return rate"), lambda side: side.life.return_rate, percent, -1),
    )),
    (_("Commission now"), (
        Line(_("Pending"), lambda side: side.life.pending, yuan_text, 0),
        Line(_("Protected"), lambda side: side.life.protected, yuan_text, 0),
        Line(_("Credited"), lambda side: side.life.credited, yuan_text, 0),
    )),
    (_("Team"), (
        Line(_("Tier 1"), lambda side: side.team.tier1, COUNT),
        Line(_("Distributors in tier 1"), lambda side: side.team.tier1_distributors, COUNT),
        Line(_("Tier 2"), lambda side: side.team.tier2, COUNT),
    )),
    (_("Shares since ever"), (
        Line(_("Shares"), lambda side: side.shares.life.shares, COUNT, 0),
        Line(_("Visits"), lambda side: side.shares.life.visits, COUNT),
        Line(_("New members"), lambda side: side.shares.life.new_members, COUNT),
        Line(_("Orders by shares"), lambda side: side.shares.life.orders, COUNT),
        Line(_("Conversion"), lambda side: side.shares.life.conversion, percent),
    )),
)  # fmt: skip


class PairForm(forms.Form):
    """Picks the two persons."""

    first = DistributorField(label=_("first distributor"))
    second = DistributorField(label=_("second distributor"))

    def clean_second(self) -> Distributor:
        chosen: Distributor = self.cleaned_data["second"]
        if chosen == self.cleaned_data.get("first"):
            raise forms.ValidationError(_("Choose two different persons."), code="same_person")
        return chosen


def comparison_page(request: HttpRequest) -> HttpResponse:
    """Return two distributors side by side, or the form that picks them."""
    at = clock.now()
    chosen, form = _chosen(request)
    context: dict[str, Any] = {"form": form}
    if chosen:
        context |= _context(compare(*chosen, at=at))
    return office.render(
        request, "admin/reports/comparison.html", title=_("Compare two distributors"), **context
    )


def _chosen(request: HttpRequest) -> tuple[tuple[Distributor, Distributor] | None, PairForm]:
    """Return the two persons: ticked in the ranking, or picked in the form."""
    ticked = [row for text in request.GET.getlist("with") if (row := distributor_named(text))]
    if len(set(ticked)) == PAIR:
        first, second = ticked
        names = {"first": first.public_id, "second": second.public_id}
        return (first, second), PairForm(initial=names)
    given = {"first", "second"} & set(request.GET)
    form = PairForm(request.GET if given else None)
    if not form.is_valid():
        return None, form
    return (form.cleaned_data["first"], form.cleaned_data["second"]), form


def _context(found: Comparison) -> dict[str, Any]:
    first, second = found.sides
    labels = [f"{month:%Y-%m}" for month in found.months]
    names = _names(first, second)
    return {
        "people": [_head(side) for side in found.sides],
        "sections": [
            {"title": title, "lines": [_line(line, first, second) for line in lines]}
            for title, lines in SECTIONS
        ],
        "charts": [
            line_chart(
                _("Sales by month"), labels,
                {name: [month.sales for month in side.months]
                 for name, side in zip(names, found.sides, strict=True)},
                money=True,
            ),
            line_chart(
                _("Commission by month"), labels,
                {name: [month.total_income for month in side.months]
                 for name, side in zip(names, found.sides, strict=True)},
                money=True,
            ),
        ],
    }  # fmt: skip


def _names(first: Side, second: Side) -> tuple[str, str]:
    """Return the nicknames, with the invite codes if both have the same one."""
    names = str(first.distributor), str(second.distributor)
    if names[0] != names[1]:
        return names
    return (
        f"{names[0]} ({first.distributor.code})", f"{names[1]} ({second.distributor.code})"
    )  # fmt: skip


def _head(side: Side) -> dict[str, Any]:
    row = side.distributor
    return {
        "distributor": row,
        "url": person_url(row.member_id),
        "team_url": team_url(row),
        "facts": [
            row.get_status_display(), *filter(None, (row.level, row.segment)),
            _("since %(at)s") % {"at": format_moment(row.since)[:10]},
            _("upline: %(name)s") % {"name": side.upline or NOTHING},
        ],
    }  # fmt: skip


def _line(line: Line, first: Side, second: Side) -> dict[str, Any]:
    values = line.read(first), line.read(second)
    lead = (values[0] - values[1]) * line.better
    most = max(values)
    return {
        "title": line.title,
        "cells": [
            {
                "text": line.show(value),
                "is_better": lead > 0 if place == 0 else lead < 0,
                "meter": max(0, 100 * value // most) if most > 0 else 0,
            }
            for place, value in enumerate(values)
        ],
    }


office.register(
    office.OfficePage(
        PAGE, "compare", _("Compare two distributors"), PERMISSION, comparison_page,
        icon="compare_arrows",
    )
)  # fmt: skip
