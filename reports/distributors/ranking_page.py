"""Show the ranking of distributors: period, figure, level, export, and two of them to compare."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from backoffice import export_tables, menu, office
from backoffice.export_tables import Table, TableSource
from backoffice.sheets import Cell, Yuan
from backoffice.table_exports import export_buttons, send_table
from common import clock
from distribution.models import Level
from members.admin.person import person_url
from reports.distributors.ranking import Standing, day_before, standings
from reports.distributors.team_links import team_url
from reports.leaderboard import MAX_RANK, METRICS
from reports.periods import Period, period_end, period_start
from reports.rates import percent

PAGE, LABEL = "ranking", "reports.periodfigures"
PERMISSION = "distribution.view_distributor"
EARLIEST = date(2000, 1, 1)
MAX_DIGITS = 9
"""Of the key of a level."""
PERIODS = {
    Period.DAY: gettext_lazy("Day"),
    Period.WEEK: gettext_lazy("Week"),
    Period.MONTH: gettext_lazy("Month"),
    Period.ALL: gettext_lazy("Since ever"),
}
METRIC_TITLES = {
    "sales": gettext_lazy("Sales"),
    "orders": gettext_lazy("Orders"),
    "commission": gettext_lazy("Commission"),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person asks to see; what makes no sense becomes the default."""

    period: str
    day: date
    metric: str
    level: int | None

    @classmethod
    def of(cls, given: QueryDict, *, today: date) -> Asked:
        period, metric, level = (str(given.get(name, "")) for name in ("period", "metric", "level"))
        try:
            day = date.fromisoformat(str(given.get("day", "")))
        except ValueError:
            day = today
        return cls(
            period=period if period in Period.values else Period.MONTH,
            day=min(max(day, EARLIEST), today),
            metric=metric if metric in METRICS else "sales",
            level=int(level) if level.isdecimal() and len(level) <= MAX_DIGITS else None,
        )

    def url(self, **changes: Any) -> str:
        values = {
            "period": self.period, "day": self.day, "metric": self.metric,
            "level": self.level or "", **changes,
        }  # fmt: skip
        kept = {name: value for name, value in values.items() if value != ""}
        return f"{office.url(PAGE)}?{urlencode(kept)}"


def ranking_page(request: HttpRequest) -> HttpResponse:
    """Return the ranking that the address names; a POST exports its first 1,000 places."""
    at = clock.now()
    today = clock.business_day(at)
    asked = Asked.of(request.GET, today=today)
    if request.method == "POST":
        query = QueryDict(asked.url().partition("?")[2])
        table = open_stored(query)
        return send_table(
            request, table, label=LABEL, query=query.urlencode(), count=MAX_RANK, at=at
        )
    rows = standings(period=asked.period, day=asked.day, metric=asked.metric, level=asked.level)
    return office.render(
        request,
        "admin/reports/ranking.html",
        title=_("Ranking of distributors"),
        asked=asked,
        period_name=describe_period(asked.period, asked.day),
        earlier_url=asked.url(day=day_before(asked.period, asked.day)),
        later_url=_later(asked, today),
        is_life=asked.period == Period.ALL,
        today=today,
        periods=_choices(asked, "period", PERIODS.items(), asked.period),
        metrics=_choices(asked, "metric", METRIC_TITLES.items(), asked.metric),
        levels=_choices(asked, "level", _levels(), asked.level or ""),
        rows=[_row(row, rows[0].value) for row in rows],
        files=export_buttons(request, asked.url()),
        compare_url=office.url("compare"),
    )


def open_stored(query: QueryDict) -> Table:
    """Return a ranking as a table, for a file."""
    asked = Asked.of(query, today=clock.business_day(clock.now()))
    rows = standings(
        period=asked.period, day=asked.day, metric=asked.metric, level=asked.level,
        size=MAX_RANK,
    )  # fmt: skip
    title = f"{_('Ranking')} {describe_period(asked.period, asked.day)}"
    return Table(title, _titles(), [_cells(row) for row in rows])


def describe_period(period: str, day: date) -> str:
    """Return the period that a day is in: ``2026-11``, ``2026-11-23 – 2026-11-29``."""
    if period == Period.ALL:
        return str(PERIODS[Period.ALL])
    start = period_start(period, day)
    if period == Period.MONTH:
        return f"{start:%Y-%m}"
    if period == Period.DAY:
        return f"{start}"
    return f"{start} – {period_end(period, day) - timedelta(days=1)}"


def _later(asked: Asked, today: date) -> str:
    if asked.period == Period.ALL:
        return ""
    later = period_end(asked.period, asked.day)
    return asked.url(day=later) if later <= today else ""


def _levels() -> list[tuple[Any, Any]]:
    return [("", _("All levels")), *Level.objects.values_list("pk", "name")]


def _choices(asked: Asked, name: str, choices: Any, chosen: Any) -> Sequence[dict[str, Any]]:
    return [
        {"title": title, "url": asked.url(**{name: value}), "chosen": value == chosen}
        for value, title in choices
    ]


def _row(row: Standing, best: int) -> dict[str, Any]:
    return {
        "standing": row,
        "url": person_url(row.distributor.member_id),
        "team_url": team_url(row.distributor),
        "meter": 100 * row.value // best if best > 0 else 0,
        "down": -row.climbed if row.climbed < 0 else 0,
        "return_rate": percent(row.return_rate),
    }


def _titles() -> list[str]:
    return [
        pgettext("ranking", "rank"), _("rank before"), _("distributor"), _("invite code"),
        _("level"), _("orders"), pgettext("report", "sales"), _("orders of tier 2"),
        _("sales of tier 2"), _("commission"), _("refunded sales"), _("return rate"),
    ]  # fmt: skip


def _cells(row: Standing) -> list[Cell]:
    figures = row.figures
    return [
        row.rank, row.before, str(row.distributor), row.distributor.code,
        str(row.distributor.level or ""), figures.orders, Yuan(figures.sales), figures.team_orders,
        Yuan(figures.team_sales), Yuan(figures.total_income), Yuan(figures.returned),
        percent(row.return_rate),
    ]  # fmt: skip


office.register(
    office.OfficePage(
        PAGE, "ranking", gettext_lazy("Ranking of distributors"), PERMISSION, ranking_page,
        icon="leaderboard",
    )
)  # fmt: skip
export_tables.register(TableSource(LABEL, gettext_lazy("Ranking"), open_stored))
menu.register_link(
    "people",
    menu.Link(gettext_lazy("Teams"), "account_tree", "office:team", order=60),
    menu.Link(gettext_lazy("Ranking"), "leaderboard", f"office:{PAGE}", order=61),
    menu.Link(gettext_lazy("Compare two"), "compare_arrows", "office:compare", order=62),
)
