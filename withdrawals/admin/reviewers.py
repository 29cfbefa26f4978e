"""Say why a person cannot review a withdrawal, before they try."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from backoffice.base import StrOrPromise
from members.models import User
from withdrawals.admin.display import format_blockers
from withdrawals.errors import Blocker
from withdrawals.models import Withdrawal
from withdrawals.permissions import FINANCE, OPERATIONS

Status = Withdrawal.Status


def own_part(row: Withdrawal, by: User) -> StrOrPromise:
    """Return what this person has to do with a withdrawal in review, so that another must decide.

    Empty if nothing keeps them from it. The services decide finally.
    """
    if row.status not in Withdrawal.IN_REVIEW:
        return ""
    if by.member_id and by.member_id in (row.member_id, row.member.merged_into_id):
        return _("This is your own withdrawal: a colleague decides.")
    if by.pk == row.ops_reviewer_id or _is_member(by, row.ops_reviewer_member):
        return _("You approved it for operations, so somebody else approves it for finance.")
    if by.pk == row.finance_reviewer_id or _is_member(by, row.finance_reviewer_member):
        return _("You gave the first approval of finance, so somebody else gives the second.")
    return ""


def refusal(row: Withdrawal, by: User, blocked: Iterable[Blocker]) -> StrOrPromise:
    """Return why this person cannot approve a withdrawal now, or an empty text."""
    if not due_role(row, by):
        return _("%(status)s: you cannot review it") % {"status": row.get_status_display()}
    return own_part(row, by) or format_blockers(blocked)


def due_role(row: Withdrawal, by: User) -> str:
    """Return the role whose review is due, if this person has it; else nothing."""
    roles = {Status.REQUESTED: OPERATIONS, Status.OPS_APPROVED: FINANCE}
    role = roles.get(Status(row.status), "")
    return role if role and by.has_perm(role) else ""


def _is_member(by: User, member: int | None) -> bool:
    return bool(by.member_id) and by.member_id == member
