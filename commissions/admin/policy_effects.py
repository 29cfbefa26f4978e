"""Say in numbers which commissions a change of the order policy touches."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Count, Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice.impacts import Effect, register
from backoffice.settings_index import Change, days
from commissions.models import Commission
from common.money import yuan_text
from ledger.chart import Asset


@register("orders.policy.protection_days", order=5)
def later_credits(change: Change, _at: datetime) -> Iterator[Effect]:
    """Say when the commissions of orders that are not received become available."""
    waiting = Commission.objects.filter(
        status=Commission.Status.PENDING, asset=Asset.CASH, current__gt=0
    )
    found = waiting.aggregate(count=Count("pk"), amount=Sum("current"))
    if not found["count"]:
        return
    figure = ngettext("%(count)s commission", "%(count)s commissions", found["count"])
    shift = change.after - change.before
    if shift > 0:
        text = _("of %(amount)s, for orders not received yet, become available %(days)s later.")
    else:
        text = _("of %(amount)s, for orders not received yet, become available %(days)s earlier.")
    yield Effect(
        figure % {"count": f"{found['count']:,}"},
        text % {"amount": yuan_text(found["amount"]), "days": days(abs(shift))},
    )
