"""Who may do what with a withdrawal; see ``config.roles`` for the permissions of reviewers."""

from __future__ import annotations

from common import requirements
from members.models import Member, User
from members.reviews import require_may_review
from withdrawals.errors import SelfApprovalForbidden, WithdrawalNotFound
from withdrawals.models import Withdrawal

OPERATIONS = "withdrawals.review_as_operations"
FINANCE = "withdrawals.review_as_finance"


def require_permission(by: User, role: str, withdrawal: Withdrawal) -> None:
    """:raises PermissionMissing: the permission is missing
    :raises SelfApprovalForbidden: it is their own withdrawal
    """
    requirements.require_permission(by, role)
    if by.member_id in (withdrawal.member_id, withdrawal.member.merged_into_id or 0):
        raise SelfApprovalForbidden(withdrawal=withdrawal.public_id)


def require_reviewer(by: User, role: str, withdrawal: Withdrawal) -> None:
    """Check a person who approves, or is one of two people who decide.

    :raises PermissionMissing, SelfApprovalForbidden: as for ``require_permission``
    :raises ReviewTooEarly: their account has just changed
    """
    require_permission(by, role, withdrawal)
    require_may_review(by.pk)


def require_owner(by: Member, withdrawal: Withdrawal) -> None:
    """:raises WithdrawalNotFound: the withdrawal belongs to another member"""
    if by.pk not in (withdrawal.member_id, withdrawal.member.merged_into_id):
        raise WithdrawalNotFound
