# mypy: allow-subclassing-any, allow-any-generics
"""Reviewing many withdrawals at once: every line is shown, then all that can be are approved."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from common import clock
from common.admin import StrOrPromise
from common.money import format_yuan
from members.models import User
from withdrawals import services
from withdrawals.admin.dialogs import REVIEW_RESTARTED
from withdrawals.admin.display import format_blockers, format_risk
from withdrawals.errors import SelfApprovalForbidden
from withdrawals.models import Withdrawal
from withdrawals.permissions import FINANCE, OPERATIONS
from withdrawals.queries import WithdrawalBlockers, assessments, blockers

Status = Withdrawal.Status
MAX_ROWS = 100
HEADERS = [
    _("withdrawal"), _("member"), _("amount"), _("fee"), _("tax"), _("net"), _("payee"),
]  # fmt: skip


def row_cells(row: Withdrawal) -> list[str]:
    """What ``HEADERS`` name."""
    return [
        row.public_id, str(row.member), format_yuan(row.gross), format_yuan(row.fee),
        format_yuan(row.tax), format_yuan(row.net), str(row.payee),
    ]  # fmt: skip


class BatchReviewActions:
    """The batch actions of the list of withdrawals."""

    admin_site: Any
    opts: Any

    @admin.action(description=_("Review, with a preview"), permissions=["review"])
    def review_many(self, request: HttpRequest, chosen: QuerySet[Withdrawal]) -> HttpResponse:
        rows = self.first(request, chosen)
        by: Any = request.user
        results: dict[int, StrOrPromise] = {}
        if "sure" in request.POST:
            results = _approve(rows, _seen_hashes(request), by)
        # Read after the approvals, so that the page shows what is true now.
        rows = list(_with_related(Withdrawal.objects.filter(pk__in=[row.pk for row in rows])))
        found, looked_at = blockers(rows), assessments(rows)
        waiting = {} if results else {
            row.pk: row.content_hash for row in rows if not _unavailable_reason(row, by, found.get(row.pk))
        }  # fmt: skip
        table = {
            "headers": [*HEADERS, _("risk"), _("outcome") if results else _("in the way")],
            "rows": [
                [
                    *row_cells(row),
                    format_risk(looked_at[row.pk]),
                    results.get(row.pk)
                    or _unavailable_reason(row, by, found.get(row.pk))
                    or _("can go on"),
                ]
                for row in rows
            ],
        }
        return self.render_table(
            request,
            title=_("Review, with a preview"),
            table=table,
            sure=_("Approve %(count)s") % {"count": len(waiting)} if waiting else "",
            hidden=[
                ("action", "review_many"),
                *((ACTION_CHECKBOX_NAME, str(row.pk)) for row in rows),
                *(("seen", f"{key}:{content_hash}") for key, content_hash in waiting.items()),
            ],
        )

    def first(self, request: HttpRequest, chosen: QuerySet[Withdrawal]) -> list[Withdrawal]:
        """Those that were chosen, oldest first, as many as a page can hold."""
        rows = list(_with_related(chosen)[: MAX_ROWS + 1])
        if len(rows) > MAX_ROWS:
            messages.warning(
                request, _("Only the first %(count)s are taken.") % {"count": MAX_ROWS}
            )
        return rows[:MAX_ROWS]

    def render_table(self, request: HttpRequest, **shown: Any) -> HttpResponse:
        """A page of lines, with what becomes of each."""
        return TemplateResponse(
            request,
            "admin/withdrawals/table_page.html",
            {**self.admin_site.each_context(request), "opts": self.opts, **shown},
        )


def _with_related(rows: QuerySet[Withdrawal]) -> QuerySet[Withdrawal]:
    return rows.select_related("member", "payee").order_by("pk")


def _seen_hashes(request: HttpRequest) -> dict[int, str]:
    """The hashes of what was on the page, by the withdrawals' keys. Without one nothing is seen:
    an empty hash would approve whatever is true now."""
    pairs = (text.partition(":") for text in request.POST.getlist("seen"))
    return {
        int(key): content_hash
        for key, _colon, content_hash in pairs
        if key.isdecimal() and content_hash
    }


def _role(row: Withdrawal, by: User) -> str:
    """Of the reviewer it waits for; empty if not for this one."""
    roles = {Status.REQUESTED: OPERATIONS, Status.OPS_APPROVED: FINANCE}
    role = roles.get(Status(row.status), "")
    return role if role and by.has_perm(role) else ""


def _unavailable_reason(
    row: Withdrawal, by: User, found: WithdrawalBlockers | None
) -> StrOrPromise:
    """Why it is not offered; empty if it is. The service has the last word."""
    if not _role(row, by):
        return _("%(status)s: not yours to review") % {"status": row.get_status_display()}
    reviewers = {row.ops_reviewer_id, row.finance_reviewer_id}
    people = {row.member_id, row.ops_reviewer_member, row.finance_reviewer_member}
    if by.pk in reviewers or (by.member_id and by.member_id in people):
        return SelfApprovalForbidden.message
    return format_blockers(found)


def _approve(rows: list[Withdrawal], seen: dict[int, str], by: User) -> dict[int, StrOrPromise]:
    """Approve what was offered; what came of each, in words."""
    results: dict[int, StrOrPromise] = {}
    found = blockers(rows)
    offered = [
        row
        for row in rows
        if row.pk in seen and not _unavailable_reason(row, by, found.get(row.pk))
    ]
    # Before the first of them is approved: whoever has both roles takes one part only.
    roles = {row.pk: _role(row, by) for row in offered}
    for finance, role in ((False, OPERATIONS), (True, FINANCE)):
        mine = [row for row in offered if roles[row.pk] == role]
        for row in mine:
            # What was seen is what is approved: the service refuses whatever has changed since.
            row.content_hash = seen[row.pk]
        done = services.approve_many(withdrawals=mine, by=by, at=clock.now(), finance=finance)
        for each in done:
            results[each.withdrawal.pk] = str(each.error) if each.error else _outcome_label(each)
    return results


def _outcome_label(each: services.ApprovalResult) -> StrOrPromise:
    row = each.withdrawal
    if row.status == Status.REQUESTED:
        return REVIEW_RESTARTED
    if row.status == Status.OPS_APPROVED and row.finance_reviewer_id:
        return _("Your approval is noted; a second reviewer of finance decides.")
    return _("approved")
