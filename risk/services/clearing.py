"""Find nothing wrong: release all holds of a case and close it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from common.locks import lock_rows
from common.requirements import require_reason
from members.models import User
from orders.models import Order
from risk.models import Case
from risk.services.cases import CaseClosed, close
from risk.services.holds import ORDER, release_locked


@transaction.atomic
def clear_case(*, case: Case, by: User, at: datetime, reason: str) -> int:
    """Release the open holds of a case and close it, with one reason for both.

    :returns: the number of released holds
    :raises ReasonRequired: the reason is empty or too long
    :raises SelfReleaseForbidden: a hold concerns ``by``
    :raises CaseClosed: the case is closed
    """
    reason = require_reason(reason)
    # Orders before the case, as a screening locks them; with the case no new hold comes.
    orders = case.holds.filter(subject_kind=ORDER, released_at=None).values("subject_id")
    lock_rows(Order.objects.filter(public_id__in=orders))
    if not lock_rows(Case.objects.filter(pk=case.pk, status=Case.Status.OPEN)):
        raise CaseClosed(case=case.public_id)
    holds = list(case.holds.filter(released_at=None).order_by("pk"))
    for hold in holds:
        release_locked(hold, by=by, at=at, reason=reason)
    close(case=case, by=by, at=at, reason=reason)
    return len(holds)
