"""Find what must be counted together when orders change, and whom that may concern."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import Min

from incentives.metrics import orders_to_count
from incentives.metrics.facts import person, referrers_of
from incentives.models import Contribution
from incentives.runs import Run
from members.models import Member
from orders.models import Order


@dataclass(frozen=True, slots=True)
class Scope:
    """The incentives that orders touch, and by incentive the orders that are counted together.

    ``people``: the persons whose contributions, progress and awards may change. ``merged``: members
    whose merge is to be followed first, see ``gathering``.
    """

    runs: Sequence[Run] = ()
    orders: Mapping[int, Collection[int]] = field(default_factory=dict)
    people: Collection[int] = ()
    merged: Sequence[Member] = ()


def scope_of(runs: Sequence[Run], orders: Collection[int]) -> Scope:
    """Return what is counted, and for whom, if these orders changed; reads only."""
    touched = _touched(runs, orders)
    if not touched:
        return Scope()
    wanted = {run.incentive: orders_to_count(run.versions, orders) for run in touched}
    related = _related(wanted, orders)
    people = _people_of(orders) | _sellers_of(related) | _counted_for({*orders, *related})
    return Scope(touched, wanted, people)


def _touched(runs: Sequence[Run], orders: Collection[int]) -> list[Run]:
    """Return the incentives that may count one of the orders, or counted it before."""
    counted = Contribution.objects.filter(order__in=list(orders)).order_by()
    known = set(counted.values_list("incentive", flat=True).distinct())
    paid = Order.objects.filter(pk__in=list(orders)).aggregate(first=Min("paid_at"))["first"]
    return [run for run in runs if run.incentive in known or (paid and not run.is_over(paid))]


def _related(wanted: Mapping[int, Collection[int]], orders: Collection[int]) -> set[int]:
    """Return the orders that did not change, and are counted with those that did."""
    return set().union(*wanted.values()) - set(orders)


def _people_of(orders: Collection[int]) -> set[int]:
    """Return the buyers of orders, who brought them, and the distributors."""
    rows = Order.objects.filter(pk__in=list(orders))
    buyers = set(rows.values_list(person("buyer"), flat=True))
    return buyers | referrers_of(buyers) | _sellers_of(orders)


def _sellers_of(orders: Collection[int]) -> set[int]:
    """Return the distributors of orders, by both tiers."""
    if not orders:
        return set()
    rows = Order.objects.filter(pk__in=list(orders)).values_list(
        person("attribution__tier1__member"), person("attribution__tier2__member")
    )
    return {key for row in rows.distinct().order_by() for key in row if key is not None}


def _counted_for(orders: Collection[int]) -> set[int]:
    """Return for whom any incentive counted the orders so far.

    Incentives share what an order leaves for awards: each may get more or less than it had.
    """
    rows = Contribution.objects.filter(order__in=list(orders)).values_list(
        person("member"), person("subject")
    )
    return {key for row in rows.distinct().order_by() for key in row if key is not None}
