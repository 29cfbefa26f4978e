"""The queues of both reviews: each withdrawal on one screen, or many with a control total."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget

from backoffice.base import StrOrPromise
from backoffice.desk import Batch, Column, Decision, Desk, Line
from backoffice.desk_pages import open_desk
from backoffice.fields import text_field
from backoffice.names import staff_name
from backoffice.queues import Queue, Tab
from backoffice.reveals import Reveal
from backoffice.timeline import format_moment
from members.models import User
from members.search import search_members
from withdrawals import services
from withdrawals.admin.dialogs import REVIEW_RESTARTED
from withdrawals.admin.display import format_blockers, summarize_risk
from withdrawals.admin.review_screen import review_context
from withdrawals.admin.reviewers import refusal
from withdrawals.gateways import STORE_CREDIT
from withdrawals.models import Attempt, Policy, RejectionReason, Withdrawal
from withdrawals.permissions import FINANCE, OPERATIONS
from withdrawals.queries import assessments, blockers
from withdrawals.requests.review import ApprovalResult

Status = Withdrawal.Status
UNMASK = "withdrawals.unmask_person"
ONE_OF_TWO = _("Your approval is recorded. A second finance reviewer decides.")
Approve = Callable[..., bool]


class RejectForm(forms.Form):
    rejection = forms.ModelChoiceField(
        RejectionReason.objects.filter(is_active=True), label=_("reason for the rejection"),
        help_text=_("Finance maintains the list under Reasons for rejections."),
        to_field_name="code", empty_label="–", widget=UnfoldAdminSelectWidget,
    )  # fmt: skip
    note = text_field(_("message to the member"), required=False)


def _prepare(rows: QuerySet[Withdrawal]) -> QuerySet[Withdrawal]:
    return rows.select_related(
        "member__distributor", "payee", "ops_reviewer", "finance_reviewer", "second_reviewer",
        "rejection_reason",
    )  # fmt: skip


def _lines(rows: Sequence[Withdrawal]) -> list[Line]:
    blocked = blockers(rows)
    return [
        Line(str(row.member), str(row.payee), row.gross, format_blockers(blocked[row.pk]))
        for row in rows
    ]


def _outcome(row: Withdrawal, *, waits_in: Status) -> StrOrPromise:
    """Return what became of a withdrawal; who approved it is on its screen."""
    if row.status == waits_in:
        return ""
    if row.status == Status.OPS_APPROVED and row.ops_reviewed_at:
        return _("approved for operations by %(name)s, %(moment)s") % {
            "name": staff_name(row.ops_reviewer), "moment": format_moment(row.ops_reviewed_at),
        }  # fmt: skip
    if row.ended_at:
        return f"{row.get_status_display()}, {format_moment(row.ended_at)}"
    return row.get_status_display()


def _refusal(row: Withdrawal, by: User) -> StrOrPromise:
    return refusal(row, by, blockers([row])[row.pk])


def _refusals(rows: Sequence[Withdrawal], by: User) -> Mapping[int, StrOrPromise]:
    blocked = blockers(rows)
    return {row.pk: refusal(row, by, blocked[row.pk]) for row in rows}


def _approve(row: Withdrawal, *, by: User, at: datetime, approve: Approve) -> StrOrPromise | None:
    # The desk has compared the hash; the service does it again under the lock.
    if not approve(withdrawal=row, content_hash=row.content_hash, by=by, at=at):
        return REVIEW_RESTARTED
    first_of_two = row.status == Status.OPS_APPROVED and row.finance_reviewer_id
    return ONE_OF_TWO if first_of_two else None


def _reject(
    row: Withdrawal, *, rejection: RejectionReason, note: str, by: User, at: datetime
) -> None:
    services.reject(withdrawal=row, reason=rejection, note=note, by=by, at=at)


def _approve_many(
    rows: Sequence[Withdrawal], *, by: User, at: datetime, finance: bool
) -> Mapping[int, StrOrPromise]:
    approvals = services.approve_many(withdrawals=rows, by=by, at=at, finance=finance)
    return {approval.withdrawal.pk: _result(approval) for approval in approvals}


def _result(approval: ApprovalResult) -> StrOrPromise:
    """Return why a withdrawal of a batch is not approved now, or an empty text."""
    if approval.error:
        return str(approval.error)
    row = approval.withdrawal
    if row.status == Status.REQUESTED:
        return REVIEW_RESTARTED
    return ONE_OF_TWO if row.status == Status.OPS_APPROVED and row.finance_reviewer_id else ""


def _unmask(
    row: Withdrawal, *, by: User, at: datetime, reason: str
) -> list[tuple[StrOrPromise, str]]:
    values = services.unmask_payee(withdrawal=row, by=by, at=at, reason=reason)
    return [(_("real name"), values["name"]), (_("paid to"), values["account"])]


def _search(rows: QuerySet[Withdrawal], term: str) -> QuerySet[Withdrawal]:
    numbers = Attempt.objects.filter(out_bill_no=term).values("withdrawal")
    found = Q(public_id=term.lower()) | Q(member__in=search_members(term)) | Q(pk__in=numbers)
    return rows.filter(found)


def _columns(rows: Sequence[Withdrawal]) -> list[Column]:
    assessed = assessments(rows)
    return [
        Column(_("member"), lambda row: row.member),
        Column(_("amount"), lambda row: row.gross, is_amount=True),
        Column(_("fee"), lambda row: row.fee, is_amount=True),
        Column(_("tax"), lambda row: row.tax, is_amount=True),
        Column(_("net"), lambda row: row.net, is_amount=True),
        Column(_("payee"), lambda row: row.payee),
        Column(_("risk"), lambda row: summarize_risk(assessed[row.pk])),
    ]


def _limit() -> timedelta:
    return timedelta(hours=Policy.current().review_hours)


REJECT = Decision(
    "reject", _("Reject"), _reject,
    _("Rejected. The money is back in the member's balance:"), key="r",
    question=_(
        "The money returns to the member's balance. The member sees the reason and your message."
    ),
    variant="danger", form=RejectForm,
)  # fmt: skip


def _desk(waits_in: Status, approval: Decision, *, rejects_in: Sequence[str], batch: Batch) -> Desk:
    return Desk(
        prepare=_prepare,
        lines=_lines,
        template="admin/withdrawals/review_row.html",
        context=review_context,
        outcome=partial(_outcome, waits_in=waits_in),
        empty=_("No withdrawal waits for this review."),
        seal=lambda row: row.content_hash,
        search=_search,
        search_help=_("Nickname, whole id, or whole number at the provider"),
        decisions=[approval, replace(REJECT, offered_in=rejects_in)],
        batch=batch,
        reveal=Reveal(
            _("Show name and account"),
            UNMASK,
            _unmask,
            applies=lambda row: (
                row.status in Withdrawal.BEFORE_PAYING and row.payee.channel != STORE_CREDIT
            ),
        ),
    )


def _batch(question: StrOrPromise, *, finance: bool) -> Batch:
    return Batch(
        title=_("Review several"),
        question=question,
        confirm=_("Approve %(count)s"),
        columns=_columns,
        refusals=_refusals,
        run=partial(_approve_many, finance=finance),
        total=lambda row: row.net,
        total_title=_("total to be paid out"),
    )


open_desk(
    Queue(
        name="operations_reviews",
        title=_("Withdrawals: review of operations"),
        icon="fact_check",
        model="withdrawals.withdrawal",
        permission=OPERATIONS,
        waiting=lambda _user: Withdrawal.objects.filter(status=Status.REQUESTED),
        since="requested_at",
        limit=_limit,
        tabs=[
            Tab("finance", _("With finance"), Q(status=Status.OPS_APPROVED)),
            Tab("rejected", _("Rejected"), Q(status=Status.REJECTED)),
        ],
        order=20,
        desk=_desk(
            Status.REQUESTED,
            Decision(
                "approve", _("Approve for operations"),
                partial(_approve, approve=services.approve_as_operations),
                _("Approved; finance decides next:"), key="a",
                question=_("Finance decides next. Check what is above before you approve."),
                variant="primary", refusal=_refusal,
            ),
            rejects_in=Withdrawal.IN_REVIEW,
            batch=_batch(
                _("Finance decides next. Rows with a reason on the right are left out."),
                finance=False,
            ),
        ),
    )
)  # fmt: skip
open_desk(
    Queue(
        name="finance_reviews",
        title=_("Withdrawals: review of finance"),
        icon="price_check",
        model="withdrawals.withdrawal",
        permission=FINANCE,
        waiting=lambda _user: Withdrawal.objects.filter(status=Status.OPS_APPROVED),
        since="requested_at",
        limit=_limit,
        tabs=[
            Tab(
                "approved", _("To be paid"),
                Q(status__in=[Status.FINANCE_APPROVED, Status.READY_TO_COLLECT, Status.PAYING]),
            ),
            Tab("rejected", _("Rejected"), Q(status=Status.REJECTED)),
        ],
        order=21,
        desk=_desk(
            Status.OPS_APPROVED,
            Decision(
                "approve", _("Approve for finance"),
                partial(_approve, approve=services.approve_as_finance),
                _("Approved; it can be paid:"), key="a",
                question=_("It can be paid after this. Check what is above before you approve."),
                variant="primary", refusal=_refusal,
            ),
            rejects_in=Withdrawal.BEFORE_PAYING,
            batch=_batch(
                _("They can be paid after this. Rows with a reason on the right are left out."),
                finance=True,
            ),
        ),
    )
)  # fmt: skip
