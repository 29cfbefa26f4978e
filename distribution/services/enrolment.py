"""Enrol members as distributors."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from common import status
from common.base_models import ALPHABET
from common.errors import TwotierError, violated_constraint
from distribution.events import DISTRIBUTION_APPROVED, DISTRIBUTION_ENROLLED
from distribution.models import Application, Distributor, DistributorPeriod
from distribution.services.unbind import lock_members
from events.services import record
from members.models import Member, User
from members.persons import MemberMerged

CODE_LENGTH = 8


class AlreadyDistributor(TwotierError):
    code = "already_distributor"
    message = _("This member is already a distributor, or has exited.")


class SelfReviewForbidden(TwotierError):
    code = "self_review_forbidden"
    message = _("This concerns yourself: ask a colleague to decide.")
    status = 403


@transaction.atomic
def enrol(
    *, member: Member, route: Application.Route, at: datetime, by: User | Member | None = None
) -> Distributor:
    """Make ``member`` an active distributor from ``at`` on.

    :param route: recorded with the event
    :raises AlreadyDistributor: the member is one, or has exited
    :raises MemberMerged: the member was merged into another one
    """
    try:
        with transaction.atomic():
            distributor = Distributor.objects.create(member=member, code=_code(), since=at)
            DistributorPeriod.objects.create(
                distributor=distributor, status=Distributor.Status.ACTIVE, started_at=at
            )
    except IntegrityError as error:
        if violated_constraint(error) == "distributor_member_not_merged":
            raise MemberMerged(member=member.public_id) from None
        raise AlreadyDistributor(member=member.public_id) from None
    record(DISTRIBUTION_ENROLLED, distributor, at=at, by=by, route=route)
    return distributor


@transaction.atomic
def enrol_by_staff(*, member: Member, by: User, at: datetime) -> Distributor:
    """Make ``member`` a distributor; an open application is approved with it.

    :raises SelfReviewForbidden: ``by`` is the member
    :raises AlreadyDistributor: the member is one, or has exited
    """
    if by.member_id == member.pk:
        raise SelfReviewForbidden(member=member.public_id)
    lock_members(member.pk)
    distributor = enrol(member=member, route=Application.Route.STAFF, at=at, by=by)
    submitted = Application.objects.filter(member=member, status=Application.Status.SUBMITTED)
    for application in submitted:
        before = status.move(
            application, to=Application.Status.APPROVED,
            route=Application.Route.STAFF, decided_at=at, decided_by=by,
        )  # fmt: skip
        record(
            DISTRIBUTION_APPROVED, application, at=at, by=by,
            before={"status": before}, after={"status": application.status},
            route=application.route, invitation=None,
        )  # fmt: skip
    return distributor


def _code() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
