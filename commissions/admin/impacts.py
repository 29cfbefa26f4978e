"""Say which commissions a change of a member's upline leaves as they are."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Count, Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice.impacts import Effect, register
from commissions.models import Commission
from common.money import yuan_text
from distribution.models import Binding
from ledger.chart import Asset
from orders.models import Order


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
