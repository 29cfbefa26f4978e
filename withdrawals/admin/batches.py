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
from common.admin import Words
from common.money import format_yuan
from members.models import User
from withdrawals import services
from withdrawals.admin.dialogs import SENT_BACK
from withdrawals.admin.words import risk_in_words, stopped_by
from withdrawals.models import Withdrawal
from withdrawals.queries import InTheWay, assessments, in_the_way
from withdrawals.services.refusals import NotYours
from withdrawals.services.rights import FINANCE, OPERATIONS

Status = Withdrawal.Status
MOST_AT_ONCE = 100
HEADERS = [
    _("withdrawal"), _("member"), _("amount"), _("fee"), _("tax"), _("net"), _("payee"),
]  # fmt: skip


def cells(row: Withdrawal) -> list[str]:
    """What ``HEADERS`` name."""
    return [
        row.public_id, str(row.member), format_yuan(row.gross), format_yuan(row.fee),
        format_yuan(row.tax), format_yuan(row.net), str(row.payee),
    ]  # fmt: skip


class Batches:
    """The batch actions of the list of withdrawals."""

    admin_site: Any
    opts: Any

    @admin.action(description=_("Review, with a preview"), permissions=["review"])
    def review_many(self, request: HttpRequest, chosen: QuerySet[Withdrawal]) -> HttpResponse:
        rows = self.first(request, chosen)
        by: Any = request.user
        results: dict[int, Words] = {}
        if "sure" in request.POST:
            results = _approve(rows, _seen(request), by)
        # Read after the approvals, so that the page shows what is true now.
        rows = list(_with_names(Withdrawal.objects.filter(pk__in=[row.pk for row in rows])))
        found, looked_at = in_the_way(rows), assessments(rows)
        waiting = {} if results else {
            row.pk: row.content for row in rows if not _why_not(row, by, found.get(row.pk))
        }  # fmt: skip
        table = {
            "headers": [*HEADERS, _("risk"), _("outcome") if results else _("in the way")],
            "rows": [
                [
                    *cells(row),
                    risk_in_words(looked_at[row.pk]),
                    results.get(row.pk) or _why_not(row, by, found.get(row.pk)) or _("can go on"),
                ]
                for row in rows
            ],
        }
        return self.many(
            request,
            title=_("Review, with a preview"),
            table=table,
            sure=_("Approve %(count)s") % {"count": len(waiting)} if waiting else "",
            hidden=[
                ("action", "review_many"),
                *((ACTION_CHECKBOX_NAME, str(row.pk)) for row in rows),
                *(("seen", f"{key}:{content}") for key, content in waiting.items()),
            ],
        )

    def first(self, request: HttpRequest, chosen: QuerySet[Withdrawal]) -> list[Withdrawal]:
        """Those that were chosen, oldest first, as many as a page can hold."""
        rows = list(_with_names(chosen)[: MOST_AT_ONCE + 1])
        if len(rows) > MOST_AT_ONCE:
            messages.warning(
                request, _("Only the first %(count)s are taken.") % {"count": MOST_AT_ONCE}
            )
        return rows[:MOST_AT_ONCE]

    def many(self, request: HttpRequest, **shown: Any) -> HttpResponse:
        """A page of lines, with what becomes of each."""
        return TemplateResponse(
            request,
            "admin/withdrawals/many.html",
            {**self.admin_site.each_context(request), "opts": self.opts, **shown},
        )


def _with_names(rows: QuerySet[Withdrawal]) -> QuerySet[Withdrawal]:
    return rows.select_related("member", "payee").order_by("pk")


def _seen(request: HttpRequest) -> dict[int, str]:
    """The hashes of what was on the page, by the withdrawals' keys. Without one nothing is seen:
    an empty hash would approve whatever is true now."""
    pairs = (text.partition(":") for text in request.POST.getlist("seen"))
    return {int(key): content for key, _colon, content in pairs if key.isdecimal() and content}


def _role(row: Withdrawal, by: User) -> str:
    """Of the reviewer it waits for; empty if not for this one."""
    roles = {Status.REQUESTED: OPERATIONS, Status.OPS_APPROVED: FINANCE}
    role = roles.get(Status(row.status), "")
    return role if role and by.has_perm(role) else ""


def _why_not(row: Withdrawal, by: User, found: InTheWay | None) -> Words:
    """Why it is not offered; empty if it is. The service has the last word."""
    if not _role(row, by):
        return _("%(status)s: not yours to review") % {"status": row.get_status_display()}
    reviewers = {row.ops_reviewer_id, row.finance_reviewer_id}
    people = {row.member_id, row.ops_member, row.finance_member}
    if by.pk in reviewers or (by.member_id and by.member_id in people):
        return NotYours.message
    return stopped_by(found)


def _approve(rows: list[Withdrawal], seen: dict[int, str], by: User) -> dict[int, Words]:
    """Approve what was offered; what came of each, in words."""
    results: dict[int, Words] = {}
    found = in_the_way(rows)
    offered = [row for row in rows if row.pk in seen and not _why_not(row, by, found.get(row.pk))]
    # Before the first of them is approved: whoever has both roles takes one part only.
    roles = {row.pk: _role(row, by) for row in offered}
    for finance, role in ((False, OPERATIONS), (True, FINANCE)):
        mine = [row for row in offered if roles[row.pk] == role]
        for row in mine:
            # What was seen is what is approved: the service refuses whatever has changed since.
            row.content = seen[row.pk]
        done = services.approve_many(withdrawals=mine, by=by, at=clock.now(), finance=finance)
        for each in done:
            results[each.withdrawal.pk] = str(each.refusal) if each.refusal else _came_to(each)
    return results


def _came_to(each: services.Approved) -> Words:
    row = each.withdrawal
    if row.status == Status.REQUESTED:
        return SENT_BACK
    if row.status == Status.OPS_APPROVED and row.finance_reviewer_id:
        return _("Your approval is noted; a second reviewer of finance decides.")
    return _("approved")
