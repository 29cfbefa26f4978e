"""The reports of the back office, in the order of their tabs."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from reports.admin import sales_reports, visit_reports
from reports.admin.tables import Report

REPORTS = {
    report.name: report
    for report in (
        Report(
            "sales", _("Sales and commissions"),
            _(
                "What was sold on each day, which part of it distributors brought, and what that"
                " cost."
            ),
            sales_reports.daily,
        ),
        Report(
            "distributors", _("By distributor"),
            _("What each distributor and their team sold and earned."),
            sales_reports.distributors,
        ),
        Report(
            "products", _("By product"), _("What each product sold and paid in commissions."),
            sales_reports.products,
        ),
        Report(
            "categories", _("By category"), _("The same along the tree of categories."),
            sales_reports.categories,
        ),
        Report(
            "provinces", _("By province"),
            _("Where the orders went: the order's region, otherwise the buyer's province then."),
            sales_reports.provinces,
        ),
        Report(
            "channels", _("By channel"),
            _("By which channel of a share the orders came."), sales_reports.channels,
        ),
        Report(
            "returns", _("Returns"),
            _("Which part of the sales was refunded, and for which goods."), sales_reports.returns,
        ),
        Report(
            "funnel", _("Funnel"), _("From the share over the visit to the order."),
            visit_reports.funnel,
        ),
        Report(
            "visits", _("Where visits end"), _("On which pages visitors leave the shop."),
            visit_reports.visits,
        ),
        Report(
            "retention", _("Retention"), _("Whether buyers whom distributors brought buy again."),
            visit_reports.retention,
            usual="12 months",
        ),
    )
}  # fmt: skip
