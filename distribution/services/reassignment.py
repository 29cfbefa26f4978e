"""Staff give members an upline, or another one in the first thirty days."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from common.db_errors import violated_constraint
from common.errors import TwotierError
from common.requirements import require_reason
from distribution.events import DISTRIBUTION_ASSIGNED, DISTRIBUTION_REASSIGNED
from distribution.models import Binding, Distributor, Policy, Source
from distribution.services.binding import (
    CIRCLE_CONSTRAINT,
    UPLINE_ACTIVE_CONSTRAINT,
    create_binding,
    record_referral,
)
from distribution.services.unbind import (
    LEAVE_WINDOW_CONSTRAINT,
    TooLateToLeave,
    end_binding,
    end_expired_bindings,
    lock_members,
)
from events.models import Reference
from events.services import record
from members.models import Member, User


class SelfAssignmentForbidden(TwotierError):
    code = "self_assignment_forbidden"
    message = _("You cannot give yourself members or an upline: somebody else has to do it.")
    status = 403


class SameUpline(TwotierError):
    code = "same_upline"
    message = _("This distributor is the member's upline already.")


class HasUpline(TwotierError):
    code = "has_upline"
    message = _("This member has an upline already; it can only be changed. Nothing was changed.")


class UplineNotActive(TwotierError):
    code = "upline_not_active"
    message = _("Only an active distributor can become an upline.")


class CircularUpline(TwotierError):
    code = "circular_upline"
    message = _("The new upline is this member or stands below them: nobody is above themselves.")


class BindingChanged(TwotierError):
    code = "binding_changed"
    message = _("This member's binding has just changed. Nothing was moved: look again.")


ERRORS_BY_CONSTRAINT: dict[str, type[TwotierError]] = {
    LEAVE_WINDOW_CONSTRAINT: TooLateToLeave,
    UPLINE_ACTIVE_CONSTRAINT: UplineNotActive,
    CIRCLE_CONSTRAINT: CircularUpline,
    "bindings_never_overlap": BindingChanged,
    "binding_ends_after_start": BindingChanged,
}


@dataclass(frozen=True, slots=True)
class ReassignmentResult:
    """What came of moving one member: the new binding, or why there is none."""

    member: Member
    binding: Binding | None = None
    error: TwotierError | None = None


@transaction.atomic
def assign(*, member: Member, to: Distributor, by: User, at: datetime, reason: str) -> Binding:
    """Give an upline to ``member``, who has none; who brought them is recorded, if nobody is yet.

    :raises ReasonNeeded: there is none
    :raises OwnTeam: the staff user is the member or the upline
    :raises HasUpline: they are bound to somebody, be it this upline
    :raises UplineNotActive: the upline is not an active distributor
    :raises ClosesCircle: the upline is the member, or below them
    :raises Meanwhile: somebody else has bound them from a later moment on
    """
    reason = require_reason(reason)
    if by.member_id in (member.pk, to.member_id):
        raise SelfAssignmentForbidden
    lock_members(member.pk)
    end_expired_bindings(member, at=at)
    if Binding.objects.filter(member=member, ended_at=None).exists():
        raise HasUpline(member=member.public_id)
    binding = _replace_binding(to, member, None, by=by, at=at, reason=reason)
    record_referral(member, to.member, source=Source.STAFF, at=at, evidence=Reference.to(by))
    record(
        DISTRIBUTION_ASSIGNED, member, at=at, by=by, reason=reason,
        before={"upline": None}, after={"upline": to.public_id},
    )  # fmt: skip
    return binding


@transaction.atomic
def reassign(*, member: Member, to: Distributor, by: User, at: datetime, reason: str) -> Binding:
    """Give ``member`` another upline, or a first one; orders already placed keep theirs.

    :raises ReasonNeeded: there is none
    :raises OwnTeam: the staff user is the member or the new upline
    :raises SameUpline: they are bound there already
    :raises TooLateToLeave: they were bound more than 30 days ago
    :raises UplineNotActive: the new upline is not an active distributor
    :raises ClosesCircle: the new upline is below the member
    :raises Meanwhile: somebody else has bound them from a later moment on
    """
    reason = require_reason(reason)
    if by.member_id in (member.pk, to.member_id):
        raise SelfAssignmentForbidden
    lock_members(member.pk)
    end_expired_bindings(member, at=at)
    running = Binding.objects.filter(member=member, ended_at=None).first()
    if running and running.distributor_id == to.pk:
        raise SameUpline(member=member.public_id)
    binding = _replace_binding(to, member, running, by=by, at=at, reason=reason)
    record(
        DISTRIBUTION_REASSIGNED, member, at=at, by=by, reason=reason,
        before={"upline": running.distributor.public_id if running else None},
        after={"upline": to.public_id},
    )  # fmt: skip
    return binding


@transaction.atomic
def reassign_many(
    *, members: Iterable[Member], to: Distributor, by: User, at: datetime, reason: str
) -> list[ReassignmentResult]:
    """``reassign`` each of ``members``; whoever cannot be moved stays, and the others move.

    ``queries.preview_reassignment`` tells beforehand what would come of it.

    :raises ReasonNeeded: there is none
    :raises OwnTeam: the new upline is the staff user
    """
    reason = require_reason(reason)
    if by.member_id == to.member_id:
        raise SelfAssignmentForbidden
    done = []
    people = sorted(set(members), key=lambda one: one.pk)
    lock_members(*[member.pk for member in people])
    for member in people:
        try:
            binding = reassign(member=member, to=to, by=by, at=at, reason=reason)
        except TwotierError as error:
            done.append(ReassignmentResult(member, error=error))
        else:
            done.append(ReassignmentResult(member, binding))
    return done


def _replace_binding(
    to: Distributor,
    member: Member,
    running: Binding | None,
    *,
    by: User,
    at: datetime,
    reason: str,
) -> Binding:
    """End what runs and begin anew, or tell why not; the member's row is locked."""
    try:
        with transaction.atomic():
            if running:
                end_binding(running, end_reason=Binding.EndReason.REASSIGNED, note=reason, at=at)
            return create_binding(
                member=member,
                distributor=to,
                source=Source.STAFF,
                evidence=Reference.to(by),
                policy=Policy.current(),
                at=at,
                by=by,
            )
    except IntegrityError as error:
        name = violated_constraint(error)
        if name not in ERRORS_BY_CONSTRAINT:
            raise
        raise ERRORS_BY_CONSTRAINT[name](member=member.public_id) from None
