"""The lists that a mall reads for its accounting, each with the rows that a page shows."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from commissions.models import Commission
from distribution.models import Distributor
from withdrawals.models import Withdrawal


def distributors(*, status: str = "") -> QuerySet[Distributor]:
    rows = Distributor.objects.select_related("member", "level", "segment")
    return rows.filter(status=status) if status else rows


def commissions(
    *,
    status: str = "",
    distributor: str = "",
    order_no: str = "",
    accrued_after: datetime | None = None,
) -> QuerySet[Commission]:
    """Return commissions with order, distributor and settlement.

    :param status: also ``void``: nothing is left; the others mean those with something left
    :param distributor: the invite code
    """
    rows = Commission.objects.select_related("line__order", "distributor", "settlement")
    if status == Commission.VOID:
        rows = rows.filter(current=0)
    elif status:
        rows = rows.filter(status=status, current__gt=0)
    if distributor:
        rows = rows.filter(distributor__code=distributor)
    if order_no:
        rows = rows.filter(line__order__number=order_no)
    if accrued_after:
        rows = rows.filter(accrued_at__gt=accrued_after)
    return rows


def withdrawals(*, status: str = "") -> QuerySet[Withdrawal]:
    rows = Withdrawal.objects.select_related("payee")
    return rows.filter(status=status) if status else rows
