"""Count what members sold or bought: own sales, orders, units and purchases."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from incentives.metrics.audience import included, includes_seller
from incentives.metrics.build import Candidate, candidate
from incentives.metrics.facts import OrderFacts, Seller
from incentives.metrics.values import Counted
from incentives.models import Version


def count_sales(rows: Sequence[tuple[Version, OrderFacts]]) -> list[Counted]:
    """Count each order for the upline of its buyer; nobody's own purchase counts."""
    return [
        found.counts_for(seller.person)
        for version, order in rows
        if (seller := seller_of(version, order, order.tier1))
        and (found := candidate(version, order))
        and found.value
    ]


def count_team_sales(rows: Sequence[tuple[Version, OrderFacts]]) -> list[Counted]:
    """Count each order for both tiers: to be shown. No published version counts like this."""
    return [
        found.counts_for(seller.person)
        for version, order in rows
        if (found := candidate(version, order))
        for tier in (order.tier1, order.tier2)
        if (seller := seller_of(version, order, tier))
    ]


def count_spend(rows: Sequence[tuple[Version, OrderFacts]]) -> list[Counted]:
    """Count each order for its buyer."""
    by_version: dict[int | None, list[Candidate]] = defaultdict(list)
    for version, order in rows:
        if found := candidate(version, order):
            by_version[version.pk].append(found)
    counted = []
    for candidates in by_version.values():
        asked = [(row.order.buyer, row.order.placed_at) for row in candidates]
        answers = included(candidates[0].version, asked)
        counted += [
            row.counts_for(row.order.buyer)
            for row, key in zip(candidates, asked, strict=True)
            if answers[key]
        ]
    return counted


def seller_of(version: Version, order: OrderFacts, seller: Seller | None) -> Seller | None:
    """Return the distributor if the order may count for them."""
    if seller is None or is_same_person(order, seller.person):
        return None
    return seller if includes_seller(version, seller) else None


def is_same_person(order: OrderFacts, person: int) -> bool:
    """Return whether the buyer is this person, or shares an ID number or a payee with them."""
    return person == order.buyer or person in order.same_person_as
