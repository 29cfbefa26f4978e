"""A hold ends because a person says so, and why."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from commissions.models import CommissionHold
from commissions.services import release_holds
from common.errors import TwotierError
from common.requirements import require_reason
from events.services import record
from members.models import User
from orders.models import Order
from risk.events import RISK_RELEASED
from risk.models import Hold

ORDER = Order._meta.label_lower


class AlreadyReleased(TwotierError):
    code = "already_released"
    message = _("Somebody has released it already. Nothing was changed: look again.")


class SelfReleaseForbidden(TwotierError):
    code = "self_release_forbidden"
    message = _("This is about yourself: somebody else has to decide. Nothing was changed.")
    status = 403


@transaction.atomic
def release(*, hold: Hold, by: User, at: datetime, reason: str) -> None:
    """End a hold. What it kept back goes on, unless something else holds it too.

    The commissions of an order go back into the queue, or will when the order is received.

    :raises NotYours: it is about whoever releases it
    :raises ReasonNeeded: without a reason
    :raises AlreadyReleased: somebody was faster
    """
    if by.member_id is not None and by.member_id == hold.member_id:
        raise SelfReleaseForbidden(hold=hold.public_id)
    reason = require_reason(reason)
    of_order = Order.objects.filter(public_id=hold.subject_id)
    if hold.subject_kind == ORDER:
        # First, as everybody does: whoever changes the order comes before or after.
        list(of_order.select_for_update(no_key=True).values_list("pk"))
    changes = {"released_at": at, "released_by": by, "release_reason": reason}
    if Hold.objects.filter(pk=hold.pk, released_at=None).update(**changes) != 1:
        raise AlreadyReleased(hold=hold.public_id)
    for field, value in changes.items():
        setattr(hold, field, value)
    if hold.subject_kind == ORDER and not _still_held(hold):
        release_holds(
            CommissionHold.objects.filter(
                reason=CommissionHold.Reason.RISK,
                commission__line__order__in=of_order,
                commission__distributor__member=hold.member_id,
            )
        )
    record(RISK_RELEASED, hold, at=at, by=by, rule=hold.rule, reason=reason)


def _still_held(hold: Hold) -> bool:
    same = Hold.objects.filter(
        subject_kind=hold.subject_kind, subject_id=hold.subject_id, member=hold.member_id
    )
    return same.filter(released_at=None).exists()
