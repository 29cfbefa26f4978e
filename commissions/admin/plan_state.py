"""Say on a plan's page where it stands, and offer what this person can do with it now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from backoffice.base import NOTHING
from backoffice.names import staff_name
from commissions.models import Plan
from commissions.plan_reviews import PlanReview, review_plan
from common import clock
from common.clock import format_moment
from members.models import User

TRY = ("commissions.change_plan", "commissions.publish_plan")
"""Either right is enough to try a plan: nothing is published by it."""


@dataclass(frozen=True, slots=True)
class Link:
    """A page of the plan that this person may open."""

    title: str | Promise
    url: str
    icon: str
    is_primary: bool = False


def context(request: HttpRequest, plan: Plan | None) -> dict[str, Any]:
    """Return the context of ``plan_state.html``; empty for a plan that is being added."""
    if plan is None:
        return {"steps": steps(None)}
    at = clock.now()
    return {
        "plan": plan,
        "steps": steps(plan),
        "sentences": sentences(plan, request.user, at=at),
        "plan_links": links(plan, request.user),
        "review": review_of(plan, at=at) if plan.status != Plan.Status.PUBLISHED else None,
    }


def url(page: str, *args: Any) -> str:
    return reverse(f"admin:commissions_plan_{page}", args=args)


def review_of(plan: Plan, *, at: datetime) -> PlanReview:
    """Review a plan as of its start: what was over before does not matter."""
    return review_plan(plan, at=max(plan.planned_start or at, at))


def steps(plan: Plan | None) -> list[tuple[str, str]]:
    """Return the steps of a plan's life, each with ``done``, ``now`` or ``later``."""
    titles = [_("Draft"), _("Waits for publication"), _("Published")]
    now = list(Plan.Status.values).index(plan.status) if plan else 0
    done = plan is not None and plan.status == Plan.Status.PUBLISHED
    return [
        (title, "done" if place < now or done else "now" if place == now else "later")
        for place, title in enumerate(titles)
    ]


def sentences(plan: Plan, user: Any, *, at: datetime) -> list[str]:
    """Return what happened to a plan and what comes next, for this person."""
    if plan.status == Plan.Status.PUBLISHED:
        current = Plan.objects.in_force(at).values_list("pk", flat=True).first()
        return [_published(plan), force_text(plan, at=at, current=current)]
    if plan.status == Plan.Status.DRAFT:
        returned = _("Returned: %(reason)s") % {"reason": plan.return_reason}
        return [returned] if plan.return_reason else []
    text = [_submitted(plan)]
    if plan.planned_start:
        text.append(_("Planned start: %(at)s.") % {"at": format_moment(plan.planned_start)})
    if plan.note:
        text.append(_("Note: %(note)s") % {"note": plan.note})
    if user.pk in plan.editors:
        text.append(_("You have edited this plan, so somebody else publishes it."))
    return text


def _submitted(plan: Plan) -> str:
    data = {
        "by": staff_name(plan.submitted_by), "at": format_moment(plan.submitted_at or clock.now()),
        "to": staff_name(plan.reviewer) if plan.reviewer else "",
    }  # fmt: skip
    if plan.reviewer:
        return _("%(by)s handed it over to %(to)s on %(at)s.") % data
    return _("%(by)s handed it over on %(at)s, to everyone who may publish plans.") % data


def _published(plan: Plan) -> str:
    assert plan.published_at is not None, "a published plan has its time"
    data = {"by": staff_name(plan.published_by), "at": format_moment(plan.published_at)}
    return _("%(by)s published it on %(at)s.") % data


def force_text(plan: Plan, *, at: datetime, current: int | None) -> str:
    """Return whether a plan is in force, will be, or was.

    :param current: the key of the plan in force
    """
    if plan.status != Plan.Status.PUBLISHED:
        return NOTHING
    if plan.starts_at and plan.starts_at > at:
        return _("From %(at)s on.") % {"at": format_moment(plan.starts_at)}
    if current == plan.pk:
        since = format_moment(plan.starts_at) if plan.starts_at else _("the beginning")
        return _("In force since %(at)s.") % {"at": since}
    return _("Replaced by another version.")


def links(plan: Plan, user: Any) -> list[Link]:
    """Return the pages that this person may open, the next step last."""
    found = []
    if any(map(user.has_perm, TRY)):
        found += [
            Link(_("Simulate"), url("simulate", plan.pk), "calculate"),
            Link(_("Back-test"), url("back_test", plan.pk), "history"),
        ]
    found.append(Link(_("Compare versions"), url("compare", plan.pk), "compare"))
    if plan.status == Plan.Status.DRAFT and user.has_perm("commissions.change_plan"):
        found.append(
            Link(
                _("Hand over"),
                url("submit", plan.pk),
                "send",
                is_primary=not may_publish(plan, user),
            )
        )
    if may_take_back(plan, user):
        found.append(Link(_("Take back"), url("return", plan.pk), "undo"))
    if may_publish(plan, user):
        found.append(
            Link(_("Check and publish"), url("publish", plan.pk), "publish", is_primary=True)
        )
    return found


def may_publish(plan: Plan, user: User | Any) -> bool:
    """Whether to offer publication. The service has the last word."""
    return (
        plan.status != Plan.Status.PUBLISHED
        and user.has_perm("commissions.publish_plan")
        and user.pk not in plan.editors
    )


def may_take_back(plan: Plan, user: User | Any) -> bool:
    """Whether to offer an editor to make a plan that was handed over a draft again."""
    return (
        plan.status == Plan.Status.SUBMITTED
        and user.has_perm("commissions.change_plan")
        and user.pk in plan.editors
    )
