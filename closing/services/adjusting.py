"""A wallet is put right by two people: one proposes, another decides."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from closing.models import Adjustment
from closing.models.document import LONGEST_NUMBER
from closing.services.refusals import NotYours, check_may, given
from closing.services.treasury import NotADocument
from common import refused, status
from common.errors import TwotierError
from events.services import happened
from ledger.chart import Asset, Kind, Reason
from ledger.services import Source, account, platform, transfer
from members.models import Member, User

Made = TypeVar("Made")
Status = Adjustment.Status
Way = Adjustment.Way
TWO_PEOPLE = {"adjustment_by_different_people", "adjustment_not_for_oneself"}
# What pays for a wallet of each asset.
PAID_BY = {
    Asset.CASH: Kind.COMMISSION_EXPENSE,
    Asset.BONUS: Kind.COMMISSION_EXPENSE,
    Asset.STORE_CREDIT: Kind.ISSUED,
    Asset.POINTS: Kind.ISSUED,
}


class KeyReused(TwotierError):
    code = "key_reused"
    message = _("“%(key)s” has proposed another adjustment. Nothing was changed.")
    status = 422


@transaction.atomic
def propose_adjustment(
    *, key: str, member: Member, asset: str, way: str, amount: int, reason: str, by: User,
    at: datetime,
) -> Adjustment:  # fmt: skip
    """Ask for a wallet to be put right; nothing moves before somebody else agrees.

    :param amount: minor units of ``asset``
    :returns: the proposal; the first one, when the key comes again with the same content
    :raises NotYours: it is their own wallet
    :raises NotAllowed, NoReason, NotADocument, KeyReused: nothing was changed
    """
    check_may(by, "propose_adjustment")
    reason = given(reason)
    for what, fits in (
        ("key", 0 < len(key) <= LONGEST_NUMBER),
        ("amount", amount > 0),
        ("asset", asset in Asset),
        ("way", way in Way),
    ):
        if not fits:
            raise NotADocument(what=what)
    content = {
        "member": member, "asset": asset, "way": way, "amount": amount, "reason": reason,
    }  # fmt: skip
    made, is_new = _or_not_yours(
        lambda: Adjustment.objects.get_or_create(
            key=key,
            defaults={
                **content, "proposer": by, "proposer_member": by.member_id or 0, "proposed_at": at,
            },
        )
    )  # fmt: skip
    if not is_new:
        if any(getattr(made, name) != value for name, value in content.items()):
            raise KeyReused(key=key)
        return made
    happened(
        "closing.adjustment_proposed", made, at=at, by=by,
        asset=asset, way=way, amount=amount, reason=reason,
    )  # fmt: skip
    return made


@transaction.atomic
def post_adjustment(*, adjustment: Adjustment, by: User, at: datetime) -> None:
    """Agree: the money moves.

    :raises InsufficientFunds: the wallet does not hold what is to be taken
    :raises NotYours: they have proposed it, or it is their wallet
    :raises WrongStatus: it is decided
    :raises NotAllowed: no right to decide
    """
    _decide(adjustment, Status.POSTED, by=by, at=at)
    wallet = account(adjustment.member, Asset(adjustment.asset))
    other = platform(PAID_BY[Asset(adjustment.asset)], Asset(adjustment.asset))
    gives = adjustment.way == Way.TO_MEMBER
    transfer(
        key=f"adjustment:{adjustment.public_id}",
        debit=other if gives else wallet,
        credit=wallet if gives else other,
        amount=adjustment.amount,
        reason=Reason.ADJUSTMENT,
        source=Source("closing.adjustment", adjustment.public_id),
        effective_at=at,
    )
    happened("closing.adjustment_posted", adjustment, at=at, by=by, amount=adjustment.amount)


@transaction.atomic
def refuse_adjustment(*, adjustment: Adjustment, by: User, at: datetime) -> None:
    """Do not agree: nothing moves.

    :raises NotYours, WrongStatus, NotAllowed: as above
    """
    _decide(adjustment, Status.REFUSED, by=by, at=at)
    happened("closing.adjustment_refused", adjustment, at=at, by=by)


def _decide(adjustment: Adjustment, to: Status, *, by: User, at: datetime) -> None:
    check_may(by, "decide_adjustment")
    _or_not_yours(
        lambda: status.move(
            adjustment, to=to, decider=by, decider_member=by.member_id or 0, decided_at=at
        )
    )


def _or_not_yours(change: Callable[[], Made]) -> Made:
    try:
        with transaction.atomic():
            return change()
    except IntegrityError as error:
        if refused.by(error) not in TWO_PEOPLE:
            raise
        raise NotYours from error
