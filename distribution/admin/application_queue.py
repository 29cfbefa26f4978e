"""The queue of applications: each beside the list, approved or rejected, or many at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from backoffice.base import NOTHING, StrOrPromise
from backoffice.desk import Batch, Column, Decision, Desk, Line
from backoffice.desk_pages import open_desk
from backoffice.forms import ReasonForm
from backoffice.names import staff_name
from backoffice.queues import Queue, Tab
from backoffice.timeline import format_moment
from common.errors import TwotierError
from common.money import format_yuan
from distribution import services
from distribution.admin.answers import shown_answer
from distribution.models import Application, PurchaseTotals
from distribution.services.enrolment import SelfReviewForbidden
from events.models import Event, Reference
from members.admin.person import person_link
from members.models import Member, User
from members.search import search_members

Status = Application.Status
PERMISSION = "distribution.change_application"
MAX_EVENTS = 20
EVENT_LABELS = {
    "distribution.applied": _("submitted"),
    "distribution.approved": _("approved"),
    "distribution.rejected": _("rejected"),
}
"""The events of an application; an application that is submitted again keeps its history."""


def _waiting(_user: User) -> QuerySet[Application]:
    return Application.objects.filter(status=Status.SUBMITTED)


def _prepare(rows: QuerySet[Application]) -> QuerySet[Application]:
    return rows.select_related(
        "member__purchase_totals", "invited_by__member", "decided_by", "form"
    )


def _lines(rows: Sequence[Application]) -> list[Line]:
    return [Line(str(row.member), _short_reason(row), warning=_closed(row)) for row in rows]


def _short_reason(row: Application) -> StrOrPromise:
    if row.invited_by:
        invited = _("invited by %(name)s") % {"name": row.invited_by}
        return f"{invited} · {row.statement}" if row.statement else invited
    return row.statement or row.get_route_display()


def _closed(row: Application) -> StrOrPromise:
    return _("the account is closed") if row.member.closed_at else ""


def _outcome(row: Application) -> StrOrPromise:
    if row.status == Status.SUBMITTED:
        return ""
    said = {
        Status.APPROVED: _("approved by %(name)s, %(moment)s"),
        Status.REJECTED: _("rejected by %(name)s, %(moment)s"),
    }[Status(row.status)]
    moment = format_moment(row.decided_at) if row.decided_at else NOTHING
    return said % {"name": staff_name(row.decided_by), "moment": moment}


def _refusal(row: Application, by: User) -> StrOrPromise:
    if by.member_id and by.member_id == row.member_id:
        return SelfReviewForbidden.message
    return ""


def _purchases(member: Member) -> StrOrPromise:
    totals = getattr(member, "purchase_totals", None) or PurchaseTotals()
    return _("¥%(yuan)s in %(orders)s orders") % {
        "yuan": format_yuan(totals.protected_spend), "orders": totals.protected_orders,
    }  # fmt: skip


def _context(_request: HttpRequest, row: Application) -> dict[str, Any]:
    facts: list[tuple[StrOrPromise, Any]] = [
        (_("member"), person_link(row.member)),
        (_("joined at"), format_moment(row.member.joined_at)),
        (_("invited by"), person_link(row.invited_by.member) if row.invited_by else NOTHING),
        (_("route"), row.get_route_display()),
        (_("protected purchases"), _purchases(row.member)),
        (_("submitted at"), format_moment(row.submitted_at)),
    ]
    if row.reason:
        facts.append((_("reason"), row.reason))
    return {
        "facts": facts,
        "answers": [(question.label, shown_answer(question, answer))
                    for question, answer in row.answered],
        "history": _history(row),
    }  # fmt: skip


def _history(row: Application) -> list[dict[str, Any]]:
    kind, public_id = Reference.to(row)
    events = Event.objects.filter(subject_kind=kind, subject_id=public_id).order_by("-pk")
    names = {
        user.username: staff_name(user)
        for user in User.objects.filter(username__in=[event.actor_id for event in events])
    }
    return [
        {
            "at": format_moment(event.at),
            "label": EVENT_LABELS.get(event.name, event.name),
            "by": names.get(event.actor_id, "") if event.actor_kind == "members.user" else "",
            "reason": event.data.get("reason", ""),
        }
        for event in events[:MAX_EVENTS]
    ]


def _search(rows: QuerySet[Application], term: str) -> QuerySet[Application]:
    found = Q(public_id=term.lower()) | Q(member__in=search_members(term))
    return rows.filter(found)


def _approve(row: Application, *, by: User, at: datetime) -> None:
    services.approve(application=row, by=by, at=at)


def _reject(row: Application, *, reason: str, by: User, at: datetime) -> None:
    services.reject(application=row, reason=reason, by=by, at=at)


def _distributor_link(row: Application) -> tuple[str, StrOrPromise]:
    page = reverse("admin:distribution_distributor_change", args=[row.member.distributor.pk])
    return page, str(row.member)


def _refusals(rows: Sequence[Application], by: User) -> Mapping[int, StrOrPromise]:
    return {row.pk: _refusal(row, by) or _closed(row) for row in rows}


def _approve_many(
    rows: Sequence[Application], *, by: User, at: datetime
) -> Mapping[int, StrOrPromise]:
    """Approve each in a transaction of its own, and return the errors of those refused."""
    errors: dict[int, StrOrPromise] = {}
    for row in rows:
        try:
            services.approve(application=row, by=by, at=at)
        except TwotierError as error:
            errors[row.pk] = str(error)
    return errors


open_desk(
    Queue(
        name="applications",
        title=_("Applications"),
        icon="how_to_reg",
        model="distribution.application",
        permission=PERMISSION,
        waiting=_waiting,
        since="submitted_at",
        tabs=[
            Tab("approved", _("Approved"), Q(status=Status.APPROVED)),
            Tab("rejected", _("Rejected"), Q(status=Status.REJECTED)),
        ],
        order=10,
        desk=Desk(
            prepare=_prepare,
            lines=_lines,
            template="admin/distribution/application_row.html",
            context=_context,
            outcome=_outcome,
            empty=_("Nobody waits for a decision on an application."),
            seal=lambda row: f"{row.submitted_at:%Y%m%d%H%M%S%f}",
            search=_search,
            search_help=_("Nickname, or whole id"),
            decisions=[
                Decision(
                    "approve", _("Approve"), _approve, _("They are a distributor now:"), key="a",
                    question=_(
                        "They become a distributor, bound to their inviter if they are still"
                        " unbound."
                    ),
                    variant="primary", refusal=_refusal, link=_distributor_link,
                ),
                Decision(
                    "reject", _("Reject"), _reject, _("The application is rejected:"), key="r",
                    question=_("The applicant sees the reason and may apply again."),
                    variant="danger", form=ReasonForm, refusal=_refusal,
                ),
            ],
            batch=Batch(
                title=_("Approve several"),
                question=_(
                    "Each of them becomes a distributor, bound to their inviter if they are still"
                    " unbound."
                ),
                confirm=_("Approve %(count)s"),
                columns=lambda _rows: [
                    Column(_("member"), lambda row: row.member),
                    Column(_("invited by"), lambda row: row.invited_by or NOTHING),
                    Column(_("statement of the applicant"), lambda row: row.statement or NOTHING),
                    Column(_("protected purchases"), lambda row: _purchases(row.member)),
                    Column(_("submitted at"), lambda row: format_moment(row.submitted_at)),
                ],
                refusals=_refusals,
                run=_approve_many,
            ),
        ),
    )
)  # fmt: skip
