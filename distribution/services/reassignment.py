"""Staff assign an upline, or change it within the first thirty days."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from common.errors import TwotierError, violated_constraint
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
    end_lapsed_binding,
    lock_members,
)
from events.models import Reference
from events.services import record
from members.models import Member, User
from members.persons import MemberMerged


class SelfAssignmentForbidden(TwotierError):
    code = "self_assignment_forbidden"
    message = _("You cannot assign members or an upline to yourself: ask a colleague.")
    status = 403


class SameUpline(TwotierError):
    code = "same_upline"
    message = _("This distributor is already the member's upline.")


class HasUpline(TwotierError):
    code = "has_upline"
    message = _(
        "This member already has an upline; use reassign to change it. Nothing was changed."
    )


class UplineNotActive(TwotierError):
    code = "upline_not_active"
    message = _("Only an active distributor can become an upline.")


class CircularUpline(TwotierError):
    code = "circular_upline"
    message = _("The new upline is this member or in the member's own team. Choose another upline.")


class BindingChanged(TwotierError):
    code = "binding_changed"
    message = _("This member's binding has just changed. Nothing was changed: reload the page.")


ERRORS_BY_CONSTRAINT: dict[str, type[TwotierError]] = {
    LEAVE_WINDOW_CONSTRAINT: TooLateToLeave,
    UPLINE_ACTIVE_CONSTRAINT: UplineNotActive,
    CIRCLE_CONSTRAINT: CircularUpline,
    "binding_member_not_merged": MemberMerged,
    "bindings_never_overlap": BindingChanged,
    "binding_ends_after_start": BindingChanged,
}


@dataclass(frozen=True, slots=True)
class ReassignmentResult:
    """The result of reassigning a member: the new binding, or the error."""

    member: Member
    binding: Binding | None = None
    error: TwotierError | None = None


@transaction.atomic
def assign(*, member: Member, to: Distributor, by: User, at: datetime, reason: str) -> Binding:
    """Assign an upline to a member without one, and record the referral if there is none.

    :raises ReasonRequired: the reason is empty or too long
    :raises SelfAssignmentForbidden: ``by`` is the member or the upline
    :raises HasUpline: the member already has an upline
    :raises UplineNotActive: the upline is not an active distributor
    :raises CircularUpline: the upline is the member or in the member's team
    :raises BindingChanged: another binding starts later
    """
    reason = require_reason(reason)
    if by.member_id in (member.pk, to.member_id):
        raise SelfAssignmentForbidden
    lock_members(member.pk)
    end_lapsed_binding(member, at=at)
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
    """Change a member's upline, or assign a first one; orders already placed keep theirs.

    :raises ReasonRequired: the reason is empty or too long
    :raises SelfAssignmentForbidden: ``by`` is the member or the new upline
    :raises SameUpline: the upline is the same
    :raises TooLateToLeave: the binding is older than 30 days
    :raises UplineNotActive: the new upline is not an active distributor
    :raises CircularUpline: the new upline is the member or in the member's team
    :raises BindingChanged: another binding starts later
    """
    reason = require_reason(reason)
    if by.member_id in (member.pk, to.member_id):
        raise SelfAssignmentForbidden
    lock_members(member.pk)
    end_lapsed_binding(member, at=at)
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
    """Reassign each of ``members``; a failure of one does not affect the others.

    ``queries.preview_reassignment`` previews the results.

    :raises ReasonRequired: the reason is empty or too long
    :raises SelfAssignmentForbidden: ``by`` is the new upline
    """
    reason = require_reason(reason)
    if by.member_id == to.member_id:
        raise SelfAssignmentForbidden
    results = []
    members = sorted(set(members), key=lambda member: member.pk)
    lock_members(*[member.pk for member in members])
    for member in members:
        try:
            binding = reassign(member=member, to=to, by=by, at=at, reason=reason)
        except TwotierError as error:
            results.append(ReassignmentResult(member, error=error))
        else:
            results.append(ReassignmentResult(member, binding))
    return results


def _replace_binding(
    to: Distributor,
    member: Member,
    running: Binding | None,
    *,
    by: User,
    at: datetime,
    reason: str,
) -> Binding:
    """End the running binding, if any, and create the next; the member's row is locked."""
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
