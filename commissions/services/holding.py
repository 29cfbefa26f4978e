"""What may not be credited yet stands beside the queue, with its reason, and never blocks it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from commissions.models import Commission, Due, Held
from commissions.services.queue import enqueue, note_held
from distribution.models import Distributor
from orders.models import Order


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
    waiting = list(keys)
    note_held(waiting, reason=reason, at=at, detail=detail)
    Due.objects.filter(pk__in=waiting).delete()


@transaction.atomic
def lift(held: QuerySet[Held]) -> None:
    """End reasons for holding; what no other reason holds goes back into the queue.

    Where an order is changing at this moment the reason stays until ``lift_thawed`` comes by:
    waiting for the order here, with a distributor's row locked, could end in a deadlock.
    """
    rows = list(held.values_list("pk", "commission", "commission__line__order"))
    orders = Order.objects.filter(pk__in={order for _, _, order in rows}).order_by("pk")
    free = set(orders.select_for_update(no_key=True, skip_locked=True).values_list("pk", flat=True))
    rows = [row for row in rows if row[2] in free]
    Held.objects.filter(pk__in=[pk for pk, _, _ in rows]).delete()
    enqueue(
        Commission.objects.filter(
            pk__in={commission for _, commission, _ in rows}, status=Commission.Status.PROTECTED
        )
    )


def lift_thawed() -> None:
    """Lift what belongs to distributors who are frozen no more, and was left behind."""
    lift(
        Held.objects.filter(reason=Held.Reason.FROZEN).exclude(
            commission__distributor__status=Distributor.Status.FROZEN
        )
    )
