"""The queues of conflicts, and of proposals to accept those of credited orders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminRadioSelectWidget

from backoffice.base import NOTHING, StrOrPromise
from backoffice.desk import Batch, Column, Decision, Desk, Line
from backoffice.desk_pages import open_desk
from backoffice.forms import ReasonForm
from backoffice.names import staff_name
from backoffice.proposals import proposal_outcome
from backoffice.queues import Queue, Tab
from backoffice.timeline import format_moment
from commissions.admin.conflicts import PROPOSED
from commissions.models import ConflictAcceptance
from commissions.services import conflicts as services
from common.errors import SelfApprovalForbidden, TwotierError
from members.models import User
from orders.admin.conflict_words import LABELS
from orders.models import OrderConflict
from orders.search import has_number

Status = OrderConflict.Status
Proposal = ConflictAcceptance.Status
ACCEPT, DISMISS = "accept", "dismiss"
ACCEPT_TITLE, DISMISS_TITLE = _("Accept the given value"), _("Keep the known value")
REFUND = _("The difference is booked as a refund, and what was credited too much is taken back.")


def _waiting(_user: User) -> QuerySet[OrderConflict]:
    """Return the open conflicts that wait for no second person."""
    proposed = ConflictAcceptance.objects.filter(status=Proposal.PROPOSED)
    return OrderConflict.objects.filter(status=Status.OPEN).exclude(
        pk__in=proposed.values("conflict")
    )


def field_label(row: OrderConflict) -> str:
    """Return what a conflict is about, in words."""
    return str(LABELS.get(row.field_name, row.field_name))


def _lines(rows: Sequence[OrderConflict]) -> list[Line]:
    return [
        Line(row.number, f"{field_label(row)}: {row.known or NOTHING} → {row.given or NOTHING}")
        for row in rows
    ]


def _search(rows: QuerySet[OrderConflict], term: str) -> QuerySet[OrderConflict]:
    return rows.filter(has_number(term))


def _search_acceptances(
    rows: QuerySet[ConflictAcceptance], term: str
) -> QuerySet[ConflictAcceptance]:
    return rows.filter(conflict__in=OrderConflict.objects.filter(has_number(term)))


def _outcome(row: OrderConflict) -> StrOrPromise:
    if row.status == Status.OPEN or row.ended_at is None:
        return ""
    if row.status == Status.RESOLVED:
        return f"{row.get_status_display()}, {format_moment(row.ended_at)}"
    return _("%(status)s by %(name)s, %(moment)s") % {
        "status": row.get_status_display(), "name": staff_name(row.decided_by),
        "moment": format_moment(row.ended_at),
    }  # fmt: skip


def _facts(row: OrderConflict) -> list[tuple[StrOrPromise, Any]]:
    return [
        (_("order number"), row.number),
        (_("field"), field_label(row)),
        (_("known value"), row.known or NOTHING),
        (_("given value"), row.given or NOTHING),
        (_("source"), row.source),
        (_("first seen"), format_moment(row.first_seen)),
        (_("last seen"), format_moment(row.last_seen)),
    ]


def _order_url(row: OrderConflict) -> str:
    return reverse("admin:orders_order_change", args=[row.order_id]) if row.order_id else ""


def _context(_request: HttpRequest, row: OrderConflict) -> dict[str, Any]:
    others = OrderConflict.objects.filter(number=row.number, status=Status.OPEN)
    return {
        "facts": _facts(row),
        "order_url": _order_url(row),
        "others": [
            f"{field_label(other)}: {other.known or NOTHING} → {other.given or NOTHING}"
            for other in others.exclude(pk=row.pk).order_by("pk")[:10]
        ],
        "reason": row.reason,
    }


def _accept(row: OrderConflict, *, reason: str, by: User, at: datetime) -> StrOrPromise | None:
    proposals = services.accept_conflicts(conflicts=[row], reason=reason, by=by, at=at)
    return PROPOSED if proposals else None


class DecideManyForm(ReasonForm):
    field_order = ("decision", "reason")
    decision = forms.ChoiceField(
        label=_("decision"), choices=[(ACCEPT, ACCEPT_TITLE), (DISMISS, DISMISS_TITLE)],
        widget=UnfoldAdminRadioSelectWidget,
    )  # fmt: skip


def _decide_many(
    rows: Sequence[OrderConflict], *, decision: str, reason: str, by: User, at: datetime
) -> Mapping[int, StrOrPromise]:
    """Decide each in a transaction of its own, and return what else happened to it."""
    decide = {ACCEPT: _accept, DISMISS: _dismiss}[decision]
    results: dict[int, StrOrPromise] = {}
    for row in rows:
        try:
            results[row.pk] = decide(row, reason=reason, by=by, at=at) or ""
        except TwotierError as error:
            results[row.pk] = str(error)
    return results


def _dismiss(row: OrderConflict, *, reason: str, by: User, at: datetime) -> None:
    services.dismiss_conflicts(conflicts=[row], reason=reason, by=by, at=at)


def _columns(_rows: Sequence[OrderConflict]) -> list[Column]:
    return [
        Column(_("order number"), lambda row: row.number),
        Column(_("field"), field_label),
        Column(_("known value"), lambda row: row.known or NOTHING),
        Column(_("given value"), lambda row: row.given or NOTHING),
        Column(_("source"), lambda row: row.source),
        Column(_("first seen"), lambda row: format_moment(row.first_seen)),
    ]


def _acceptance_lines(rows: Sequence[ConflictAcceptance]) -> list[Line]:
    return [
        Line(row.conflict.number, f"{field_label(row.conflict)}: {row.conflict.known or NOTHING}"
             f" → {row.conflict.given or NOTHING}")
        for row in rows
    ]  # fmt: skip


def _acceptance_context(_request: HttpRequest, row: ConflictAcceptance) -> dict[str, Any]:
    return {
        "facts": [
            *_facts(row.conflict),
            (_("proposed by"), f"{staff_name(row.proposer)} · {format_moment(row.proposed_at)}"),
        ],
        "order_url": _order_url(row.conflict),
        "reason": row.reason,
    }


def _own_proposal(row: ConflictAcceptance, by: User) -> StrOrPromise:
    return SelfApprovalForbidden.message if row.proposer_id == by.pk else ""


def _agree(row: ConflictAcceptance, *, by: User, at: datetime) -> None:
    services.agree_to_acceptance(acceptance=row, by=by, at=at)


def _refuse(row: ConflictAcceptance, *, by: User, at: datetime) -> None:
    services.refuse_acceptance(acceptance=row, by=by, at=at)


open_desk(
    Queue(
        name="order_conflicts",
        title=_("Conflicts of orders"),
        icon="compare_arrows",
        model="orders.orderconflict",
        permission=services.PERMISSION,
        waiting=_waiting,
        since="first_seen",
        tabs=[
            Tab("accepted", _("Value accepted"), Q(status=Status.ACCEPTED)),
            Tab("dismissed", _("Dismissed"), Q(status=Status.DISMISSED)),
        ],
        order=60,
        desk=Desk(
            prepare=lambda rows: rows.select_related("order", "decided_by"),
            lines=_lines,
            template="admin/commissions/conflict_row.html",
            context=_context,
            outcome=_outcome,
            empty=_("No report contradicts an order."),
            search=_search,
            search_help=_("Start or end of the order number"),
            decisions=[
                Decision(
                    ACCEPT, ACCEPT_TITLE, _accept, _("It is accepted:"), key="a",
                    question=_(
                        "The given value counts from now on. A time is corrected; less money or"
                        " quantity is booked as a refund, which reduces its commissions."
                    ),
                    variant="primary", form=ReasonForm,
                ),
                Decision(
                    DISMISS, DISMISS_TITLE, _dismiss, _("It is dismissed:"), key="r",
                    question=_(
                        "The known value stands, and its commissions are credited when they are"
                        " due. The same value opens no conflict again."
                    ),
                    variant="danger", form=ReasonForm,
                ),
            ],
            batch=Batch(
                title=_("Decide several"),
                question=_(
                    "The decision and the reason are those of each row. Orders with credited"
                    " commissions wait for another person to agree."
                ),
                confirm=_("Decide %(count)s"),
                columns=_columns,
                refusals=lambda _rows, _by: {},
                run=_decide_many,
                form=DecideManyForm,
            ),
        ),
    )
)  # fmt: skip
open_desk(
    Queue(
        name="conflict_acceptances",
        title=_("Acceptances of conflicts"),
        icon="how_to_reg",
        model="commissions.conflictacceptance",
        permission=services.PERMISSION,
        waiting=lambda _user: ConflictAcceptance.objects.filter(status=Proposal.PROPOSED),
        since="proposed_at",
        tabs=[
            Tab("agreed", _("Agreed"), Q(status=Proposal.AGREED)),
            Tab("refused", _("Refused"), Q(status=Proposal.REFUSED)),
        ],
        order=61,
        desk=Desk(
            prepare=lambda rows: rows.select_related("conflict__order", "proposer", "decider"),
            lines=_acceptance_lines,
            template="admin/commissions/conflict_row.html",
            context=_acceptance_context,
            outcome=proposal_outcome,
            empty=_("No proposal waits for a second person."),
            search=_search_acceptances,
            search_help=_("Start or end of the order number"),
            decisions=[
                Decision(
                    "agree", _("Agree"), _agree, _("It is accepted:"), key="a", question=REFUND,
                    variant="primary", refusal=_own_proposal,
                ),
                Decision(
                    "refuse", _("Refuse"), _refuse, _("It is refused:"), key="r",
                    question=_("No money moves."), variant="danger",
                ),
            ],
        ),
    )
)  # fmt: skip
