"""Hand a draft over to a second person, who publishes it or returns it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from commissions.events import COMMISSIONS_PLAN_RETURNED, COMMISSIONS_PLAN_SUBMITTED
from commissions.models import Plan
from commissions.services.plans import (
    PlanNotCompliant,
    add_editor,
    lock_draft,
    publish_errors,
    require_valid_start,
)
from common import status
from common.errors import ReasonRequired, TwotierError
from events.services import record
from members.models import User

PUBLISH = "commissions.publish_plan"
MAX_TEXT = 200


class ReviewerNotSuitable(TwotierError):
    code = "plan_reviewer_not_suitable"
    message = _(
        "%(username)s cannot publish this plan: a reviewer has the right to publish plans, an"
        " active account, and has not edited this one. Nothing was handed over."
    )
    status = 422


def reviewers(plan: Plan) -> QuerySet[User]:
    """Return the people who may publish a plan, by username: with the right, and no editor."""
    right = Q(user_permissions__codename="publish_plan") | Q(
        groups__permissions__codename="publish_plan"
    )
    people = User.objects.filter(Q(is_superuser=True) | right, is_active=True, is_staff=True)
    return people.exclude(pk__in=plan.editors).distinct().order_by("username")


@transaction.atomic
def submit(
    *,
    plan: Plan,
    by: User,
    at: datetime,
    reviewer: User | None = None,
    starts_at: datetime | None = None,
    note: str = "",
) -> None:
    """Hand a draft over for publication; from now on nobody changes it.

    Who hands it over counts as an editor.

    :param reviewer: who is asked to publish it; without one, everyone who may
    :param starts_at: from when it should be in force; the reviewer has the last word
    :raises PlanNotCompliant: it could not be published as it is
    :raises ReviewerNotSuitable: the reviewer may not publish it
    :raises PlanStartInvalid: the start is in the past, or more than a year ahead
    :raises ReasonRequired: the note is too long
    :raises WrongStatus: it is published or handed over
    """
    require_valid_start(starts_at, at=at)
    if len(note) > MAX_TEXT:
        raise ReasonRequired
    locked = lock_draft(plan)
    add_editor(locked, by)
    if reasons := publish_errors(locked, at=starts_at or at):
        raise PlanNotCompliant(reason=" ".join(map(str, reasons)))
    if reviewer and not reviewers(locked).filter(pk=reviewer.pk).exists():
        raise ReviewerNotSuitable(username=reviewer.get_username())
    status.move(
        plan, to=Plan.Status.SUBMITTED, submitted_by=by, submitted_at=at, reviewer=reviewer,
        planned_start=starts_at, note=note, return_reason="",
    )  # fmt: skip
    plan.editors = locked.editors
    record(
        COMMISSIONS_PLAN_SUBMITTED, plan, at=at, by=by, planned_start=starts_at, note=note,
        reviewer=reviewer.get_username() if reviewer else "",
    )  # fmt: skip


@transaction.atomic
def return_to_draft(*, plan: Plan, by: User, at: datetime, reason: str) -> None:
    """Make a plan that was handed over a draft again: for its reviewer or for its editors.

    :raises ReasonRequired: no reason, or one that is too long
    :raises WrongStatus: it was not handed over, or is published already
    """
    if not reason.strip() or len(reason) > MAX_TEXT:
        raise ReasonRequired
    locked = Plan.objects.select_for_update(no_key=True).get(pk=plan.pk)
    status.expect(locked, Plan.Status.SUBMITTED, to=Plan.Status.DRAFT)
    status.move(
        plan, to=Plan.Status.DRAFT, submitted_by=None, submitted_at=None, reviewer=None,
        note="", return_reason=reason.strip(),
    )  # fmt: skip
    record(COMMISSIONS_PLAN_RETURNED, plan, at=at, by=by, reason=reason.strip())
