"""Operations review first, then finance: never the same person, and never the member."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from common import status
from common.errors import TwotierError
from members.models import User
from withdrawals import eligibility, lifecycle
from withdrawals.cash_accounts import lock_cash_accounts
from withdrawals.errors import ContentChanged, SelfApprovalForbidden
from withdrawals.gateways import gateway
from withdrawals.models import RejectionReason, Withdrawal
from withdrawals.permissions import FINANCE, OPERATIONS, require_permission
from withdrawals.requests.quote import current_price, requires_second_finance
from withdrawals.requests.restart_review import restart_review

Status = Withdrawal.Status
MAX_NOTE_LENGTH = 200


@dataclass(frozen=True, slots=True)
class ApprovalResult:
    """What came of one withdrawal of a batch."""

    withdrawal: Withdrawal
    error: TwotierError | None = None


@transaction.atomic
def approve_as_operations(
    *, withdrawal: Withdrawal, by: User, at: datetime, content_hash: str = ""
) -> bool:
    """Approve a request for operations; finance decides next.

    :param content: the hash that the reviewer has looked at; empty: as it is now
    :returns: whether it is approved; a tax that has changed since puts it to review anew instead
    :raises NotAllowed: they have not the role
    :raises NotYours: it is their own
    :raises WrongStatus: somebody else has decided it already
    :raises Blocked: the member owes money, is frozen …
    :raises ContentChanged: it is not what they have looked at
    """
    require_permission(by, OPERATIONS, withdrawal)
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
    """Approve for finance what operations have approved; the money can go.

    Above the policy's amount two people of finance are needed: the first approval is noted, and the
    second one counts.

    :returns: as for operations
    :raises NotAllowed, NotYours, WrongStatus, Blocked, ContentChanged: as for operations
    """
    require_permission(by, FINANCE, withdrawal)
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
    if approved and gateway().confirmed_by_member:
        lifecycle.mark_ready_to_collect(withdrawal, at=at)
    return True


@transaction.atomic
def reject(
    *, withdrawal: Withdrawal, by: User, at: datetime, reason: RejectionReason, note: str = ""
) -> None:
    """Say no before anything is being paid, and why; the money is the member's again.

    :param note: told to the member beside the reason; its first 200 characters
    :raises NotAllowed: they have neither role
    :raises NotYours: it is their own
    :raises WrongStatus: it is being paid, or has ended
    """
    require_permission(by, OPERATIONS if by.has_perm(OPERATIONS) else FINANCE, withdrawal)
    cash = lock_cash_accounts(withdrawal.member)
    lifecycle.close_unpaid(
        withdrawal, cash, to=Status.REJECTED, by=by, at=at, rejection_reason=reason,
        note=note.strip()[:MAX_NOTE_LENGTH],
    )  # fmt: skip


def approve_many(
    *, withdrawals: Iterable[Withdrawal], by: User, at: datetime, finance: bool
) -> list[ApprovalResult]:
    """Approve each by itself: what cannot be answers with its refusal, the others go on."""
    approve = approve_as_finance if finance else approve_as_operations
    done = []
    for withdrawal in withdrawals:
        try:
            approve(withdrawal=withdrawal, by=by, at=at, content_hash=withdrawal.content_hash)
        except TwotierError as error:
            done.append(ApprovalResult(withdrawal, error))
        else:
            done.append(ApprovalResult(withdrawal))
    return done


def _revalidate(
    withdrawal: Withdrawal, expected: Status, *, to: Status, content_hash: str, at: datetime
) -> bool:
    """Lock, look again, and refuse what must not go on.

    :returns: whether it may be approved; a tax that has changed since sends it back instead
    """
    lock_cash_accounts(withdrawal.member)
    withdrawal.refresh_from_db()
    status.expect(withdrawal, expected, to=to)
    eligibility.require_unblocked(withdrawal)
    if content_hash and content_hash != withdrawal.content_hash:
        raise ContentChanged(withdrawal=withdrawal.public_id)
    if not withdrawal.needs_second_finance and requires_second_finance(withdrawal.gross):
        withdrawal.needs_second_finance = True
        withdrawal.save(update_fields=["needs_second_finance"])
    now = current_price(withdrawal, at=at)
    if now.content_hash != withdrawal.content_hash:
        restart_review(withdrawal, at=at, reason="tax")
        return False
    return True
