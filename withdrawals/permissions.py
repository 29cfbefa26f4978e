"""The permissions of reviewers; see ``config.roles``."""

from __future__ import annotations

from common.errors import PermissionMissing
from members.models import User
from withdrawals.errors import SelfApprovalForbidden
from withdrawals.models import Withdrawal

OPERATIONS = "withdrawals.review_as_operations"
FINANCE = "withdrawals.review_as_finance"


def require_permission(by: User, role: str, withdrawal: Withdrawal) -> None:
    """:raises PermissionMissing: the permission is missing
    :raises SelfApprovalForbidden: it is their own withdrawal
    """
    if not by.has_perm(role):
        raise PermissionMissing
    if by.member_id == withdrawal.member_id:
        raise SelfApprovalForbidden(withdrawal=withdrawal.public_id)
