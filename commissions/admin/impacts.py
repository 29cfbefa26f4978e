"""Say which commissions a change of a member's upline leaves as they are."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Count, Sum
from django.utils.translation import gettext as _

from backoffice.impacts import Effect, register
from commissions.models import Commission
from common.money import format_yuan
from distribution.models import Binding
from ledger.chart import Asset
from orders.models import Order


@register("distribution.binding.move", "distribution.binding.leave")
def orders_that_stay(row: Binding, at: datetime) -> Iterator[Effect]:
    if count := Order.objects.filter(buyer=row.member_id).count():
        text = _("orders were placed before: their commissions do not change.")
        yield Effect(f"{count:,}", text)
    waiting = Commission.objects.filter(
        line__order__buyer=row.member_id, distributor=row.distributor_id, asset=Asset.CASH,
    ).exclude(status=Commission.Status.CREDITED)  # fmt: skip
    found = waiting.aggregate(count=Count("pk"), amount=Sum("current"))
    if found["count"]:
        text = _("of commission for these orders is still to be credited to %(upline)s.")
        yield Effect(f"¥{format_yuan(found['amount'])}", text % {"upline": row.distributor})
