"""Find the shares by which new orders came, as of their placement."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import F, Q
from django.db.models.functions import Coalesce

from distribution.models import Distributor
from distribution.queries import Uplines
from members.models import Member
from orders.models import Attribution, Order, OrderShare
from sharing.models import Share, Visit

VISIT = Visit._meta.label_lower
"""The kind of evidence of a binding by a visit."""


def build_order_shares(
    orders: Sequence[Order],
    chains: Sequence[Uplines],
    attributions: Sequence[Attribution],
    named: Mapping[str, Share],
) -> list[OrderShare]:
    """Return the shares of new orders, not saved; no query without a share or a visit.

    A share that an order names counts while it is live, but not for its own member's orders.

    :param chains: the buyers' uplines at placement, after the shares of the orders bound them
    :param named: the shares by the codes that the orders carry
    """
    bound = _binding_visits(chains)
    if not named and not bound:
        return []
    people = _People.read(orders, attributions, [*named.values(), *_shares(bound)])
    visits = _visits(orders, named, people)
    rows = []
    for order, uplines, attribution in zip(orders, chains, attributions, strict=True):
        visit = bound.get(uplines.evidence.id) if uplines.evidence else None
        share, reason = visit.share if visit else None, OrderShare.Reason.BOUND
        if (given := named.get(order.share)) and people.may_name(given, order):
            share, reason = given, OrderShare.Reason.NAMED
            visit = _latest(visits, given, order)
        if share:
            tier = people.tier(share, attribution)
            rows.append(OrderShare(order=order, share=share, visit=visit, reason=reason, tier=tier))
    return rows


@dataclass(frozen=True, slots=True)
class _People:
    """The keys of the surviving members, by the keys of members and of distributors."""

    members: Mapping[int, int]
    distributors: Mapping[int, int]

    @classmethod
    def read(
        cls,
        orders: Iterable[Order],
        attributions: Iterable[Attribution],
        shares: Iterable[Share],
    ) -> _People:
        tiers = {key for row in attributions for key in (row.tier1_id, row.tier2_id) if key}
        buyers = {order.buyer_id for order in orders}
        persons = Q(pk__in=buyers | {share.member_id for share in shares})
        members = Member.objects.filter(persons | Q(merged_into__in=buyers)).order_by()
        survivor = Coalesce(F("merged_into"), F("pk"))
        of_distributor = Coalesce(F("member__merged_into"), F("member"))
        distributors = Distributor.objects.filter(pk__in=tiers).order_by()
        return cls(
            dict(members.values_list("pk", survivor)),
            dict(distributors.values_list("pk", of_distributor)),
        )

    def may_name(self, share: Share, order: Order) -> bool:
        is_own = self.members[share.member_id] == self.members[order.buyer_id]
        return share.is_live(order.placed_at) and not is_own

    def tier(self, share: Share, attribution: Attribution) -> int | None:
        """Return the tier in which the sharer earns on an order, if any."""
        sharer = self.members[share.member_id]
        for tier, key in ((1, attribution.tier1_id), (2, attribution.tier2_id)):
            if key and self.distributors[key] == sharer:
                return tier
        return None


def _binding_visits(chains: Iterable[Uplines]) -> dict[str, Visit]:
    keys = {row.evidence.id for row in chains if row.evidence and row.evidence.kind == VISIT}
    visits = Visit.objects.filter(public_id__in=keys).select_related("share")
    return {visit.public_id: visit for visit in visits} if keys else {}


def _shares(visits: Mapping[str, Visit]) -> list[Share]:
    return [visit.share for visit in visits.values()]


def _visits(
    orders: Iterable[Order], named: Mapping[str, Share], people: _People
) -> dict[tuple[int, int], list[Visit]]:
    """Return the buyers' visits of the shares that the orders name, by share and person."""
    buyers = {order.buyer_id for order in orders if order.share in named}
    keys = [key for key, survivor in people.members.items() if survivor in buyers]
    shares = {share.pk for share in named.values()}
    visits = Visit.objects.filter(member__in=keys, share__in=shares).order_by("at", "pk")
    by_person: dict[tuple[int, int], list[Visit]] = {}
    for visit in visits if named else []:
        if visit.member_id:
            key = visit.share_id, people.members[visit.member_id]
            by_person.setdefault(key, []).append(visit)
    return by_person


def _latest(
    visits: Mapping[tuple[int, int], Sequence[Visit]], share: Share, order: Order
) -> Visit | None:
    """Return the buyer's latest visit of a share before an order was placed."""
    before = [
        visit for visit in visits.get((share.pk, order.buyer_id), []) if visit.at <= order.placed_at
    ]
    return before[-1] if before else None
