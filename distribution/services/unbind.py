"""End bindings: by expiry, or because the member leaves within the first thirty days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from common.errors import TwotierError, violated_constraint
from common.locks import lock_rows
from common.requirements import require_reason
from distribution import queries
from distribution.events import DISTRIBUTION_EXPIRED, DISTRIBUTION_UNBOUND
from distribution.models import Binding, Distributor
from distribution.services.exits import end_by_exit
from events.services import record
from members.models import Member, User

LEAVE_WINDOW_CONSTRAINT = "binding_left_within_thirty_days"


class NoUpline(TwotierError):
    code = "no_upline"
    message = _("This member has no upline.")


class TooLateToLeave(TwotierError):
    code = "too_late_to_leave"
    message = _(
        "The binding is older than 30 days: it lasts until it expires or the upline exits. Nothing"
        " was changed."
    )


def lock_members(*members: int) -> None:
    """Lock members by id, in a fixed order, until the transaction ends.

    A member's row serializes the changes of their binding. A transaction that binds several members
    locks all of them first: the guard against circles takes its own lock, and waiting for it with
    only some of the rows locked could deadlock.
    """
    lock_rows(Member.objects.filter(pk__in=members))


@transaction.atomic
def leave(*, member: Member, by: User | Member, at: datetime, reason: str) -> None:
    """End a binding at the member's request; orders already placed keep their upline.

    :param by: the member, or staff on the member's behalf
    :raises ReasonRequired: the reason is empty or too long
    :raises NoUpline: the member has no upline
    :raises TooLateToLeave: the binding is older than 30 days
    """
    reason = require_reason(reason)
    lock_members(member.pk)
    end_lapsed_binding(member, at=at)
    running = Binding.objects.in_force(at).filter(member=member, ended_at=None).first()
    if running is None:
        raise NoUpline(member=member.public_id)
    try:
        with transaction.atomic():
            end_binding(running, end_reason=Binding.EndReason.LEFT, note=reason, at=at)
    except IntegrityError as error:
        if violated_constraint(error) != LEAVE_WINDOW_CONSTRAINT:
            raise
        raise TooLateToLeave(member=member.public_id) from None
    record(
        DISTRIBUTION_UNBOUND, member, at=at, by=by, binding=running.public_id,
        end_reason=Binding.EndReason.LEFT, reason=reason,
    )  # fmt: skip


def end_binding(
    binding: Binding, *, end_reason: Binding.EndReason, at: datetime, note: str = ""
) -> None:
    """Record the end of a binding; the member's row is locked."""
    running = Binding.objects.filter(pk=binding.pk, ended_at=None)
    running.update(ended_at=at, end_reason=end_reason, end_note=note)


def expire_bindings(*, at: datetime, limit: int = 500) -> int:
    """Record the end of expired bindings; repeat until it returns 0.

    Rows that another transaction has locked are left for the next run.
    """
    with transaction.atomic():
        expired = Binding.objects.running().filter(expires_at__lte=at)
        locked = expired.order_by("expires_at", "pk").select_for_update(
            skip_locked=True, no_key=True
        )
        return _expire_bindings(list(locked[:limit]), at=at)


def end_lapsed_binding(member: Member, *, at: datetime) -> None:
    """Record the end of a member's binding that expired, or whose upline exited.

    So that a new one can start; the member's row is locked.
    """
    rows = Binding.objects.filter(member=member, ended_at=None).select_related("distributor")
    binding = rows.select_for_update(no_key=True, of=("self",)).first()
    if binding is None:
        return
    if binding.distributor.status == Distributor.Status.EXITED:
        end_by_exit(binding.distributor, [binding.pk])
    elif binding.expires_at and binding.expires_at <= at:
        _expire_bindings([binding], at=at)


def end_expired_bindings_above(distributor: Distributor, *, at: datetime) -> int:
    """Record the end of expired bindings above ``distributor``, which may look like a circle."""
    above = Binding.objects.filter(pk__in=queries.expired_bindings_above(distributor, at=at))
    expired = above.running().filter(expires_at__lte=at).order_by("member_id", "pk")
    return _expire_bindings(list(expired.select_for_update(no_key=True)), at=at)


def _expire_bindings(locked: Sequence[Binding], *, at: datetime) -> int:
    if locked:
        rows = Binding.objects.filter(pk__in=[binding.pk for binding in locked])
        rows.update(ended_at=F("expires_at"), end_reason=Binding.EndReason.EXPIRED)
        record(DISTRIBUTION_EXPIRED, locked, at=at)
    return len(locked)
