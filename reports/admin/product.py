"""What a product sold, on its page."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from backoffice.charts import line_chart
from backoffice.panels import Panel, register
from catalog.models import Product
from common import clock
from common.clock import business_day
from common.money import yuan_text
from reports import sales
from reports.admin.pages import PERMISSION, address
from reports.admin.ranges import last_days
from reports.models import SalesFigures
from reports.rates import percent


def sold(_request: HttpRequest, product: Product) -> dict[str, Any] | None:
    """Return the chart of 90 days; nothing for a product that sold nothing."""
    span = last_days(90, business_day(clock.now()))
    days = sales.by_day(span, SalesFigures.Kind.PRODUCT, str(product.pk))
    whole = sum((row for _day, row in days), sales.Sales())
    if not whole.orders:
        return None
    chart = line_chart(
        _("Sales and commissions"), [f"{day:%m-%d}" for day, _row in days],
        {
            pgettext_lazy("report", "sales"): [row.sales for _day, row in days],
            _("commissions"): [row.commission for _day, row in days],
        },
        money=True,
    )  # fmt: skip
    return {
        "values": {
            "chart": chart,
            "url": address("products", span),
            "figures": [
                (pgettext_lazy("report", "sales"), yuan_text(whole.sales)),
                (_("paid orders"), f"{whole.orders:,}"),
                (_("units sold"), f"{whole.quantity:,}"),
                (_("commissions"), yuan_text(whole.commission)),
                (_("return rate"), percent(whole.return_rate)),
            ],
        }
    }


register(
    Panel(
        "sold", _("Sold in 90 days"), "catalog.product", PERMISSION,
        "admin/reports/product.html", sold, 140,
    )
)  # fmt: skip
