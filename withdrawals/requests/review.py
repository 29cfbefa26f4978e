"""Approve or reject: operations first, then finance, never the same person or the member."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from common import status
from common.errors import TwotierError
from members.models import User
from withdrawals import eligibility, lifecycle
from withdrawals.cash_accounts import lock_withdrawal
from withdrawals.errors import (
    Blocked,
    Blocker,
    BlockerCode,
    ContentChanged,
    RejectionAfterFinance,
    SelfApprovalForbidden,
)
from withdrawals.models import RejectionReason, Withdrawal
from withdrawals.permissions import FINANCE, OPERATIONS, require_permission, require_reviewer
from withdrawals.requests.quote import assess_risk, current_price, requires_second_finance

Status = Withdrawal.Status
AFTER_FINANCE = (Status.FINANCE_APPROVED, Status.READY_TO_COLLECT)


@dataclass(frozen=True, slots=True)
class ApprovalResult:
    """The result of approving one withdrawal of a batch."""

    withdrawal: Withdrawal
    error: TwotierError | None = None


@transaction.atomic
def approve_as_operations(
    *, withdrawal: Withdrawal, by: User, at: datetime, content_hash: str = ""
) -> bool:
    """Approve a request for operations; finance decides next.

    :param content_hash: the hash of the content that the reviewer has seen; empty: the current one
    :returns: whether it is approved; if the tax has changed since, the review starts again instead
    :raises PermissionMissing: the role is missing
    :raises ReviewTooEarly: the reviewer's account has just changed
    :raises SelfApprovalForbidden: it is their own withdrawal
    :raises WrongStatus: another person has decided already
    :raises Blocked: the member owes money, is frozen …
    :raises ContentChanged: the content differs from what the reviewer has seen
    """
    require_reviewer(by, OPERATIONS, withdrawal)
    if not _revalidate(
        withdrawal, Status.REQUESTED, to=Status.OPS_APPROVED, content_hash=content_hash, at=at
    ):
        return False
    lifecycle.approve_for_operations(withdrawal, by=by, at=at)
    return True


@transaction.atomic
def approve_as_finance(
    *, withdrawal: Withdrawal, by: User, at: datetime, content_hash: str = ""
) -> bool:
    """Approve for finance, after operations; the payment can start.

    From the policy's threshold on, two reviewers of finance are needed.

    :returns: as for operations
    :raises PermissionMissing, SelfApprovalForbidden, WrongStatus, Blocked, ContentChanged: likewise
    """
    require_reviewer(by, FINANCE, withdrawal)
    if not _revalidate(
        withdrawal,
        Status.OPS_APPROVED,
        to=Status.FINANCE_APPROVED,
        content_hash=content_hash,
        at=at,
    ):
        return False
    if by.pk in {withdrawal.ops_reviewer_id, withdrawal.finance_reviewer_id} or (
        by.member_id
        and by.member_id in {withdrawal.ops_reviewer_member, withdrawal.finance_reviewer_member}
    ):
        raise SelfApprovalForbidden(withdrawal=withdrawal.public_id)
    approved = lifecycle.approve_for_finance(withdrawal, by=by, at=at)
    if approved and eligibility.is_collected(withdrawal.payee):
        lifecycle.mark_ready_to_collect(withdrawal, at=at)
    return True


@transaction.atomic
def reject(
    *, withdrawal: Withdrawal, by: User, at: datetime, reason: RejectionReason, note: str = ""
) -> None:
    """Reject a withdrawal before its payment starts, with a reason, and release the money.

    Operations and finance can reject while it is reviewed; once finance has approved, only finance.

    :param note: shown to the member beside the reason; its first 200 characters
    :raises PermissionMissing: both roles are missing
    :raises RejectionAfterFinance: finance has approved it, and ``by`` is not of finance
    :raises SelfApprovalForbidden: it is their own withdrawal
    :raises WrongStatus: the payment has started, or the withdrawal has ended
    """
    require_permission(by, OPERATIONS if by.has_perm(OPERATIONS) else FINANCE, withdrawal)
    cash = lock_withdrawal(withdrawal)
    if withdrawal.status in AFTER_FINANCE and not by.has_perm(FINANCE):
        raise RejectionAfterFinance(withdrawal=withdrawal.public_id)
    lifecycle.close_unpaid(
        withdrawal, cash, to=Status.REJECTED, by=by, at=at, rejection_reason=reason, note=note
    )


def approve_many(
    *, withdrawals: Iterable[Withdrawal], by: User, at: datetime, finance: bool
) -> list[ApprovalResult]:
    """Approve each withdrawal in its own transaction; a refused one returns its error."""
    approve = approve_as_finance if finance else approve_as_operations
    results = []
    for withdrawal in withdrawals:
        try:
            approve(withdrawal=withdrawal, by=by, at=at, content_hash=withdrawal.content_hash)
        except TwotierError as error:
            results.append(ApprovalResult(withdrawal, error))
        else:
            results.append(ApprovalResult(withdrawal))
    return results


def restart_review(withdrawal: Withdrawal, *, at: datetime, reason: str) -> None:
    """Return a withdrawal to *requested* with its current price and payee.

    The caller holds the lock of the member's cash accounts.

    :param reason: payee, tax, or changed
    :raises Blocked: fee and tax would leave nothing to pay
    """
    price = current_price(withdrawal, at=at)
    if price.net <= 0:
        raise Blocked(
            [Blocker(BlockerCode.NET_TOO_SMALL, _("Fee and tax would leave nothing to pay."))]
        )
    lifecycle.reopen_request(
        withdrawal,
        at=at,
        reason=reason,
        needs_second_finance=withdrawal.needs_second_finance
        or requires_second_finance(withdrawal.gross),
        **price.content(),
    )
    assess_risk(withdrawal, at=at)


def _revalidate(
    withdrawal: Withdrawal, expected: Status, *, to: Status, content_hash: str, at: datetime
) -> bool:
    """Lock the withdrawal, and check it again.

    :returns: whether it can be approved; if the tax has changed, the review starts again instead
    """
    lock_withdrawal(withdrawal)
    status.expect(withdrawal, expected, to=to)
    eligibility.require_unblocked(withdrawal)
    if content_hash and content_hash != withdrawal.content_hash:
        raise ContentChanged(withdrawal=withdrawal.public_id)
    if not withdrawal.needs_second_finance and requires_second_finance(withdrawal.gross):
        withdrawal.needs_second_finance = True
        withdrawal.save(update_fields=["needs_second_finance"])
    price = current_price(withdrawal, at=at)
    if price.content_hash != withdrawal.content_hash:
        restart_review(withdrawal, at=at, reason="tax")
        return False
    return True
