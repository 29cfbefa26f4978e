"""Release a hold, by a person with a reason."""

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
from risk.models import Hold, with_subject_in

ORDER = Order._meta.label_lower


class AlreadyReleased(TwotierError):
    code = "already_released"
    message = _("This hold is already released. Nothing was changed: reload the page.")


class SelfReleaseForbidden(TwotierError):
    code = "self_release_forbidden"
    message = _("This hold concerns yourself: ask a colleague. Nothing was changed.")
    status = 403


@transaction.atomic
def release(*, hold: Hold, by: User, at: datetime, reason: str) -> None:
    """Release a hold. Its subject continues unless another hold remains.

    The commissions of an order return to the queue, now or when the order is received.

    :raises SelfReleaseForbidden: the hold concerns ``by``
    :raises ReasonRequired: the reason is empty or too long
    :raises AlreadyReleased: the hold is already released
    """
    if by.member_id is not None and by.member_id == hold.member_id:
        raise SelfReleaseForbidden(hold=hold.public_id)
    reason = require_reason(reason)
    orders = Order.objects.filter(public_id=hold.subject_id)
    if hold.subject_kind == ORDER:
        # Lock the order first, as every other change of it does.
        list(orders.select_for_update(no_key=True).values_list("pk"))
    changes = {"released_at": at, "released_by": by, "release_reason": reason}
    if Hold.objects.filter(pk=hold.pk, released_at=None).update(**changes) != 1:
        raise AlreadyReleased(hold=hold.public_id)
    for field, value in changes.items():
        setattr(hold, field, value)
    others = Hold.objects.filter(with_subject_in([hold.subject]), member=hold.member_id)
    if hold.subject_kind == ORDER and not others.filter(released_at=None).exists():
        release_holds(
            CommissionHold.objects.filter(
                reason=CommissionHold.Reason.RISK,
                commission__line__order__in=orders,
                commission__distributor__member=hold.member_id,
            )
        )
    record(RISK_RELEASED, hold, at=at, by=by, rule=hold.rule, reason=reason)
