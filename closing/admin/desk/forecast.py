"""The page of the cash that the next two weeks need."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from backoffice import charts, office
from closing import liability
from common import clock
from common.money import half_up, yuan_text

NAME = "forecast"
VIEW_PERMISSION = "ledger.view_account"
PER_CENT = 100


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    forecast = liability.forecast(at=clock.now())
    days = forecast.days
    return office.render(
        request,
        "admin/closing/desk/forecast.html",
        title=office_page.title,
        payouts=yuan_text(forecast.payouts),
        tax=yuan_text(forecast.tax),
        at_provider=yuan_text(forecast.at_provider),
        share=half_up(forecast.share * PER_CENT),
        short_on=forecast.short_on.isoformat() if forecast.short_on else "",
        missing=yuan_text(max(0, -min(day.left for day in days))),
        days=[_row(day) for day in days],
        withdrawals_url=f"{reverse('admin:withdrawals_withdrawal_changelist')}?queue=payment",
        review_url=f"{reverse('admin:withdrawals_withdrawal_changelist')}?queue=finance",
        due_url=reverse("admin:commissions_duecredit_changelist"),
        chart=charts.bar_chart(
            _("Cash needed per day, in yuan"),
            [f"{day.day:%m-%d}" for day in days],
            {
                _("open withdrawals"): [day.approved + day.in_review for day in days],
                _("usual new withdrawals"): [day.usual for day in days],
                _("tax"): [day.tax for day in days],
            },
            money=True,
        ),
    )


def _row(day: liability.ForecastDay) -> dict[str, Any]:
    return {
        "day": day.day.isoformat(),
        "is_short": day.left < 0,
        "left": yuan_text(day.left),
        # Empty instead of zero: what is needed stands out.
        **{
            name: yuan_text(getattr(day, name)) if getattr(day, name) else ""
            for name in ("approved", "in_review", "credits", "usual", "tax", "payouts")
        },
    }


office_page = office.register(
    office.OfficePage(
        NAME, "forecast", gettext_lazy("Cash forecast"), VIEW_PERMISSION, page, "event_upcoming"
    )
)
