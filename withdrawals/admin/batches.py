# mypy: allow-subclassing-any, allow-any-generics
"""Review of many withdrawals: every row is shown, then those without blockers are approved."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from backoffice.base import StrOrPromise
from backoffice.pages import PagesMixin
from common import clock
from common.money import format_yuan
from members.models import User
from withdrawals import services
from withdrawals.admin.dialogs import REVIEW_RESTARTED
from withdrawals.admin.display import format_risk
from withdrawals.admin.reviewers import due_role, refusal
from withdrawals.models import Withdrawal
from withdrawals.permissions import FINANCE, OPERATIONS
from withdrawals.queries import assessments, blockers
from withdrawals.requests.review import ApprovalResult

Status = Withdrawal.Status
MAX_ROWS = 100
HEADERS = [
    _("withdrawal"), _("member"), _("amount"), _("fee"), _("tax"), _("net"), _("payee"),
]  # fmt: skip


def table(
    rows: Iterable[Withdrawal], *more: tuple[StrOrPromise, Callable[[Withdrawal], object]]
) -> dict[str, Any]:
    """Return a page's table of withdrawals.

    :param more: the title and the cell of each further column
    """
    return {
        "headers": [*HEADERS, *(title for title, _cell in more)],
        "rows": [[*_cells(row), *(cell(row) for _title, cell in more)] for row in rows],
    }


def action_inputs(action: str, rows: Iterable[Withdrawal]) -> list[tuple[str, str]]:
    """Return the hidden inputs with which a page posts an action on these rows."""
    return [("action", action), *((ACTION_CHECKBOX_NAME, str(row.pk)) for row in rows)]


def _cells(row: Withdrawal) -> list[str]:
    return [
        row.public_id, str(row.member), format_yuan(row.gross), format_yuan(row.fee),
        format_yuan(row.tax), format_yuan(row.net), str(row.payee),
    ]  # fmt: skip


class BatchReviewActions(PagesMixin):
    """The batch actions of the list of withdrawals."""

    @admin.action(description=_("Review, with a preview"), permissions=["review"])
    def review_many(self, request: HttpRequest, chosen: QuerySet[Withdrawal]) -> HttpResponse:
        rows = self.selected_rows(request, chosen)
        by: Any = request.user
        results: dict[int, StrOrPromise] = {}
        if "confirm" in request.POST:
            results = _approve(rows, _seen_hashes(request), by)
        # Read after the approvals.
        rows = list(_with_related(Withdrawal.objects.filter(pk__in=[row.pk for row in rows])))
        blocked, assessed = blockers(rows), assessments(rows)
        refusals = {row.pk: refusal(row, by, blocked[row.pk]) for row in rows}
        waiting = {} if results else {
            row.pk: row.content_hash for row in rows if not refusals[row.pk]
        }  # fmt: skip

        def outcome(row: Withdrawal) -> StrOrPromise:
            return results.get(row.pk) or refusals[row.pk] or _("can be approved")

        return self.show_page(
            request,
            title=_("Review, with a preview"),
            table=table(
                rows,
                (_("risk"), lambda row: format_risk(assessed[row.pk])),
                (_("outcome") if results else _("blocked by"), outcome),
            ),
            confirm=_("Approve %(count)s") % {"count": len(waiting)} if waiting else "",
            hidden=[
                *action_inputs("review_many", rows),
                *(("seen", f"{key}:{content_hash}") for key, content_hash in waiting.items()),
            ],
        )

    def selected_rows(self, request: HttpRequest, chosen: QuerySet[Withdrawal]) -> list[Withdrawal]:
        """Return the selected rows, oldest first, at most ``MAX_ROWS``."""
        rows = list(_with_related(chosen)[: MAX_ROWS + 1])
        if len(rows) > MAX_ROWS:
            messages.warning(
                request, _("Only the first %(count)s are processed.") % {"count": MAX_ROWS}
            )
        return rows[:MAX_ROWS]


def _with_related(rows: QuerySet[Withdrawal]) -> QuerySet[Withdrawal]:
    return rows.select_related("member", "payee").order_by("pk")


def _seen_hashes(request: HttpRequest) -> dict[int, str]:
    """Return the hashes that were on the page, by withdrawal. An empty one is ignored: it would
    approve any content."""
    pairs = (text.partition(":") for text in request.POST.getlist("seen"))
    return {
        int(key): content_hash
        for key, _colon, content_hash in pairs
        if key.isdecimal() and content_hash
    }


def _approve(rows: list[Withdrawal], seen: dict[int, str], by: User) -> dict[int, StrOrPromise]:
    """Approve the rows that were offered and return the outcome of each."""
    results: dict[int, StrOrPromise] = {}
    blocked = blockers(rows)
    offered = [row for row in rows if row.pk in seen and not refusal(row, by, blocked[row.pk])]
    # Before the first approval: a person with both roles takes only one part.
    roles = {row.pk: due_role(row, by) for row in offered}
    for finance, role in ((False, OPERATIONS), (True, FINANCE)):
        mine = [row for row in offered if roles[row.pk] == role]
        for row in mine:
            # The service refuses a withdrawal that has changed since it was shown.
            row.content_hash = seen[row.pk]
        approvals = services.approve_many(withdrawals=mine, by=by, at=clock.now(), finance=finance)
        for approval in approvals:
            results[approval.withdrawal.pk] = _outcome_label(approval)
    return results


def _outcome_label(approval: ApprovalResult) -> StrOrPromise:
    if approval.error:
        return str(approval.error)
    row = approval.withdrawal
    if row.status == Status.REQUESTED:
        return REVIEW_RESTARTED
    if row.status == Status.OPS_APPROVED and row.finance_reviewer_id:
        return _("Your approval is recorded. A second finance reviewer decides.")
    return _("approved")
