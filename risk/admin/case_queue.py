"""The queue of risk cases: what was held and why, cleared or investigated."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.db.models import Prefetch, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget

from backoffice.base import NOTHING, StrOrPromise
from backoffice.desk import Decision, Desk, Line
from backoffice.desk_pages import open_desk
from backoffice.forms import ReasonForm
from backoffice.names import staff_name
from backoffice.queues import Queue, Tab
from backoffice.timeline import format_moment
from distribution.models import Distributor
from members.models import User
from members.search import search_members
from orders.models import Order
from risk import services
from risk.admin.records import format_evidence, link_to
from risk.models import Case, Hold
from risk.services.cases import MAX_NOTE_LENGTH
from risk.services.holds import SelfReleaseForbidden

MAX_HOLDS = 20


class NoteForm(forms.Form):
    note = forms.CharField(
        label=_("note"), max_length=MAX_NOTE_LENGTH, widget=UnfoldAdminTextareaWidget
    )


def _prepare(rows: QuerySet[Case]) -> QuerySet[Case]:
    holds = Hold.objects.select_related("assessment", "released_by").order_by("pk")
    return rows.select_related("member__distributor", "assignee", "closed_by").prefetch_related(
        Prefetch("holds", holds)
    )


def _lines(rows: Sequence[Case]) -> list[Line]:
    return [Line(str(row.member), _rules(row), warning=_assignee(row)) for row in rows]


def _rules(row: Case) -> StrOrPromise:
    held = [hold.get_rule_display() for hold in row.holds.all() if hold.released_at is None]
    return "、".join(dict.fromkeys(held)) or _("nothing is held")


def _assignee(row: Case) -> StrOrPromise:
    return "" if row.assignee or row.status == Case.Status.CLOSED else _("nobody investigates it")


def _outcome(row: Case) -> StrOrPromise:
    if row.status == Case.Status.OPEN or row.closed_at is None:
        return ""
    return _("closed by %(name)s, %(moment)s: %(conclusion)s") % {
        "name": staff_name(row.closed_by), "moment": format_moment(row.closed_at),
        "conclusion": row.conclusion,
    }  # fmt: skip


def _context(_request: HttpRequest, row: Case) -> dict[str, Any]:
    distributor: Distributor | None = getattr(row.member, "distributor", None)
    member = link_to("members.member", row.member.public_id)
    return {
        "facts": [
            (_("about"), link_to(row.subject_kind, row.subject_id)),
            (_("member"), member),
            (
                _("distributor"),
                link_to(Distributor._meta.label_lower, distributor.public_id)
                if distributor
                else NOTHING,
            ),
            (_("assignee"), staff_name(row.assignee) if row.assignee else _("nobody")),
            (_("opened at"), format_moment(row.opened_at)),
        ],
        "holds": [_hold(hold) for hold in list(row.holds.all())[-MAX_HOLDS:]],
        "case_notes": row.notes.select_related("by").order_by("-pk"),
    }


def _hold(hold: Hold) -> dict[str, Any]:
    return {
        "rule": hold.get_rule_display(),
        "evidence": format_evidence(hold.assessment.evidence),
        "url": reverse("admin:risk_hold_change", args=[hold.pk]),
        "released": _("released by %(name)s: %(reason)s") % {
            "name": staff_name(hold.released_by), "reason": hold.release_reason,
        } if hold.released_at else "",
    }  # fmt: skip


def _own(row: Case, by: User) -> StrOrPromise:
    if by.member_id and by.member_id == row.member_id:
        return SelfReleaseForbidden.message
    return ""


def _clear(row: Case, *, reason: str, by: User, at: datetime) -> None:
    services.clear_case(case=row, reason=reason, by=by, at=at)


def _take(row: Case, *, by: User, at: datetime) -> None:
    services.assign(case=row, assignee=by, by=by, at=at)


def _note(row: Case, *, note: str, by: User, at: datetime) -> None:
    services.note(case=row, text=note, by=by, at=at)


def _taken(row: Case, by: User) -> StrOrPromise:
    return _("You investigate it.") if row.assignee_id == by.pk else ""


def _search(rows: QuerySet[Case], term: str) -> QuerySet[Case]:
    orders = list(Order.objects.filter(number=term).values_list("public_id", flat=True))
    found = Q(subject_id__in=[term.lower(), *orders]) | Q(member__in=search_members(term))
    return rows.filter(found)


open_desk(
    Queue(
        name="risk_cases",
        title=_("Risk cases"),
        icon="policy",
        model="risk.case",
        permission="risk.change_case",
        waiting=lambda _user: Case.objects.filter(status=Case.Status.OPEN),
        since="opened_at",
        tabs=[Tab("closed", _("Closed"), Q(status=Case.Status.CLOSED))],
        order=40,
        desk=Desk(
            prepare=_prepare,
            lines=_lines,
            template="admin/risk/case_row.html",
            context=_context,
            outcome=_outcome,
            empty=_("No case is open: nothing is held."),
            search=_search,
            search_help=_("Whole id, order number, or nickname"),
            has_notes=False,  # cases have notes and an assignee of their own
            decisions=[
                Decision(
                    "clear", _("Nothing is wrong"), _clear, _("Released and closed:"), key="a",
                    question=_(
                        "Releases all holds of the case and closes it. What was held continues;"
                        " the rules do not hold it again."
                    ),
                    variant="primary", form=ReasonForm, refusal=_own,
                ),
                Decision(
                    "take", _("Assign to me"), _take, _("It is assigned to you:"), key="t",
                    question=_("You investigate it from now on."), refusal=_taken, ends=False,
                ),
                Decision(
                    "note", _("Write a note"), _note, _("The note is saved:"), key="n",
                    question=_("Enter your findings. They cannot be changed later."),
                    form=NoteForm, ends=False,
                ),
            ],
        ),
    )
)  # fmt: skip
