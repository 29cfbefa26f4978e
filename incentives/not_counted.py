"""Find the orders that count for nobody because buyer and earner are one person, or may be.

Nothing of it is stored: it follows from the orders, and from the holds that are open now.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from distribution.models import Referral
from incentives.metrics.counting import count_facts, orders_to_count
from incentives.metrics.facts import SAME_PERSON_RULES, OrderFacts, paid_orders, person
from incentives.metrics.own import is_same_person
from incentives.metrics.people import ReferredBy, count_brought, person_ids, start_of_run
from incentives.models import Contribution, Version
from incentives.models.incentive import Metric
from incentives.runs import Run
from members.models import Member
from risk.models import Hold

NOBODY = 0
"""As the buyer of an order: somebody who shares nothing with anybody."""

Orders = Mapping[int, OrderFacts]


@dataclass(frozen=True, slots=True)
class NotCounted:
    """An order that a version would count for a person if somebody else had bought it.

    ``earner``: the person, by primary key. ``other``: the buyer (``is_own``), or the person with
    whom the buyer shares an ID number or payee.
    """

    version: Version
    order: OrderFacts
    earner: int
    other: int

    @property
    def is_own(self) -> bool:
        """Return whether the other person bought it; else they share something with the buyer."""
        return self.other == self.order.buyer


def not_counted(orders: Collection[int], runs: Sequence[Run]) -> list[NotCounted]:
    """Return which of these orders count nothing in incentives because of who bought them.

    The number of queries does not grow with the orders; it is small where nobody shares anything.

    :param orders: primary keys
    """
    read = {row.pk: row for row in paid_orders(orders)} if runs else {}
    brought = _brought_by_themselves({row.buyer for row in read.values()}) if read else {}
    shared = {key: row for key, row in read.items() if row.buyer in brought or _is_shared(row)}
    if not shared:
        return []
    rows = Contribution.objects.filter(order__in=list(shared), value__gt=0)
    counting = set(rows.values_list("incentive", "order"))
    return [
        found
        for run in runs
        for found in _of_run(run, shared, brought)
        if (run.incentive, found.order.pk) not in counting
    ]


def holds_between(found: Iterable[NotCounted]) -> dict[tuple[int, int], list[Hold]]:
    """Return the open holds for what two persons share, by the buyer and the other one."""
    pairs = {(row.order.buyer, row.other) for row in found if not row.is_own}
    if not pairs:
        return {}
    ids = person_ids({who for pair in pairs for who in pair})
    public_ids = dict(Member.objects.filter(pk__in=ids).values_list("public_id", "pk"))
    by_pair: dict[tuple[int, int], list[Hold]] = defaultdict(list)
    holds = Hold.objects.filter(member__in=ids, rule__in=SAME_PERSON_RULES, released_at=None)
    for hold in holds.select_related("assessment").order_by("pk"):
        named = hold.assessment.evidence.get("members") or ()
        others = {ids[public_ids[who]] for who in named if who in public_ids}
        for pair in pairs:
            holder = ids[hold.member_id]
            if holder in pair and others & (set(pair) - {holder}):
                by_pair[pair].append(hold)
    return by_pair


def _is_shared(order: OrderFacts) -> bool:
    """Return whether the buyer is a distributor of the order, or shares something with anybody."""
    sellers = {row.person for row in (order.tier1, order.tier2) if row}
    return bool(order.own_seller or order.same_person_as or order.buyer in sellers)


def _of_run(run: Run, orders: Orders, brought: Mapping[int, ReferredBy]) -> Iterator[NotCounted]:
    """Yield what an incentive does not count: compare with what it would count of strangers."""
    rows = _with_versions(run, orders.values())
    metric = run.versions[0].metric
    if not rows or metric == Metric.OWN_SPEND:
        return
    keys = {order.pk for _version, order in rows}
    related = orders_to_count(run.versions, keys) - keys
    others = _with_versions(run, paid_orders(related))
    counting = {row.order for row in count_facts([*others, *rows])}
    strangers = [(version, _of_a_stranger(version, order)) for version, order in rows]
    versions = {order.pk: version for version, order in rows}
    for row in count_facts([*others, *strangers]):
        key = row.order or 0
        if key in keys and key not in counting:
            yield _not_counted(versions[key], orders[key], row.member)
    if metric == Metric.REFERRED_BUYERS:
        together = [*others, *rows]
        for row in count_brought(together, brought, start=start_of_run(together)):
            key = row.order or 0
            if key in keys:
                yield NotCounted(versions[key], orders[key], row.member, row.member)


def _not_counted(version: Version, order: OrderFacts, earner: int) -> NotCounted:
    seller = order.tier1.person if order.tier1 else earner
    return NotCounted(version, order, earner, earner if is_same_person(order, earner) else seller)


def _with_versions(run: Run, orders: Iterable[OrderFacts]) -> list[tuple[Version, OrderFacts]]:
    """Return the orders that were paid while the incentive ran, each with its version."""
    return [(version, row) for row in orders if (version := run.version_at(row.paid_at))]


def _of_a_stranger(version: Version, order: OrderFacts) -> OrderFacts:
    """Return an order as if nobody shared anything with its buyer."""
    if version.metric == Metric.REFERRED_BUYERS:
        return replace(order, same_person_as=set())  # the buyer decides who brought them
    seller = order.tier1 or order.own_seller
    return replace(order, buyer=NOBODY, same_person_as=set(), tier1=seller)


def _brought_by_themselves(buyers: Collection[int]) -> dict[int, ReferredBy]:
    """Return when persons were brought, if an account of their own did it; only the first time."""
    ids = person_ids(buyers)
    rows = Referral.objects.filter(member__in=list(ids)).annotate(
        by=person("referrer"), friend=person("member")
    )
    first: dict[int, ReferredBy] = {}
    for friend, referrer, at in rows.order_by("at", "member_id").values_list("friend", "by", "at"):
        first.setdefault(friend, ReferredBy(referrer, at))
    return {friend: row for friend, row in first.items() if row.referrer == friend}
