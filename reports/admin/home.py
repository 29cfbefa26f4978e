"""Blocks on the home of the back office: the last 30 days as charts, the funnel, the best."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from backoffice import home, menu
from backoffice.charts import line_chart
from common.clock import business_day
from common.money import yuan_text
from reports import funnels, sales
from reports.admin import names
from reports.admin.pages import PERMISSION, address
from reports.admin.ranges import last_days
from reports.admin.visit_reports import STEPS
from reports.funnels import ChannelFunnel
from reports.leaderboard import ranked_rows
from reports.models import SalesFigures
from reports.periods import Period, period_end, period_start
from reports.rates import percent, rate
from reports.spans import DAY, Span

CHARTS, FUNNEL, RANKING = (
    f"admin/reports/home_{name}.html" for name in ("charts", "funnel", "ranking")
)
BEST = 5
FUNNEL_STEPS = ("shares", "visits", "new_members", "orders")
PARTS_OF_VISITS = ("new_members", "orders")
WEEK = 7 * DAY


def sold(_request: HttpRequest, at: datetime) -> dict[str, Any]:
    """Return the chart of sales and commissions of 30 days."""
    span = last_days(30, business_day(at))
    days = sales.by_day(span)
    chart = line_chart(
        gettext_lazy("Sales and commissions"), [f"{day:%m-%d}" for day, _row in days],
        {
            pgettext_lazy("report", "sales"): [row.sales for _day, row in days],
            gettext_lazy("sales of distributors"): [row.promoted_sales for _day, row in days],
        },
        money=True,
    )  # fmt: skip
    whole = sum((row for _day, row in days), sales.Sales())
    return {
        "chart": chart,
        "url": address("sales", span),
        "figures": [
            (str(pgettext_lazy("report", "sales")), yuan_text(whole.sales)),
            (_("paid orders"), f"{whole.orders:,}"),
            (_("share of distributors"), percent(whole.promoted_rate)),
        ],
    }


def earned(_request: HttpRequest, at: datetime) -> dict[str, Any]:
    """Return the chart of commissions by tier and of payouts of 30 days."""
    span = last_days(30, business_day(at))
    days, payouts = sales.by_day(span), sales.paid_out_by_day(span)
    chart = line_chart(
        gettext_lazy("Commissions by tier and payouts"), [f"{day:%m-%d}" for day, _row in days],
        {
            gettext_lazy("commissions of tier 1"): [row.commission1 for _day, row in days],
            gettext_lazy("commissions of tier 2"): [row.commission2 for _day, row in days],
            gettext_lazy("paid out"): [amount for _day, amount in payouts],
        },
        money=True,
    )  # fmt: skip
    return {
        "chart": chart,
        "url": address("sales", span),
        "figures": [
            (_("commissions of tier 1"), yuan_text(sum(row.commission1 for _day, row in days))),
            (_("commissions of tier 2"), yuan_text(sum(row.commission2 for _day, row in days))),
            (_("paid out"), yuan_text(sum(amount for _day, amount in payouts))),
        ],
    }


def funnel(_request: HttpRequest, at: datetime) -> dict[str, Any]:
    """Return the steps from the share to the order, the last two as parts of the visits."""
    span = last_days(30, business_day(at))
    steps = sum(funnels.by_channel(span).values(), ChannelFunnel()).steps()
    widest = max(*(steps[name] for name in FUNNEL_STEPS), 1)
    return {
        "url": address("funnel", span),
        "steps": [
            {
                "title": STEPS[name],
                "number": f"{steps[name]:,}",
                "width": max(2, 100 * steps[name] // widest) if steps[name] else 0,
                "rate": percent(rate(steps[name], steps["visits"]))
                if name in PARTS_OF_VISITS and steps["visits"]
                else "",
            }
            for name in FUNNEL_STEPS
        ],
    }


def best_products(request: HttpRequest, at: datetime) -> dict[str, Any]:
    span = last_days(30, business_day(at))
    rows = sales.by_key(SalesFigures.Kind.PRODUCT, span, limit=BEST)
    known = names.product_names([key for key, _row in rows])
    return _ranking(
        address("products", span),
        [
            (
                known.get(key, key), menu.row_url(request.user, "catalog.product", int(key)),
                row.sales, row.orders,
            )
            for key, row in rows
        ],
    )  # fmt: skip


def best_distributors(request: HttpRequest, at: datetime) -> dict[str, Any]:
    """Return the best of this month, or of the last one until a week of it has passed.

    An index has them in this order: five rows are read, however many distributors there are.
    """
    today = business_day(at)
    month = period_start(Period.MONTH, today - WEEK)
    span = Span(month, min(today, period_end(Period.MONTH, month) - DAY))
    rows = ranked_rows(period=Period.MONTH, day=month, metric="sales")
    found = _ranking(
        address("distributors", span),
        [
            (
                str(row.distributor),
                menu.row_url(request.user, "distribution.distributor", row.distributor_id),
                row.sales, row.orders,
            )
            for row in rows.select_related("distributor__member")[:BEST]
        ],
    )  # fmt: skip
    return {**found, "period": f"{month:%Y-%m}"}


def _ranking(url: str, rows: list[tuple[str, str, int, int]]) -> dict[str, Any]:
    most = max((amount for *_rest, amount, _orders in rows), default=0)
    return {
        "url": url,
        "rows": [
            {
                "place": place, "name": name, "url": row, "sales": yuan_text(amount),
                "orders": f"{orders:,}", "width": max(1, 100 * amount // most) if most > 0 else 0,
            }
            for place, (name, row, amount, orders) in enumerate(rows, start=1)
        ],
    }  # fmt: skip


BLOCKS = (
    ("sold", gettext_lazy("Sales, 30 days"), CHARTS, sold, False),
    ("earned", gettext_lazy("Commissions and payouts, 30 days"), CHARTS, earned, False),
    ("best_products", gettext_lazy("Best products, 30 days"), RANKING, best_products, False),
    (
        "best_distributors", gettext_lazy("Best distributors of the month"), RANKING,
        best_distributors, False,
    ),
    ("funnel", gettext_lazy("From the share to the order, 30 days"), FUNNEL, funnel, True),
)  # fmt: skip
for place, (name, title, template, context, is_wide) in enumerate(BLOCKS):
    home.register_block(home.Block(name, title, PERMISSION, template, context, 20 + place, is_wide))
