"""Say which commissions a change of a member's upline leaves as they are."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Count, Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice.impacts import Effect, register
from commissions.models import Commission
from common.money import yuan_text
from distribution.models import Binding
from ledger.chart import Asset
from orders.models import Order

YEAR = timedelta(days=365)


@register("distribution.binding.move", "distribution.binding.leave", order=10)
def orders_that_stay(row: Binding, _at: datetime) -> Iterator[Effect]:
    if count := Order.objects.filter(buyer=row.member_id).count():
        figure = ngettext("%(count)s order", "%(count)s orders", count)
        text = _("placed before: nothing changes for their commissions.")
        yield Effect(figure % {"count": f"{count:,}"}, text)
    waiting = Commission.objects.filter(
        line__order__buyer=row.member_id, distributor=row.distributor_id, asset=Asset.CASH,
    ).exclude(status=Commission.Status.CREDITED)  # fmt: skip
    found = waiting.aggregate(count=Count("pk"), amount=Sum("current"))
    if found["count"]:
        text = _("of commission for these orders is still to be credited to %(upline)s.")
        yield Effect(yuan_text(found["amount"]), text % {"upline": row.distributor})


@register("distribution.binding.extend", order=20)
def what_a_year_paid(row: Binding, at: datetime) -> Iterator[Effect]:
    """Say what the upline has earned by this buyer, as a measure of what goes on."""
    orders = Order.objects.filter(
        buyer=row.member_id, placed_at__gte=at - YEAR, paid_at__isnull=False
    )
    if count := orders.count():
        figure = ngettext("%(count)s order", "%(count)s orders", count)
        text = _("in the last 365 days. Orders placed until the new expiry pay %(upline)s.")
        yield Effect(figure % {"count": f"{count:,}"}, text % {"upline": row.distributor})
    earned = Commission.objects.filter(
        line__order__in=orders, distributor=row.distributor_id, asset=Asset.CASH
    ).aggregate(sum=Sum("current"))["sum"]
    if earned:
        text = _("of commission for these orders goes to %(upline)s.")
        yield Effect(yuan_text(earned), text % {"upline": row.distributor})
