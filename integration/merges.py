"""Merge two members of one person: one person proposes, another agrees.

A client of the API may tell that two members are one person. Who has nothing yet is merged at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from django.db import IntegrityError, models, transaction
from django.db.models import Exists, ForeignObjectRel, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from commissions.services import move_boosts, move_due_credits
from common import status
from common.errors import SelfApprovalForbidden, TwotierError, violated_constraint
from common.requirements import require_permission, require_reason, require_two_people
from distribution.models import Distributor
from distribution.services import lock_for_merge, lock_members, merge_distribution
from events.services import record
from incentives.services.level_merging import merge_levels
from ledger.services import Source, merge_accounts
from members.events import MEMBERS_MERGE_PROPOSED, MEMBERS_MERGE_REFUSED, MEMBERS_MERGED
from members.models import (
    AgreementAcceptance,
    Identity,
    Member,
    MemberMerge,
    MemberSession,
    User,
)
from members.reviews import require_may_review
from promotions.services import merge_coupons
from sharing.models import Share, Visit, VisitorClaim
from withdrawals.models import Withdrawal

Status = MemberMerge.Status
PROPOSE_PERMISSION, DECIDE_PERMISSION = "members.propose_merge", "members.decide_merge"
SOURCE = "members.membermerge"
TOLD_REASON = "one person, as the mall told"
NO_BELONGINGS = (
    Identity, MemberSession, AgreementAcceptance, MemberMerge, Share, Visit, VisitorClaim,
)  # fmt: skip
"""What a member has who has only signed in or opened a page, or whom the mall has only named.

Shares and visits stay with the member, and every reader finds them under the survivor."""
FIGURES = "reports"
"""The room whose rows are derived from those of other rooms."""


class MergesOneMember(TwotierError):
    code = "merges_one_member"
    message = _("Both ids belong to the same member. Nothing was changed.")


class AlreadyMerged(TwotierError):
    code = "already_merged"
    message = _(
        "Member %(member)s is part of another merge already: a merged member is merged once, and a"
        " survivor is not merged. Choose the survivor of that merge as the survivor here."
    )


class StaffNotMerged(TwotierError):
    code = "staff_not_merged"
    message = _("A member who is linked to a staff user cannot be merged. Nothing was changed.")


class WithdrawalOpen(TwotierError):
    code = "merge_withdrawal_open"
    message = _(
        "One of the members has an open withdrawal: pay, reject or cancel it first. Nothing was"
        " changed."
    )


class DistributorFrozen(TwotierError):
    code = "merge_distributor_frozen"
    message = _("One of the members is frozen: decide on the freeze first. Nothing was changed.")


class MergePending(TwotierError):
    code = "merge_pending"
    message = _("A merge of this member already waits for a second person.")


class MergeNotProposed(TwotierError):
    code = "merge_not_proposed"
    message = _(
        "A client of the API told this merge. One person has to propose it first, and another one"
        " agrees."
    )


def obstacles(*, merged: Member, survivor: Member) -> Iterator[TwotierError]:
    """Return what stands against a merge now; it is checked again under the locks."""
    both = (merged.pk, survivor.pk)
    if merged.pk == survivor.pk:
        yield MergesOneMember()
    chained = Member.objects.filter(pk__in=both, merged_into__isnull=False)
    chained |= Member.objects.filter(pk=merged.pk, merged__isnull=False)
    if member := chained.order_by("pk").first():
        yield AlreadyMerged(member=member.public_id)
    if User.objects.filter(member__in=both).exists():
        yield StaffNotMerged()
    if Withdrawal.objects.open().filter(member__in=both).exists():
        yield WithdrawalOpen()
    if Distributor.objects.filter(member__in=both, status=Distributor.Status.FROZEN).exists():
        yield DistributorFrozen()


@transaction.atomic
def propose_merge(
    *, merged: Member, survivor: Member, reason: str, by: User, at: datetime
) -> MemberMerge:
    """Propose that ``merged`` goes on under ``survivor``; another person has to agree.

    ``merge_preview.preview_merge`` shows what would happen.

    :raises SelfApprovalForbidden: one of them is the proposer's own member
    :raises MergesOneMember, AlreadyMerged, StaffNotMerged, WithdrawalOpen, DistributorFrozen: the
        members cannot be merged
    :raises MergePending: another proposal for ``merged`` is open
    :raises PermissionMissing, ReviewTooEarly, ReasonRequired: nothing was changed
    """
    require_permission(by, PROPOSE_PERMISSION)
    require_may_review(by.pk)
    reason = require_reason(reason)
    _require_other_person(by, merged, survivor)
    _require_no_obstacle(merged, survivor)
    _replace_told(merged, by=by, at=at)
    try:
        with transaction.atomic():
            proposal = MemberMerge.objects.create(
                merged=merged, survivor=survivor, reason=reason,
                proposer=by, proposer_member=by.member_id or 0, proposed_at=at,
            )  # fmt: skip
    except IntegrityError as error:
        if violated_constraint(error) != "merge_open_unique":
            raise
        raise MergePending from error
    record(
        MEMBERS_MERGE_PROPOSED, merged, at=at, by=by, merge=proposal.public_id,
        survivor=survivor.public_id, reason=reason,
    )  # fmt: skip
    return proposal


@transaction.atomic
def merge_members(*, proposal: MemberMerge, by: User, at: datetime) -> None:
    """Agree to a proposal: identities, money, what is due and the team go to the survivor.

    Rows of the past stay with the merged member and count for the person.

    :raises SelfApprovalForbidden: ``by`` proposed it, or is one of the members
    :raises MergesOneMember, AlreadyMerged, StaffNotMerged, WithdrawalOpen, DistributorFrozen,
        MoneyHeld, BindingChanged: the members cannot be merged now
    :raises MergeNotProposed: no person has proposed it
    :raises PermissionMissing, ReviewTooEarly, WrongStatus: nothing was changed
    """
    if proposal.proposer_id is None:
        raise MergeNotProposed
    _decide(proposal, Status.AGREED, by=by, at=at)
    merged, survivor = proposal.merged, proposal.survivor
    lock_for_merge(merged, survivor)
    _require_no_obstacle(merged, survivor)
    _mark_as_merged(merged, survivor, at=at)
    bindings = merge_distribution(
        merged=merged, survivor=survivor, evidence=proposal.public_id, reason=proposal.reason,
        by=by, at=at,
    )  # fmt: skip
    merge_levels(merged=merged, survivor=survivor, at=at)
    move_due_credits(merged=merged, survivor=survivor)
    move_boosts(merged=merged, survivor=survivor, at=at)
    # Under the locks of the accounts: a withdrawal requested meanwhile holds money.
    source = Source(SOURCE, proposal.public_id)
    amounts = merge_accounts(merged=merged, survivor=survivor, source=source, at=at)
    merge_coupons(merged=merged, survivor=survivor)
    record(
        MEMBERS_MERGED, merged, at=at, by=by, merge=proposal.public_id,
        survivor=survivor.public_id, amounts=amounts, bindings=bindings.moved,
        ended=bindings.ended,
    )  # fmt: skip


@transaction.atomic
def refuse_merge(*, proposal: MemberMerge, by: User, at: datetime) -> None:
    """Refuse a proposal, or withdraw one's own.

    :raises SelfApprovalForbidden: ``by`` is one of the members
    :raises PermissionMissing, ReviewTooEarly, WrongStatus: nothing was changed
    """
    _decide(proposal, Status.REFUSED, by=by, at=at)
    record(
        MEMBERS_MERGE_REFUSED, proposal.merged, at=at, by=by, merge=proposal.public_id,
        survivor=proposal.survivor.public_id,
    )  # fmt: skip


@transaction.atomic
def tell_merge(
    *, merged: Member, survivor: Member, source: str, at: datetime, by: models.Model
) -> MemberMerge:
    """Note that a client of the API holds two members for one person; nobody has proposed it yet.

    If a row of both members exists, it is returned: what people refused is not asked again.

    :raises MergesOneMember, AlreadyMerged, StaffNotMerged, WithdrawalOpen, DistributorFrozen: the
        members cannot be merged
    """
    pair = Q(merged=merged, survivor=survivor) | Q(merged=survivor, survivor=merged)
    if known := MemberMerge.objects.filter(pair).first():
        return known
    _require_no_obstacle(merged, survivor)
    if pending := MemberMerge.objects.filter(merged=merged, status=Status.PROPOSED).first():
        return pending
    told = _told(merged, survivor, source=source, at=at)
    record(
        MEMBERS_MERGE_PROPOSED, merged, at=at, by=by, merge=told.public_id,
        survivor=survivor.public_id, reason=told.reason,
    )  # fmt: skip
    return told


@transaction.atomic
def merge_at_once(
    *, merged: Member, survivor: Member, source: str, at: datetime, by: models.Model
) -> bool:
    """Merge a member who has nothing yet, as a client of the API told; nobody has to agree.

    :returns: whether it was done: not if anything belongs to the member, see ``has_nothing``
    :raises MergesOneMember, AlreadyMerged, StaffNotMerged, WithdrawalOpen, DistributorFrozen: the
        members cannot be merged
    """
    lock_members(merged.pk, survivor.pk)
    if not has_nothing(merged):
        return False
    _require_no_obstacle(merged, survivor)
    merge = _told(merged, survivor, source=source, at=at, status=Status.AGREED, decided_at=at)
    _mark_as_merged(merged, survivor, at=at)
    # What another transaction has added meanwhile goes along.
    move_due_credits(merged=merged, survivor=survivor)
    amounts = merge_accounts(
        merged=merged, survivor=survivor, source=Source(SOURCE, merge.public_id), at=at
    )
    merge_coupons(merged=merged, survivor=survivor)
    record(
        MEMBERS_MERGED, merged, at=at, by=by, merge=merge.public_id, survivor=survivor.public_id,
        amounts=amounts, bindings=0, ended=0,
    )  # fmt: skip
    return True


def has_nothing(member: Member) -> bool:
    """Return whether no row of any room is about a member, apart from ids and sessions.

    So nothing can be lost or gained by a merge: no order, wallet, binding or money. Members who
    are locked out, or have closed their account, have something to lose.
    """
    belongings = [
        Exists(relation.related_model._base_manager.filter(**{relation.field.name: OuterRef("pk")}))
        for relation in Member._meta.get_fields(include_hidden=True)
        if isinstance(relation, ForeignObjectRel)
        and relation.related_model not in NO_BELONGINGS
        and relation.related_model._meta.app_label != FIGURES
    ]
    free = Member.objects.filter(pk=member.pk, locked_at=None, closed_at=None, merged_into=None)
    return free.exclude(reduce(or_, map(Q, belongings))).exists()


def _told(
    merged: Member, survivor: Member, *, source: str, at: datetime, **more: Any
) -> MemberMerge:
    return MemberMerge.objects.create(
        merged=merged, survivor=survivor, source=source, reason=TOLD_REASON, proposer_member=0,
        proposed_at=at, **more,
    )  # fmt: skip


def _replace_told(merged: Member, *, by: User, at: datetime) -> None:
    """Close what a client told about this member: the person's own proposal replaces it."""
    told = MemberMerge.objects.filter(merged=merged, status=Status.PROPOSED, proposer=None)
    for row in told:
        with require_two_people({"merge_not_own_member"}):
            status.move(
                row, to=Status.REFUSED, decider=by, decider_member=by.member_id or 0, decided_at=at
            )


def _decide(proposal: MemberMerge, to: Status, *, by: User, at: datetime) -> None:
    withdraws = to == Status.REFUSED and by.pk == proposal.proposer_id
    require_permission(by, PROPOSE_PERMISSION if withdraws else DECIDE_PERMISSION)
    require_may_review(by.pk)
    with require_two_people({"merge_four_eyes", "merge_not_own_member"}):
        status.move(proposal, to=to, decider=by, decider_member=by.member_id or 0, decided_at=at)


def _require_other_person(by: User, *members: Member) -> None:
    if by.member_id in [member.pk for member in members]:
        raise SelfApprovalForbidden


def _require_no_obstacle(merged: Member, survivor: Member) -> None:
    for obstacle in obstacles(merged=merged, survivor=survivor):
        raise obstacle


def _mark_as_merged(merged: Member, survivor: Member, *, at: datetime) -> None:
    """Mark the member, and let the member's ids lead to the survivor."""
    Member.objects.filter(pk=merged.pk).update(merged_into=survivor, merged_at=at)
    Identity.objects.filter(member=merged).update(member=survivor, moved_from=merged)
