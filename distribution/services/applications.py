"""Applications: members apply to become distributors; thresholds or operations decide."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from common import status
from common.errors import TwotierError
from common.requirements import require_reason
from distribution.events import DISTRIBUTION_APPLIED, DISTRIBUTION_APPROVED, DISTRIBUTION_REJECTED
from distribution.models import Application, Distributor, Policy
from distribution.queries import fast_track
from distribution.services.binding import bind_invited
from distribution.services.enrolment import AlreadyDistributor, SelfReviewForbidden, enrol
from distribution.services.forms import check_answers, picture_ids
from distribution.services.unbind import lock_members
from events.models import Reference
from events.services import record
from members.models import Member, Upload, User
from members.sessions.services import AccountClosed
from members.uploads import attach_uploads

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
def apply(
    *, member: Member, at: datetime, statement: str = "", code: str = "", form_version: int = 0,
    answers: Mapping[str, Any] | None = None,
) -> Application:  # fmt: skip
    """Apply to become a distributor. It is free; a threshold only skips the review.

    An application is approved at once if the policy is open to all, or if the member has reached a
    threshold: protected spend, or referred buyers with a protected order. After a rejection, a
    person always reviews.

    :param statement: the applicant's own words, cut to 500 characters
    :param code: an active distributor's invite code
    :param form_version: the version of the form that was answered; 0 if the shop has none
    :param answers: by the key of the question
    :returns: the application, approved or submitted
    :raises FormOutdated: another version of the form is current
    :raises InvalidInput: with every wrong answer
    :raises UploadUnknown: the member has no such unused picture for applications
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
    if rejected and rejected.status == Status.SUBMITTED:
        raise AlreadySubmitted(application=rejected.public_id)
    form, fields["answers"] = check_answers(form_version, answers or {})
    fields["form"] = form
    pictures = picture_ids(form, fields["answers"])
    attach_uploads(member=member, ids=pictures, purpose=Upload.Purpose.APPLICATION)
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
    :raises AccountClosed: the applicant has closed the account
    """
    _require_other_reviewer(application, by)
    lock_members(application.member_id)
    application.refresh_from_db()  # the page may be older than a second submission
    if Member.objects.filter(pk=application.member_id, closed_at__isnull=False).exists():
        raise AccountClosed
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
    if Policy.current().applications == Policy.Applications.OPEN:
        return Route.OPEN
    is_reached = any(row.reached >= row.needed for row in fast_track(member))
    return Route.FAST_TRACK if is_reached else None


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
