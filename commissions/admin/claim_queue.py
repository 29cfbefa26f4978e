"""The queue of claims: the claim, the order's explanation, and an answer that can be copied."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from backoffice.base import NOTHING, StrOrPromise
from backoffice.desk import Decision, Desk, Line
from backoffice.desk_pages import open_desk
from backoffice.forms import AnswerForm
from backoffice.names import staff_name
from backoffice.queues import Queue, Tab
from backoffice.timeline import format_moment
from commissions.admin.answers import for_claimant
from commissions.admin.explanations import render_lines
from commissions.explanations import explain
from commissions.models import Claim
from commissions.services import claims as services
from members.admin.person import person_url
from members.models import User
from members.search import search_members
from members.thumbnails import thumbnails
from orders.models import Order
from orders.search import has_number

Status = Claim.Status


def _prepare(rows: QuerySet[Claim]) -> QuerySet[Claim]:
    return rows.select_related("member", "commission", "answered_by").with_evidence()  # type: ignore[attr-defined, no-any-return]


def _lines(rows: Sequence[Claim]) -> list[Line]:
    return [
        Line(str(row.member), f"{row.get_reason_display()} · {row.order_number}") for row in rows
    ]


def _outcome(row: Claim) -> StrOrPromise:
    if row.status == Status.OPEN or row.answered_at is None:
        return ""
    return _("%(status)s by %(name)s, %(moment)s") % {
        "status": row.get_status_display(), "name": staff_name(row.answered_by),
        "moment": format_moment(row.answered_at),
    }  # fmt: skip


def _context(_request: HttpRequest, row: Claim) -> dict[str, Any]:
    order = Order.objects.filter(number=row.order_number).first()
    lines = explain(order) if order else ()
    return {
        "facts": [
            (_("order number"), row.order_number),
            (_("reason"), row.get_reason_display()),
            (_("commission"), str(row.commission) if row.commission else NOTHING),
            (_("opened at"), format_moment(row.opened_at)),
            (_("answer due at"), format_moment(row.due_at)),
        ],
        "member_url": person_url(row.member_id),
        "order_url": reverse("admin:orders_order_change", args=[order.pk]) if order else "",
        "pictures": thumbnails(row.pictures),
        "explanation": render_lines(lines),
        "for_member": for_claimant(row, order, lines),
        "answer": row.answer,
    }


def _own(row: Claim, by: User) -> StrOrPromise:
    if by.member_id and by.member_id in (row.member_id, row.member.merged_into_id):
        return services.OwnClaimForbidden.message
    return ""


def _accept(row: Claim, *, reason: str, by: User, at: datetime) -> None:
    services.answer_claim(claim=row, outcome=Status.ACCEPTED, answer=reason, by=by, at=at)


def _reject(row: Claim, *, reason: str, by: User, at: datetime) -> None:
    services.answer_claim(claim=row, outcome=Status.REJECTED, answer=reason, by=by, at=at)


def _search(rows: QuerySet[Claim], term: str) -> QuerySet[Claim]:
    return rows.filter(has_number(term, "order_number") | Q(member__in=search_members(term)))


open_desk(
    Queue(
        name="claims",
        title=_("Claims"),
        icon="support_agent",
        model="commissions.claim",
        permission=services.PERMISSION,
        waiting=lambda _user: Claim.objects.open(),
        since="opened_at",
        limit=services.ANSWER_WITHIN,
        tabs=[
            Tab("accepted", _("Accepted"), Q(status=Status.ACCEPTED)),
            Tab("rejected", _("Rejected"), Q(status=Status.REJECTED)),
        ],
        order=42,
        desk=Desk(
            prepare=_prepare,
            lines=_lines,
            template="admin/commissions/claim_row.html",
            context=_context,
            outcome=_outcome,
            empty=_("No claim waits for an answer."),
            search=_search,
            search_help=_("Start or end of the order number, or nickname"),
            decisions=[
                Decision(
                    "accept", _("Accept"), _accept, _("Accepted, with your answer:"), key="a",
                    question=_(
                        "The member reads your answer. No money moves: correct the order, or"
                        " propose an adjustment of the wallet."
                    ),
                    variant="primary", form=AnswerForm, refusal=_own,
                ),
                Decision(
                    "reject", _("Reject"), _reject, _("Rejected, with your answer:"), key="r",
                    question=_("The member reads your answer."),
                    variant="danger", form=AnswerForm, refusal=_own,
                ),
            ],
        ),
    )
)  # fmt: skip
