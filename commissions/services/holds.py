"""Holds: a commission that may not be credited yet leaves the queue, so that it blocks nothing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from alarms.kinds import COMMISSION_FAULT
from alarms.services import close_alarm
from commissions.events import COMMISSIONS_RETRIED
from commissions.models import Commission, CommissionHold, DueCredit
from commissions.services.queue import amounts_due, enqueue, record_holds
from common.errors import TwotierError
from common.locks import lock_rows
from distribution.models import Distributor
from events.models import Reference
from events.services import record
from members.models import User
from orders.models import Order

THAW_SIZE = 1_000
FAULTS_HELD = Reference(COMMISSION_FAULT.subject, "fault")


class HoldNotRetryable(TwotierError):
    code = "hold_not_retryable"
    message = _(
        "This commission is no longer held for a fault. Nothing was changed: reload the page."
    )


def hold(
    keys: Iterable[int], *, reason: CommissionHold.Reason, at: datetime, detail: str = ""
) -> None:
    """Take commissions out of the queue and record why; their due rows are locked.

    :param keys: of the commissions
    """
    queued = list(keys)
    record_holds(queued, reason=reason, at=at, detail=detail)
    DueCredit.objects.filter(pk__in=queued).delete()


@transaction.atomic
def release_holds(holds: QuerySet[CommissionHold]) -> int:
    """Delete holds and queue the commissions that have none left.

    A hold whose order is locked stays: the caller may hold locks that come after orders.

    :returns: the number of released holds
    """
    rows = list(holds.values_list("pk", "commission", "commission__line__order"))
    orders = Order.objects.filter(pk__in={order for _, _, order in rows}).order_by("pk")
    unlocked = orders.select_for_update(no_key=True, skip_locked=True)
    free = set(unlocked.values_list("pk", flat=True))
    rows = [row for row in rows if row[2] in free]
    return _delete_holds(
        CommissionHold.objects.filter(pk__in=[row[0] for row in rows]), {row[1] for row in rows}
    )


def release_unfrozen(*, limit: int = THAW_SIZE) -> int:
    """Release freeze holds of distributors who are no longer frozen.

    A freeze itself writes no hold: settlement holds what falls due meanwhile. So freezing and
    unfreezing take no longer with many commissions. A hold whose order is locked waits for the
    next run.

    :returns: the number of released holds; 0 when there is nothing more to do
    """
    held = CommissionHold.objects.filter(reason=CommissionHold.Reason.FROZEN)
    # The wallet of a merged distributor is that of the survivor, who may be frozen.
    thawed = held.exclude(commission__distributor__status=Distributor.Status.FROZEN).exclude(
        commission__distributor__member__merged_into__distributor__status=Distributor.Status.FROZEN
    )
    keys = list(thawed.order_by("pk").values_list("pk", flat=True)[:limit])
    return release_holds(CommissionHold.objects.filter(pk__in=keys)) if keys else 0


@transaction.atomic
def retry(*, commission_hold: CommissionHold, by: User, at: datetime) -> None:
    """Delete a fault hold and queue the commission with its present amount.

    Waits for the order, unlike ``release_holds``: nothing else is locked here.

    :raises HoldNotRetryable: it is held for another reason, or has been released
    """
    order = Order.objects.filter(lines__commissions=commission_hold.commission_id)
    lock_rows(order)
    faults = CommissionHold.objects.filter(
        pk=commission_hold.pk, reason=CommissionHold.Reason.FAULT
    )
    if not _delete_holds(faults, [commission_hold.commission_id]):
        raise HoldNotRetryable(held=commission_hold.pk)
    record(
        COMMISSIONS_RETRIED, commission_hold.commission, at=at, by=by,
        detail=commission_hold.detail,
    )  # fmt: skip
    if not CommissionHold.objects.filter(reason=CommissionHold.Reason.FAULT).exists():
        close_alarm(COMMISSION_FAULT, FAULTS_HELD, at=at)


def _delete_holds(holds: QuerySet[CommissionHold], commissions: Iterable[int]) -> int:
    """Delete holds and queue the commissions that have none left; the orders are locked."""
    deleted, _by_table = holds.delete()
    received = Commission.objects.filter(pk__in=commissions).exclude(
        status=Commission.Status.PENDING
    )
    rows = list(received)
    enqueue(rows, amounts_due(rows))
    return deleted
