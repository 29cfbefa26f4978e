"""The queue of plans that were handed over: what each changes and pays, then publish or return."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from backoffice.base import StrOrPromise
from backoffice.desk import Decision, Desk, Line
from backoffice.desk_pages import open_desk
from backoffice.fields import MomentField
from backoffice.forms import ReasonForm
from backoffice.names import staff_name
from backoffice.queues import Queue, Tab
from backoffice.timeline import format_moment
from commissions.admin import plan_state
from commissions.admin.compare import change_table
from commissions.models import BackTest, Plan
from commissions.plan_changes import compare_plans
from commissions.services import publish, return_to_draft
from commissions.services.plans import plan_seal
from common import clock
from members.models import User

LIMIT = timedelta(days=2)
Status = Plan.Status
HANDED_OVER = Q(submitted_at__isnull=False)


class StartForm(forms.Form):
    starts_at = MomentField(
        label=_("in force from"), help_text=_("Empty: as its author planned, or at once.")
    )


def _lines(rows: Sequence[Plan]) -> list[Line]:
    return [Line(row.name, _handed_over(row)) for row in rows]


def _handed_over(row: Plan) -> StrOrPromise:
    name = staff_name(row.submitted_by) if row.submitted_by else ""
    return f"{name} · {row.note}" if row.note else name


def _outcome(row: Plan) -> StrOrPromise:
    if row.status == Status.SUBMITTED:
        return ""
    if row.published_at is None:
        return row.get_status_display()
    return _("published by %(name)s, %(moment)s") % {
        "name": staff_name(row.published_by), "moment": format_moment(row.published_at),
    }  # fmt: skip


def _context(request: HttpRequest, row: Plan) -> dict[str, Any]:
    at = clock.now()
    current = Plan.objects.in_force(at).exclude(pk=row.pk).first()
    back_tests = row.back_tests.filter(status=BackTest.Status.DONE)
    return {
        "plan": row,
        "review": plan_state.review_of(row, at=at),
        "current": current,
        "changes": change_table(compare_plans(current, row)) if current else None,
        "back_test": back_tests.first(),
        "scheduled": Plan.objects.scheduled(at).exclude(pk=row.pk).first(),
        "sentences": plan_state.sentences(row, request.user, at=at),
        "plan_links": [link for link in plan_state.links(row, request.user) if not link.is_primary],
    }


def _publish(row: Plan, *, starts_at: datetime | None, by: User, at: datetime) -> None:
    planned = row.planned_start if row.planned_start and row.planned_start > at else None
    # The desk has compared the seal; the service does it again under the lock.
    publish(plan=row, by=by, at=at, seal=plan_seal(row), starts_at=starts_at or planned)


def _return(row: Plan, *, reason: str, by: User, at: datetime) -> None:
    return_to_draft(plan=row, reason=reason, by=by, at=at)


def _editor(row: Plan, by: User) -> StrOrPromise:
    if by.pk in row.editors:
        return _("You have edited this plan, so somebody else publishes it.")
    return ""


def _search(rows: QuerySet[Plan], term: str) -> QuerySet[Plan]:
    return rows.filter(Q(name__icontains=term) | Q(public_id=term.lower()))


open_desk(
    Queue(
        name="plans",
        title=_("Plans to publish"),
        icon="percent",
        model="commissions.plan",
        permission="commissions.publish_plan",
        waiting=Plan.objects.waiting_for,
        since="submitted_at",
        limit=LIMIT,
        tabs=[Tab("published", _("Published"), HANDED_OVER & Q(status=Status.PUBLISHED))],
        order=65,
        desk=Desk(
            prepare=lambda rows: rows.select_related("submitted_by", "reviewer", "published_by"),
            lines=_lines,
            template="admin/commissions/plan_row.html",
            context=_context,
            outcome=_outcome,
            empty=_("No plan waits for you."),
            seal=plan_seal,
            search=_search,
            search_help=_("Words of the name, or whole id"),
            styles=["twotier/admin/plans.css"],
            decisions=[
                Decision(
                    "publish", _("Publish"), _publish, _("It is published:"), key="a",
                    question=_(
                        "It applies to orders placed from its start on, and cannot be changed."
                    ),
                    variant="primary", form=StartForm, refusal=_editor,
                ),
                Decision(
                    "return", _("Return"), _return, _("It is a draft again:"), key="r",
                    question=_("It becomes a draft, which its editors can change."),
                    variant="danger", form=ReasonForm,
                ),
            ],
        ),
    )
)  # fmt: skip
