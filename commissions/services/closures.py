"""Decide about paid orders that were closed while goods are left: their commissions wait."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from commissions.models import Commission
from common.errors import TwotierError
from common.locks import lock_rows
from common.requirements import require_reason
from distribution.models import Distributor
from events.services import record
from members.models import User
from members.reviews import require_may_review
from orders.events import ORDERS_CHANGED, ORDERS_CLOSURE_DECIDED
from orders.models import ClosureDecision, Order
from orders.services import refund_the_rest


class NoClosureToDecide(TwotierError):
    code = "no_closure_to_decide"
    message = _(
        "Order %(number)s waits for no decision: it is not closed, nothing is left of it, or a"
        " colleague has decided. Nothing was changed: reload the page."
    )


class OwnClosureForbidden(TwotierError):
    code = "own_closure_forbidden"
    message = _("Order %(number)s pays yourself: ask a colleague. Nothing was changed.")
    status = 403


class CommissionsCredited(TwotierError):
    code = "commissions_credited"
    message = _(
        "Commissions of order %(number)s are credited already, so it cannot be treated as refunded"
        " here. Propose an adjustment of the wallets instead. Nothing was changed."
    )


@transaction.atomic
def decide_closed_order(
    *, order: Order, outcome: ClosureDecision.Outcome, reason: str, by: User, at: datetime
) -> None:
    """Credit what is left of a closed order after its protection, or treat it as refunded.

    :raises ReasonRequired: the reason is empty or too long
    :raises ReviewTooEarly: the account of ``by`` has just changed
    :raises NoClosureToDecide: the order does not wait for a decision
    :raises OwnClosureForbidden: a commission of the order is that of ``by``
    :raises CommissionsCredited: it would be treated as refunded, but commissions are credited
    """
    reason = require_reason(reason)
    require_may_review(by.pk)
    lock_rows(Order.objects.filter(pk=order.pk))
    waiting = Order.objects.awaiting_closure_decision().filter(pk=order.pk).first()
    if waiting is None:
        raise NoClosureToDecide(number=order.number)
    commissions = Commission.objects.filter(line__order=waiting)
    own = Distributor.objects.filter(member__isnull=False, member=by.member_id)
    if commissions.filter(distributor__in=own).exists():
        raise OwnClosureForbidden(number=order.number)
    if outcome == ClosureDecision.Outcome.REFUND:
        if commissions.filter(status=Commission.Status.CREDITED).exists():
            raise CommissionsCredited(number=order.number)
        refund_the_rest(waiting, reason=reason, at=at)
    ClosureDecision.objects.create(
        order=waiting, outcome=outcome, reason=reason, decided_by=by, decided_at=at
    )
    record(ORDERS_CLOSURE_DECIDED, waiting, at=at, by=by, outcome=str(outcome), reason=reason)
    # Its commissions follow: they are queued, or reduced to nothing.
    record(ORDERS_CHANGED, waiting, at=at, by=by)
