"""What may not be credited yet stands beside the queue, with its reason, and never blocks it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from commissions.events import COMMISSIONS_RETRIED
from commissions.models import Commission, CommissionHold, DueCredit
from commissions.services.queue import enqueue, record_holds
from common.errors import TwotierError
from distribution.models import Distributor
from events.services import record
from members.models import User
from orders.models import Order


class HoldNotRetryable(TwotierError):
    code = "hold_not_retryable"
    message = _("It is not held for a fault any more. Nothing was changed: look again.")


@transaction.atomic
def sync_freeze_holds(distributors: Iterable[Distributor], *, at: datetime) -> None:
    """Follow a change of distributors' status: what is due to a frozen one waits until it is not.

    What falls due meanwhile is set aside by ``settlement``. Nothing is taken away.
    """
    keys = sorted(distributor.pk for distributor in distributors)
    frozen = Distributor.objects.filter(pk__in=keys, status=Distributor.Status.FROZEN)
    due = DueCredit.objects.filter(commission__distributor__in=frozen).order_by("pk")
    waiting = list(due.select_for_update(of=("self",)).values_list("pk", flat=True))
    hold(waiting, reason=CommissionHold.Reason.FROZEN, at=at)
    release_holds(
        CommissionHold.objects.filter(
            reason=CommissionHold.Reason.FROZEN, commission__distributor__in=keys
        ).exclude(commission__distributor__in=frozen)
    )


def hold(
    keys: Iterable[int], *, reason: CommissionHold.Reason, at: datetime, detail: str = ""
) -> None:
    """Take commissions out of the queue, whose rows there are locked, and say why.

    :param keys: of the commissions
    """
    waiting = list(keys)
    record_holds(waiting, reason=reason, at=at, detail=detail)
    DueCredit.objects.filter(pk__in=waiting).delete()


@transaction.atomic
def release_holds(held: QuerySet[CommissionHold]) -> None:
    """End reasons for holding; what no other reason holds goes back into the queue.

    Where an order is changing at this moment the reason stays until ``release_unfrozen`` comes by:
    waiting for the order here, with a distributor's row locked, could end in a deadlock.
    """
    rows = list(held.values_list("pk", "commission", "commission__line__order"))
    orders = Order.objects.filter(pk__in={row[2] for row in rows}).order_by("pk")
    free = set(orders.select_for_update(no_key=True, skip_locked=True).values_list("pk", flat=True))
    rows = [row for row in rows if row[2] in free]
    _delete_holds(
        CommissionHold.objects.filter(pk__in=[row[0] for row in rows]), {row[1] for row in rows}
    )


def release_unfrozen() -> None:
    """Lift what belongs to distributors who are frozen no more, and was left behind."""
    release_holds(
        CommissionHold.objects.filter(reason=CommissionHold.Reason.FROZEN).exclude(
            commission__distributor__status=Distributor.Status.FROZEN
        )
    )


@transaction.atomic
def retry(*, held: CommissionHold, by: User, at: datetime) -> None:
    """End a fault: what could not be credited goes back into the queue, as it is by then.

    While the order is changing this waits; nothing else is locked here, unlike in ``release_holds``.

    :raises NotAFault: it is held for another reason, or somebody was faster
    """
    order = Order.objects.filter(lines__commissions=held.commission_id)
    list(order.select_for_update(no_key=True, of=("self",)).values_list("pk"))
    fault = CommissionHold.objects.filter(pk=held.pk, reason=CommissionHold.Reason.FAULT)
    if not _delete_holds(fault, [held.commission_id]):
        raise HoldNotRetryable(held=held.pk)
    record(COMMISSIONS_RETRIED, held.commission, at=at, by=by, detail=held.detail)


def _delete_holds(held: QuerySet[CommissionHold], commissions: Iterable[int]) -> int:
    """Delete reasons, and queue what has none left; the orders are locked."""
    gone, _by_table = held.delete()
    enqueue(Commission.objects.filter(pk__in=commissions, status=Commission.Status.PROTECTED))
    return gone
