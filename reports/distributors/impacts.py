"""Say which commissions and sales the buttons of a distributor touch, from folded figures."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice.impacts import Effect, register
from commissions.models import Commission
from common.money import yuan_text
from distribution.models import Binding, Distributor
from ledger.chart import Asset
from reports.models import TeamSize
from reports.queries import outstanding_by_asset, recent_figures

DAYS = 30
DISTRIBUTOR = "distribution.distributor"
SUSPEND, FREEZE, EXIT = (f"{DISTRIBUTOR}.{name}" for name in ("suspend", "freeze", "exit"))


@register(SUSPEND, FREEZE, EXIT, order=30)
def recent_sales(row: Distributor, at: datetime) -> Iterator[Effect]:
    """Yield what the orders sold that would pay this distributor nothing from now on."""
    figures = recent_figures(row, days=DAYS, at=at)
    if figures.orders or figures.team_orders:
        text = _("sold in the last %(days)s days (%(orders)s): such orders no longer pay them.")
        yield Effect(
            yuan_text(figures.sales + figures.team_sales),
            text % {"days": DAYS, "orders": _orders(figures.orders + figures.team_orders)},
        )


@register(FREEZE, order=40)
def commissions_that_wait(row: Distributor, _at: datetime) -> Iterator[Effect]:
    if amount := _outstanding(row):
        yield Effect(
            yuan_text(amount),
            _("of commission is not credited yet, and waits until they are unfrozen."),
        )


@register(SUSPEND, EXIT, order=40)
def commissions_that_go_on(row: Distributor, _at: datetime) -> Iterator[Effect]:
    if amount := _outstanding(row):
        yield Effect(
            yuan_text(amount),
            _("of commission is not credited yet, and is still credited when it is due."),
        )


@register(EXIT, order=20)
def second_tier(row: Distributor, _at: datetime) -> Iterator[Effect]:
    size = TeamSize.objects.filter(distributor=row).first()
    if size and size.tier2:
        figure = ngettext("%(count)s member", "%(count)s members", size.tier2)
        text = _("of tier 2: out of this team, and still with their own upline.")
        yield Effect(figure % {"count": f"{size.tier2:,}"}, text)


@register("distribution.binding.move", "distribution.binding.leave", order=30)
def sales_that_move(row: Binding, at: datetime) -> Iterator[Effect]:
    own = Distributor.objects.filter(member=row.member_id).first()
    if own is None:
        return
    figures = recent_figures(own, days=DAYS, at=at)
    if figures.orders:
        text = _(
            "sold by this member in the last %(days)s days: tier 2 of such orders leaves"
            " %(upline)s."
        )
        yield Effect(yuan_text(figures.sales), text % {"days": DAYS, "upline": row.distributor})


def _orders(count: int) -> str:
    return ngettext("%(count)s order", "%(count)s orders", count) % {"count": f"{count:,}"}


def _outstanding(row: Distributor) -> int:
    amounts = outstanding_by_asset(row.member)
    status = Commission.Status
    return sum(amounts[Asset.CASH, state] for state in (status.PENDING, status.PROTECTED))
