"""Members apply to become distributors; thresholds, invitations and operations decide."""

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
    message = _("This application has been submitted already and waits for its review.")


class UnknownInviteCode(TwotierError):
    code = "unknown_invite_code"
    message = _("“%(invite_code)s” is no invite code of an active distributor.")
    status = 400


@transaction.atomic
def apply(*, member: Member, at: datetime, statement: str = "", code: str = "") -> Application:
    """Ask to become a distributor. It is free; a threshold only spares the review.

    At once approved is whoever applies while the shop is open to all, or has reached a threshold:
    protected spend, or people brought who have a protected order. Whoever was rejected before is
    always reviewed by a person.

    :param statement: in their words; its first 500 characters are kept
    :param code: an active distributor's invite code
    :returns: the application, approved or submitted
    :raises UnknownCode: ``code`` is nobody's, or not of an active distributor
    :raises AlreadyDistributor: they are one, or have exited
    :raises AlreadySubmitted: it waits for its review
    """
    inviter = _inviter(code)
    lock_members(member.pk)
    if Distributor.objects.filter(member=member).exists():
        raise AlreadyDistributor(member=member.public_id)
    asked: dict[str, Any] = {
        "submitted_at": at,
        "invited_by": inviter,
        "statement": statement.strip()[:MAX_STATEMENT_LENGTH],
        "route": Route.INVITE if inviter else Route.REVIEW,
    }
    known = Application.objects.filter(member=member).first()
    if known:
        return _submit_again(known, asked, at=at)
    application = Application.objects.create(member=member, **asked)
    _record_submission(application, before=None, at=at)
    if at_once := _automatic_route(member):
        _accept(application, by=None, at=at, route=at_once)
    return application


@transaction.atomic
def approve(*, application: Application, by: User, at: datetime) -> Distributor:
    """Make the applicant a distributor, and bind them to whoever invited them if they are unbound.

    :raises OwnApplication: the reviewer is the applicant
    :raises WrongStatus: somebody else has decided it already
    :raises AlreadyDistributor: they have become one by another way
    """
    _require_other_reviewer(application, by)
    lock_members(application.member_id)
    application.refresh_from_db()  # the page may be older than a second submission
    return _accept(application, by=by, at=at)


@transaction.atomic
def reject(*, application: Application, by: User, at: datetime, reason: str) -> None:
    """Say no, and why. They may submit it again.

    :raises OwnApplication: the reviewer is the applicant
    :raises ReasonNeeded: there is none
    :raises WrongStatus: somebody else has decided it already
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


def _inviter(code: str) -> Distributor | None:
    code = code.strip().lower()
    if not code:
        return None
    inviter = Distributor.objects.filter(code=code, status=Distributor.Status.ACTIVE).first()
    if inviter is None:
        raise UnknownInviteCode(invite_code=code[:40])
    return inviter


def _submit_again(application: Application, asked: dict[str, Any], *, at: datetime) -> Application:
    if application.status == Status.SUBMITTED:
        raise AlreadySubmitted(application=application.public_id)
    before = status.move(
        application, to=Status.SUBMITTED, decided_at=None, decided_by=None, reason="", **asked
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
    """Why nobody has to review them, if so."""
    policy = Policy.current()
    if policy.applications == Policy.Applications.OPEN:
        return Route.OPEN
    if policy.fast_track_spend is not None:
        enough = PurchaseTotals.objects.filter(
            member=member, protected_spend__gte=policy.fast_track_spend
        )
        if enough.exists():
            return Route.FAST_TRACK
    if policy.fast_track_buyers is not None:
        # Law 2: people count only once they have bought and kept something.
        buyers = Referral.objects.filter(
            referrer=member, member__purchase_totals__protected_orders__gt=0
        )
        if buyers.count() >= policy.fast_track_buyers:
            return Route.FAST_TRACK
    return None


def _accept(
    application: Application, *, by: User | None, at: datetime, route: Route | None = None
) -> Distributor:
    """Approve, bind, enrol; the member's row is locked."""
    changes = {"route": route} if route else {}
    before = status.move(application, to=Status.APPROVED, decided_at=at, decided_by=by, **changes)
    member, inviter, bound = application.member, application.invited_by, ""
    if inviter:
        # Before they are a distributor themselves: nobody is below them, no circle to look for.
        bound = bind_invited(
            member=member, distributor=inviter, at=at, evidence=Reference.to(application)
        ).outcome
    distributor = enrol(member=member, route=Route(application.route), at=at, by=by)
    record(
        DISTRIBUTION_APPROVED, application, at=at, by=by,
        before={"status": before}, after={"status": Status.APPROVED},
        route=application.route, invitation=bound,
    )  # fmt: skip
    return distributor


def _require_other_reviewer(application: Application, by: User) -> None:
    if by.member_id == application.member_id:
        raise SelfReviewForbidden(application=application.public_id)
