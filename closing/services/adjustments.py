"""Adjustments: one person proposes to correct a wallet, another decides."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from closing.events import (
    CLOSING_ADJUSTMENT_POSTED,
    CLOSING_ADJUSTMENT_PROPOSED,
    CLOSING_ADJUSTMENT_REFUSED,
)
from closing.models import Adjustment
from closing.models.document import MAX_NUMBER_LENGTH
from common import status
from common.errors import TwotierError
from common.requirements import require_permission, require_reason, require_two_people
from events.services import record
from ledger.chart import Asset, Reason
from ledger.services import Source, account, commission_payer, transfer
from members.models import Member, User
from members.reviews import require_may_review

Status = Adjustment.Status
Direction = Adjustment.Direction
PROPOSE_PERMISSION, DECIDE_PERMISSION = "closing.propose_adjustment", "closing.decide_adjustment"
FOUR_EYES_CONSTRAINTS = {"adjustment_four_eyes", "adjustment_not_own_wallet"}


class AdjustmentKeyReused(TwotierError):
    code = "adjustment_key_reused"
    message = _("The key “%(key)s” belongs to another adjustment. Nothing was changed.")
    status = 422


class InvalidAdjustment(TwotierError):
    code = "invalid_adjustment"
    message = _("The field “%(field)s” is missing or invalid. Nothing was changed.")
    status = 400


@transaction.atomic
def propose_adjustment(
    *, key: str, member: Member, asset: str, direction: str, amount: int, reason: str, by: User,
    at: datetime,
) -> Adjustment:  # fmt: skip
    """Propose to correct a wallet; nothing moves before another person agrees. Idempotent by key.

    :param amount: minor units of ``asset``
    :raises SelfApprovalForbidden: it is the proposer's own wallet
    :raises AdjustmentKeyReused: the key has other content
    :raises ReviewTooEarly: the account of ``by`` has just changed
    :raises PermissionMissing, ReasonRequired, InvalidAdjustment: nothing was changed
    """
    require_permission(by, PROPOSE_PERMISSION)
    require_may_review(by.pk)
    reason = require_reason(reason)
    for field, is_valid in (
        ("key", 0 < len(key) <= MAX_NUMBER_LENGTH),
        ("amount", amount > 0),
        ("asset", asset in Asset),
        ("direction", direction in Direction),
    ):
        if not is_valid:
            raise InvalidAdjustment(field=field)
    content = {
        "member": member, "asset": asset, "direction": direction, "amount": amount,
        "reason": reason,
    }  # fmt: skip
    proposal = {"proposer": by, "proposer_member": by.member_id or 0, "proposed_at": at}
    with require_two_people(FOUR_EYES_CONSTRAINTS):
        adjustment, is_new = Adjustment.objects.get_or_create(
            key=key, defaults={**content, **proposal}
        )
    if not is_new:
        if any(getattr(adjustment, name) != value for name, value in content.items()):
            raise AdjustmentKeyReused(key=key)
        return adjustment
    record(
        CLOSING_ADJUSTMENT_PROPOSED, adjustment, at=at, by=by,
        asset=asset, direction=direction, amount=amount, reason=reason,
    )  # fmt: skip
    return adjustment


@transaction.atomic
def post_adjustment(*, adjustment: Adjustment, by: User, at: datetime) -> None:
    """Approve an adjustment and move the money.

    :raises InsufficientFunds: the wallet does not hold the amount to be taken
    :raises SelfApprovalForbidden: ``by`` proposed it or owns the wallet
    :raises WrongStatus: it is already decided
    :raises PermissionMissing, ReviewTooEarly: ``by`` may not decide, or not yet
    """
    _decide(adjustment, Status.POSTED, by=by, at=at)
    wallet = account(adjustment.member, Asset(adjustment.asset))
    expense = commission_payer(Asset(adjustment.asset))
    is_credit = adjustment.direction == Direction.TO_MEMBER
    transfer(
        key=f"adjustment:{adjustment.public_id}",
        debit=expense if is_credit else wallet,
        credit=wallet if is_credit else expense,
        amount=adjustment.amount,
        reason=Reason.ADJUSTMENT,
        source=Source("closing.adjustment", adjustment.public_id),
        effective_at=at,
    )
    record(CLOSING_ADJUSTMENT_POSTED, adjustment, at=at, by=by, amount=adjustment.amount)


@transaction.atomic
def refuse_adjustment(*, adjustment: Adjustment, by: User, at: datetime) -> None:
    """Refuse an adjustment; no money moves.

    :raises SelfApprovalForbidden, WrongStatus, PermissionMissing: as for ``post_adjustment``
    """
    _decide(adjustment, Status.REFUSED, by=by, at=at)
    record(CLOSING_ADJUSTMENT_REFUSED, adjustment, at=at, by=by)


def _decide(adjustment: Adjustment, to: Status, *, by: User, at: datetime) -> None:
    require_permission(by, DECIDE_PERMISSION)
    require_may_review(by.pk)
    member = by.member_id or 0
    with require_two_people(FOUR_EYES_CONSTRAINTS):
        status.move(adjustment, to=to, decider=by, decider_member=member, decided_at=at)
