# mypy: allow-subclassing-any, allow-any-generics
"""Actions on many selected withdrawals, and the tables that their pages show."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from backoffice import queues
from backoffice.base import StrOrPromise
from backoffice.desk_batches import preview_rows
from backoffice.pages import PagesMixin
from common.money import format_yuan
from withdrawals.admin.reviewers import due_role
from withdrawals.models import Withdrawal
from withdrawals.permissions import FINANCE, OPERATIONS

MAX_ROWS = 100
DESKS = {OPERATIONS: "operations_reviews", FINANCE: "finance_reviews"}
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

    @admin.action(description=_("Review several"), permissions=["review"])
    def review_many(self, request: HttpRequest, chosen: QuerySet[Withdrawal]) -> HttpResponse:
        """Show the selected rows as a batch at the desk of the first review that is due."""
        rows = self.selected_rows(request, chosen)
        by: Any = request.user
        own = OPERATIONS if by.has_perm(OPERATIONS) else FINANCE
        role = next(filter(None, (due_role(row, by) for row in rows)), own)
        return preview_rows(queues.get(DESKS[role]), request, [row.pk for row in rows])

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
