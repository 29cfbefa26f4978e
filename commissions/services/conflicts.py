"""Decide about conflicts: refused reports of orders, for which their commissions are held."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from commissions.events import (
    COMMISSIONS_CONFLICT_ACCEPTANCE_PROPOSED,
    COMMISSIONS_CONFLICT_ACCEPTANCE_REFUSED,
)
from commissions.models import Commission, ConflictAcceptance
from common import status
from common.errors import TwotierError
from common.locks import lock_rows
from common.requirements import require_permission, require_reason, require_two_people
from events.services import record
from members.models import Member, User
from members.reviews import require_may_review
from orders.events import ORDERS_CHANGED, ORDERS_CONFLICT_DECIDED
from orders.models import Order, OrderConflict
from orders.services import Correction, amend_time, book_correction, find_correction

PERMISSION = "orders.decide_orderconflict"
Status = OrderConflict.Status


class ConflictNotOpen(TwotierError):
    code = "conflict_not_open"
    message = _(
        "The conflict about %(field)s of order %(number)s is no longer open. Nothing was changed:"
        " reload the page."
    )


class OwnConflictForbidden(TwotierError):
    code = "own_conflict_forbidden"
    message = _(
        "Order %(number)s is your own or pays yourself: ask a colleague. Nothing was changed."
    )
    status = 403


class ConflictNotAcceptable(TwotierError):
    code = "conflict_not_acceptable"
    message = _(
        "The given %(field)s of order %(number)s cannot be accepted, only dismissed. Accepting"
        " corrects plausible times, and less money or quantity of a known order; not its buyer,"
        " placement or goods, and never to more money. Nothing was changed."
    )


class TimesFinal(TwotierError):
    code = "order_times_final"
    message = _(
        "Order %(number)s is completed or its commissions are credited, so its times are final."
        " Dismiss the conflict about %(field)s. Nothing was changed."
    )


@transaction.atomic
def dismiss_conflicts(
    *, conflicts: Sequence[OrderConflict], reason: str, by: User, at: datetime
) -> None:
    """Let what is known stand: all of them or none. The same value opens no conflict again.

    Open proposals to accept them are refused.

    :raises PermissionMissing, ReviewTooEarly, ReasonRequired: nothing was changed
    :raises ConflictNotOpen: one of them is decided, or its source has reported the known value
    :raises OwnConflictForbidden: ``by`` bought one of the orders, or earns on it
    """
    rows, reason = _lock(conflicts, reason=reason, by=by)
    proposals = ConflictAcceptance.objects.filter(
        conflict__in=rows, status=ConflictAcceptance.Status.PROPOSED
    )
    for proposal in proposals.order_by("pk"):
        _refuse(proposal, by=by, at=at)
    _end(rows, Status.DISMISSED, reason=reason, by=by, at=at)


@transaction.atomic
def accept_conflicts(
    *, conflicts: Sequence[OrderConflict], reason: str, by: User, at: datetime
) -> list[ConflictAcceptance]:
    """Accept what was given: all of them or none.

    A time is corrected while nothing is credited. Less money or quantity is booked as a refund;
    once commissions are credited, a second person must agree, and the conflict stays open until
    then.

    :returns: the proposals for those that a second person must agree to
    :raises PermissionMissing, ReasonRequired, ConflictNotOpen, OwnConflictForbidden: as for
        ``dismiss_conflicts``
    :raises ConflictNotAcceptable: one of them is about something else, or about more money
    :raises TimesFinal: it is about a time of an order that is completed or credited
    """
    rows, reason = _lock(conflicts, reason=reason, by=by)
    proposals = []
    for row in rows:
        if row.field in Order.EVENT_TIMES:
            _accept_time(row, at=at)
        else:
            correction = _require_correction(row)
            if _is_credited(row):
                proposals.append(_propose(row, reason=reason, by=by, at=at))
                continue
            book_correction(row, correction, reason=reason, at=at)
        # One by one: a later correction of the same line builds on the earlier ones.
        _end([row], Status.ACCEPTED, reason=reason, by=by, at=at)
    return proposals


@transaction.atomic
def agree_to_acceptance(*, acceptance: ConflictAcceptance, by: User, at: datetime) -> None:
    """Accept a conflict as another person proposed; what was credited too much is taken back.

    :raises SelfApprovalForbidden: ``by`` proposed it
    :raises WrongStatus: the proposal is decided already
    :raises PermissionMissing, ConflictNotOpen, OwnConflictForbidden, ConflictNotAcceptable:
        nothing was changed
    """
    (row,), reason = _lock([acceptance.conflict], reason=acceptance.reason, by=by)
    _decide(acceptance, ConflictAcceptance.Status.AGREED, by=by, at=at)
    book_correction(row, _require_correction(row), reason=reason, at=at)
    _end([row], Status.ACCEPTED, reason=reason, by=by, at=at)


@transaction.atomic
def refuse_acceptance(*, acceptance: ConflictAcceptance, by: User, at: datetime) -> None:
    """Refuse a proposal, or withdraw one's own; the conflict stays open.

    :raises PermissionMissing, ReviewTooEarly, WrongStatus: nothing was changed
    """
    require_permission(by, PERMISSION)
    require_may_review(by.pk)
    _refuse(acceptance, by=by, at=at)


def _lock(
    conflicts: Sequence[OrderConflict], *, reason: str, by: User
) -> tuple[list[OrderConflict], str]:
    """Lock the orders and their conflicts, and check that ``by`` may decide about them now."""
    require_permission(by, PERMISSION)
    require_may_review(by.pk)
    reason = require_reason(reason)
    keys = [conflict.pk for conflict in conflicts]
    lock_rows(Order.objects.filter(conflicts__in=keys))
    lock_rows(OrderConflict.objects.filter(pk__in=keys))
    rows = list(OrderConflict.objects.filter(pk__in=keys).select_related("order").order_by("pk"))
    for row in rows:
        if row.status != Status.OPEN:
            raise ConflictNotOpen(number=row.number, field=row.field)
    _forbid_own(rows, by)
    return rows, reason


def _forbid_own(rows: Sequence[OrderConflict], by: User) -> None:
    if by.member_id is None:
        return
    persons = list(Member.objects.of_person(by.member_id).values_list("pk", flat=True))
    own = Order.objects.filter(pk__in=[row.order_id for row in rows]).filter(
        Q(buyer__in=persons)
        | Q(attribution__tier1__member__in=persons)
        | Q(attribution__tier2__member__in=persons)
    )
    if order := own.order_by("pk").first():
        raise OwnConflictForbidden(number=order.number)


def _accept_time(row: OrderConflict, *, at: datetime) -> None:
    if row.order is None:
        raise ConflictNotAcceptable(number=row.number, field=row.field)
    # As an earlier conflict of the same call has left it.
    row.order.refresh_from_db()
    if row.order.completed_at or _is_credited(row):
        raise TimesFinal(number=row.number, field=row.field)
    if not amend_time(row, at=at):
        raise ConflictNotAcceptable(number=row.number, field=row.field)


def _require_correction(row: OrderConflict) -> Correction:
    correction = find_correction(row)
    if correction is None or not correction.is_less:
        raise ConflictNotAcceptable(number=row.number, field=row.field)
    return correction


def _is_credited(row: OrderConflict) -> bool:
    credited = Commission.objects.filter(status=Commission.Status.CREDITED)
    return credited.filter(line__order=row.order).exists()


def _propose(row: OrderConflict, *, reason: str, by: User, at: datetime) -> ConflictAcceptance:
    proposal, is_new = ConflictAcceptance.objects.get_or_create(
        conflict=row,
        status=ConflictAcceptance.Status.PROPOSED,
        defaults={
            "reason": reason, "proposer": by, "proposer_member": by.member_id or 0,
            "proposed_at": at,
        },
    )  # fmt: skip
    if is_new:
        record(COMMISSIONS_CONFLICT_ACCEPTANCE_PROPOSED, proposal, at=at, by=by, reason=reason)
    return proposal


def _refuse(proposal: ConflictAcceptance, *, by: User, at: datetime) -> None:
    _decide(proposal, ConflictAcceptance.Status.REFUSED, by=by, at=at)
    record(COMMISSIONS_CONFLICT_ACCEPTANCE_REFUSED, proposal, at=at, by=by)


def _decide(
    proposal: ConflictAcceptance, to: ConflictAcceptance.Status, *, by: User, at: datetime
) -> None:
    with require_two_people({"conflict_acceptance_four_eyes"}):
        status.move(proposal, to=to, decider=by, decider_member=by.member_id or 0, decided_at=at)


def _end(rows: Sequence[OrderConflict], to: Status, *, reason: str, by: User, at: datetime) -> None:
    """Record the decision; commissions follow: they are queued again, or reduced."""
    status.move_all(rows, to=to, reason=reason, decided_by=by, ended_at=at)
    record(ORDERS_CONFLICT_DECIDED, rows, at=at, by=by, outcome=str(to), reason=reason)
    orders = {row.order.pk: row.order for row in rows if row.order}
    if orders:
        record(ORDERS_CHANGED, [orders[key] for key in sorted(orders)], at=at, by=by)
