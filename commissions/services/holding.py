"""What may not be credited yet stands beside the queue, with its reason, and never blocks it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from commissions.models import Commission, Due, Held
from commissions.services.queue import enqueue
from distribution.models import Distributor
from orders.models import Order

LONGEST_DETAIL = 500


@transaction.atomic
def hold_or_lift(distributors: Iterable[Distributor], *, at: datetime) -> None:
    """Follow a change of distributors' status: what is due to a frozen one waits until it is not.

    What falls due meanwhile is set aside by ``settlement``. Nothing is taken away.
    """
    keys = sorted(distributor.pk for distributor in distributors)
    frozen = Distributor.objects.filter(pk__in=keys, status=Distributor.Status.FROZEN)
    due = Due.objects.filter(commission__distributor__in=frozen).order_by("pk")
    waiting = list(due.select_for_update(of=("self",)).values_list("pk", flat=True))
    hold(waiting, reason=Held.Reason.FROZEN, at=at)
    lift(
        Held.objects.filter(reason=Held.Reason.FROZEN, commission__distributor__in=keys).exclude(
            commission__distributor__in=frozen
        )
    )


def hold(keys: Iterable[int], *, reason: Held.Reason, at: datetime, detail: str = "") -> None:
    """Take commissions out of the queue, whose rows there are locked, and say why.

    :param keys: of the commissions
    """
    waiting = sorted(keys)
    Held.objects.bulk_create(
        (
            Held(commission_id=key, reason=reason, detail=detail[:LONGEST_DETAIL], since=at)
            for key in waiting
        ),
        ignore_conflicts=True,
    )
    Due.objects.filter(pk__in=waiting).delete()


@transaction.atomic
def lift(held: QuerySet[Held]) -> None:
    """End reasons for holding; what no other reason holds goes back into the queue.

    Commissions whose order changes at this moment wait for each other by the orders' rows.
    """
    rows = list(held.values_list("pk", "commission"))
    keys = [commission for _, commission in rows]
    orders = Order.objects.filter(lines__commissions__in=keys).order_by("pk")
    list(orders.select_for_update(no_key=True, of=("self",)).values_list("pk"))
    Held.objects.filter(pk__in=[pk for pk, _ in rows]).delete()
    enqueue(Commission.objects.filter(pk__in=keys, status=Commission.Status.PROTECTED))
