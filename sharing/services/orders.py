"""Bind buyers by the shares that their orders carry, as of their placement."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from distribution.models import Source
from distribution.services import refer
from events.models import Reference
from members.models import Member
from members.persons import survivor_of
from sharing import compound
from sharing.codes import find_share, find_shares
from sharing.models import Share, Visit
from sharing.services.binding import bindings_left, last_left
from sharing.services.shares import save_share


@dataclass(frozen=True, slots=True)
class SharedOrder:
    """An order that names a share."""

    code: str
    buyer: Member
    placed_at: datetime
    order: Reference


def resolve_order_shares(orders: Iterable[tuple[str, datetime]]) -> dict[str, Share]:
    """Return the stored shares by the codes that orders carry; unknown codes are left out.

    Shares of compound codes are stored here, if they do not have a row yet.

    :param orders: the code and the time of placement of each order
    """
    placed: dict[str, datetime] = {}
    for code, at in orders:
        placed[code] = min(at, placed.get(code, at))
    shares = find_shares(placed)
    for code, at in sorted(placed.items()):  # so that parallel batches do not deadlock
        if len(code) == compound.LENGTH and (share := find_share(code, at=at)):
            shares[code] = save_share(share, at=at)[0]
    return shares


def bind_by_share(order: SharedOrder, share: Share) -> None:
    """Bind a buyer to the sharer of the share that the order names, as of its placement.

    The caller has locked the buyer. The evidence is the buyer's last visit of that share, else the
    order. A share that was not live then binds nobody, and an upline that the buyer has stays: the
    code came along with the order, nobody has tapped to follow somebody else.
    """
    if not share.is_live(order.placed_at):
        return
    buyer = survivor_of(order.buyer)
    visits = Visit.objects.of_person(buyer).filter(share=share, at__lte=order.placed_at)
    visit = visits.order_by("-at", "-pk").first()
    if _has_left(buyer, share, visit):
        return
    refer(
        member=buyer, referrer=share.member, source=Source.ORDER, at=order.placed_at,
        evidence=Reference.to(visit) if visit else order.order, may_poach=False,
    )  # fmt: skip


def _has_left(buyer: Member, share: Share, visit: Visit | None) -> bool:
    """Return whether the buyer left an upline after the visit, or, without a visit, the sharer."""
    left_at = last_left(buyer)
    if left_at is None:
        return False
    if visit:
        return visit.at <= left_at
    return bindings_left(buyer).filter(distributor__member=share.owner).exists()
