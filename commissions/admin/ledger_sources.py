"""Show transfers of commissions by the number of their order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext_lazy as _

from commissions.models import Commission
from ledger.sources import SourceLink, register
from orders.models import Refund


def commissions(keys: Sequence[str]) -> Mapping[str, SourceLink]:
    rows = Commission.objects.filter(pk__in=[key for key in keys if key.isdecimal()])
    fields = ("pk", "tier", "line__order__number", "line__order")
    return {
        str(key): SourceLink(
            str(_("order %(number)s, tier %(tier)s") % {"number": number, "tier": tier}),
            "orders.order",
            order,
        )
        for key, tier, number, order in rows.values_list(*fields)
    }


def refunds(keys: Sequence[str]) -> Mapping[str, SourceLink]:
    rows = Refund.objects.filter(public_id__in=keys)
    fields = ("public_id", "number", "line__order__number", "line__order")
    return {
        key: SourceLink(
            str(_("order %(order)s, refund %(refund)s") % {"order": order, "refund": refund}),
            "orders.order",
            pk,
        )
        for key, refund, order, pk in rows.values_list(*fields)
    }


register("commissions.commission", commissions)
register("orders.refund", refunds)
