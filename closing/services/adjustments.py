"""A wallet is put right by two people: one proposes, another decides."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from closing.events import (
    CLOSING_ADJUSTMENT_POSTED,
    CLOSING_ADJUSTMENT_PROPOSED,
    CLOSING_ADJUSTMENT_REFUSED,
)
from closing.models import Adjustment
from closing.models.document import MAX_NUMBER_LENGTH
from closing.services.treasury import InvalidDocument
from common import status
from common.db_errors import violated_constraint
from common.errors import SelfApprovalForbidden, TwotierError
from common.requirements import require_permission, require_reason
from events.services import record
from ledger.chart import EXPENSE_KINDS, Asset, Reason
from ledger.services import Source, account, platform_account, transfer
from members.models import Member, User

T = TypeVar("T")
Status = Adjustment.Status
Direction = Adjustment.Direction
FOUR_EYES_CONSTRAINTS = {"adjustment_four_eyes", "adjustment_not_own_wallet"}


class AdjustmentKeyReused(TwotierError):
    code = "adjustment_key_reused"
    message = _("“%(key)s” has proposed another adjustment. Nothing was changed.")
    status = 422


@transaction.atomic
def propose_adjustment(
    *, key: str, member: Member, asset: str, direction: str, amount: int, reason: str, by: User,
    at: datetime,
) -> Adjustment:  # fmt: skip
    """Ask for a wallet to be put right; nothing moves before somebody else agrees.

    :param amount: minor units of ``asset``
    :returns: the proposal; the first one, when the key comes again with the same content
    :raises NotYours: it is their own wallet
    :raises PermissionMissing, NoReason, NotADocument, KeyReused: nothing was changed
    """
    require_permission(by, "closing.propose_adjustment")
    reason = require_reason(reason)
    for what, fits in (
        ("key", 0 < len(key) <= MAX_NUMBER_LENGTH),
        ("amount", amount > 0),
        ("asset", asset in Asset),
        ("direction", direction in Direction),
    ):
        if not fits:
            raise InvalidDocument(what=what)
    content = {
        "member": member, "asset": asset, "direction": direction, "amount": amount, "reason": reason,
    }  # fmt: skip
    made, is_new = _enforce_four_eyes(
        lambda: Adjustment.objects.get_or_create(
            key=key,
            defaults={
                **content, "proposer": by, "proposer_member": by.member_id or 0, "proposed_at": at,
            },
        )
    )  # fmt: skip
    if not is_new:
        if any(getattr(made, name) != value for name, value in content.items()):
            raise AdjustmentKeyReused(key=key)
        return made
    record(
        CLOSING_ADJUSTMENT_PROPOSED, made, at=at, by=by,
        asset=asset, direction=direction, amount=amount, reason=reason,
    )  # fmt: skip
    return made


@transaction.atomic
def post_adjustment(*, adjustment: Adjustment, by: User, at: datetime) -> None:
    """Agree: the money moves.

    :raises InsufficientFunds: the wallet does not hold what is to be taken
    :raises NotYours: they have proposed it, or it is their wallet
    :raises WrongStatus: it is decided
    :raises PermissionMissing: no right to decide
    """
    _decide(adjustment, Status.POSTED, by=by, at=at)
    wallet = account(adjustment.member, Asset(adjustment.asset))
    other = platform_account(EXPENSE_KINDS[Asset(adjustment.asset)], Asset(adjustment.asset))
    gives = adjustment.direction == Direction.TO_MEMBER
    transfer(
        key=f"adjustment:{adjustment.public_id}",
        debit=other if gives else wallet,
        credit=wallet if gives else other,
        amount=adjustment.amount,
        reason=Reason.ADJUSTMENT,
        source=Source("closing.adjustment", adjustment.public_id),
        effective_at=at,
    )
    record(CLOSING_ADJUSTMENT_POSTED, adjustment, at=at, by=by, amount=adjustment.amount)


@transaction.atomic
def refuse_adjustment(*, adjustment: Adjustment, by: User, at: datetime) -> None:
    """Do not agree: nothing moves.

    :raises NotYours, WrongStatus, PermissionMissing: as above
    """
    _decide(adjustment, Status.REFUSED, by=by, at=at)
    record(CLOSING_ADJUSTMENT_REFUSED, adjustment, at=at, by=by)


def _decide(adjustment: Adjustment, to: Status, *, by: User, at: datetime) -> None:
    require_permission(by, "closing.decide_adjustment")
    _enforce_four_eyes(
        lambda: status.move(
            adjustment, to=to, decider=by, decider_member=by.member_id or 0, decided_at=at
        )
    )


def _enforce_four_eyes(change: Callable[[], T]) -> T:
    try:
        with transaction.atomic():
            return change()
    except IntegrityError as error:
        if violated_constraint(error) not in FOUR_EYES_CONSTRAINTS:
            raise
        raise SelfApprovalForbidden from error
