"""Applications: members apply to become distributors; thresholds or operations decide."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from common import status
from common.errors import TwotierError
from common.requirements import require_reason
from distribution.events import DISTRIBUTION_APPLIED, DISTRIBUTION_APPROVED, DISTRIBUTION_REJECTED
from distribution.models import Application, Distributor, Policy, PurchaseTotals, Referral
from distribution.services.binding import bind_invited
from distribution.services.enrolment import AlreadyDistributor, SelfReviewForbidden, enrol
from distribution.services.unbind import lock_members
from events.models import Reference
from events.services import record
from members.models import Member, User

Route = Application.Route
Status = Application.Status
MAX_STATEMENT_LENGTH = 500


class AlreadySubmitted(TwotierError):
    code = "already_submitted"
    message = _("This application is already submitted and waits for its review.")


class UnknownInviteCode(TwotierError):
    code = "unknown_invite_code"
    message = _("No active distributor has the invite code “%(invite_code)s”.")
    status = 400


@transaction.atomic
def apply(*, member: Member, at: datetime, statement: str = "", code: str = "") -> Application:
    """Apply to become a distributor. It is free; a threshold only skips the review.

    An application is approved at once if the policy is open to all, or if the member has reached a
    threshold: protected spend, or referred buyers with a protected order. After a rejection, a
    person always reviews.

    :param statement: the applicant's own words, cut to 500 characters
    :param code: an active distributor's invite code
    :returns: the application, approved or submitted
    :raises UnknownInviteCode: no active distributor has ``code``
    :raises AlreadyDistributor: the member is one, or has exited
    :raises AlreadySubmitted: the application waits for its review
    """
    inviter = distributor_by_code(code) if code.strip() else None
    lock_members(member.pk)
    if Distributor.objects.filter(member=member).exists():
        raise AlreadyDistributor(member=member.public_id)
    fields: dict[str, Any] = {
        "submitted_at": at,
        "invited_by": inviter,
        "statement": statement.strip()[:MAX_STATEMENT_LENGTH],
        "route": Route.INVITE if inviter else Route.REVIEW,
    }
    rejected = Application.objects.filter(member=member).first()
    if rejected:
        return _submit_again(rejected, fields, at=at)
    application = Application.objects.create(member=member, **fields)
    _record_submission(application, before=None, at=at)
    if route := _automatic_route(member):
        _accept(application, by=None, at=at, route=route)
    return application


@transaction.atomic
def approve(*, application: Application, by: User, at: datetime) -> Distributor:
    """Make the applicant a distributor and, if they have no upline, bind them to their inviter.

    :raises SelfReviewForbidden: the reviewer is the applicant
    :raises WrongStatus: the application is already decided
    :raises AlreadyDistributor: the applicant already became one otherwise
    """
    _require_other_reviewer(application, by)
    lock_members(application.member_id)
    application.refresh_from_db()  # the page may be older than a second submission
    return _accept(application, by=by, at=at)


@transaction.atomic
def reject(*, application: Application, by: User, at: datetime, reason: str) -> None:
    """Reject an application with a reason. The applicant may submit it again.

    :raises SelfReviewForbidden: the reviewer is the applicant
    :raises ReasonRequired: the reason is empty or too long
    :raises WrongStatus: the application is already decided
    """
    _require_other_reviewer(application, by)
    reason = require_reason(reason)
    before = status.move(
        application, to=Status.REJECTED, decided_at=at, decided_by=by, reason=reason
    )
    record(
        DISTRIBUTION_REJECTED, application, at=at, by=by,
        before={"status": before}, after={"status": Status.REJECTED}, reason=reason,
    )  # fmt: skip


def distributor_by_code(code: str) -> Distributor:
    """Return the active distributor with this invite code.

    :raises UnknownInviteCode: there is none
    """
    code = code.strip()
    distributor = Distributor.objects.active().filter(code=code.lower()).first()
    if distributor is None:
        raise UnknownInviteCode(invite_code=code[:40])
    return distributor


def _submit_again(application: Application, fields: dict[str, Any], *, at: datetime) -> Application:
    if application.status == Status.SUBMITTED:
        raise AlreadySubmitted(application=application.public_id)
    before = status.move(
        application, to=Status.SUBMITTED, decided_at=None, decided_by=None, reason="", **fields
    )
    _record_submission(application, before=before, at=at)
    return application


def _record_submission(application: Application, *, before: str | None, at: datetime) -> None:
    record(
        DISTRIBUTION_APPLIED, application, at=at, by=application.member,
        before={"status": before} if before else None,
        after={"status": Status.SUBMITTED}, route=application.route,
    )  # fmt: skip


def _automatic_route(member: Member) -> Route | None:
    """Return the route on which the member needs no review, if any."""
    policy = Policy.current()
    if policy.applications == Policy.Applications.OPEN:
        return Route.OPEN
    if policy.fast_track_spend is not None:
        totals = PurchaseTotals.objects.filter(
            member=member, protected_spend__gte=policy.fast_track_spend
        )
        if totals.exists():
            return Route.FAST_TRACK
    if policy.fast_track_buyers is not None:
        # Referred members count only with a protected order: no reward for headcount (law 2).
        buyers = Referral.objects.filter(
            referrer=member, member__purchase_totals__protected_orders__gt=0
        )
        if buyers.count() >= policy.fast_track_buyers:
            return Route.FAST_TRACK
    return None


def _accept(
    application: Application, *, by: User | None, at: datetime, route: Route | None = None
) -> Distributor:
    """Approve, bind and enrol; the member's row is locked."""
    changes = {"route": route} if route else {}
    before = status.move(application, to=Status.APPROVED, decided_at=at, decided_by=by, **changes)
    member, inviter, invitation = application.member, application.invited_by, ""
    if inviter:
        # Bind before enrolment: without a team of their own the member cannot close a circle.
        invitation = bind_invited(
            member=member, distributor=inviter, at=at, evidence=Reference.to(application)
        ).outcome
    distributor = enrol(member=member, route=Route(application.route), at=at, by=by)
    record(
        DISTRIBUTION_APPROVED, application, at=at, by=by,
        before={"status": before}, after={"status": Status.APPROVED},
        route=application.route, invitation=invitation,
    )  # fmt: skip
    return distributor


def _require_other_reviewer(application: Application, by: User) -> None:
    if by.member_id == application.member_id:
        raise SelfReviewForbidden(application=application.public_id)
