"""Link a staff user to a member in the admin: one superuser proposes, another agrees."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from common import status
from common.errors import (
    PermissionMissing,
    TwotierError,
    violated_constraint,
)
from common.requirements import require_reason, require_two_people
from events.services import record
from members.events import MEMBERS_STAFF_LINK_PROPOSED, MEMBERS_STAFF_LINK_REFUSED
from members.models import Member, StaffLinkProposal, User
from members.reviews import require_may_review
from members.staff import MemberAlreadyLinked, StaffAlreadyLinked, link_staff

Status = StaffLinkProposal.Status
TWO_PEOPLE = {"staff_link_four_eyes", "staff_link_not_own_account"}


class StaffLinkPending(TwotierError):
    code = "staff_link_pending"
    message = _("A link of this staff user already waits for a second superuser.")


@transaction.atomic
def propose_staff_link(
    *, user: User, member: Member, reason: str, by: User, at: datetime
) -> StaffLinkProposal:
    """Propose to link a staff user to a member; another superuser has to agree.

    :raises StaffAlreadyLinked, MemberAlreadyLinked: one of them is linked
    :raises StaffLinkPending: another proposal for this user is open
    :raises PermissionMissing, ReviewTooEarly, ReasonRequired: nothing was changed
    """
    _require_superuser(by)
    reason = require_reason(reason)
    if User.objects.filter(pk=user.pk, member__isnull=False).exists():
        raise StaffAlreadyLinked
    if User.objects.filter(member=member).exists():
        raise MemberAlreadyLinked
    try:
        with transaction.atomic():
            proposal = StaffLinkProposal.objects.create(
                user=user, member=member, reason=reason,
                proposer=by, proposer_member=by.member_id or 0, proposed_at=at,
            )  # fmt: skip
    except IntegrityError as error:
        if violated_constraint(error) != "staff_link_open_unique":
            raise
        raise StaffLinkPending from error
    record(MEMBERS_STAFF_LINK_PROPOSED, user, at=at, by=by, member=member.public_id, reason=reason)
    return proposal


@transaction.atomic
def agree_to_staff_link(*, proposal: StaffLinkProposal, by: User, at: datetime) -> None:
    """Agree to a proposal: the staff user is linked.

    :raises SelfApprovalForbidden: ``by`` proposed it, or is the staff user
    :raises StaffAlreadyLinked, MemberAlreadyLinked: one of them was linked since
    :raises PermissionMissing, ReviewTooEarly, WrongStatus: nothing was changed
    """
    _decide(proposal, Status.AGREED, by=by, at=at)
    link_staff(
        user=proposal.user, member=proposal.member, at=at, by=by,
        proposer=proposal.proposer.username,
    )  # fmt: skip


@transaction.atomic
def refuse_staff_link(*, proposal: StaffLinkProposal, by: User, at: datetime) -> None:
    """Refuse a proposal, or withdraw one's own.

    :raises PermissionMissing, ReviewTooEarly, WrongStatus: nothing was changed
    """
    _decide(proposal, Status.REFUSED, by=by, at=at)
    record(
        MEMBERS_STAFF_LINK_REFUSED, proposal.user, at=at, by=by, member=proposal.member.public_id
    )


def _decide(proposal: StaffLinkProposal, to: Status, *, by: User, at: datetime) -> None:
    _require_superuser(by)
    member = by.member_id or 0
    with require_two_people(TWO_PEOPLE):
        status.move(proposal, to=to, decider=by, decider_member=member, decided_at=at)


def _require_superuser(by: User) -> None:
    if not by.is_superuser:
        raise PermissionMissing
    require_may_review(by.pk)
