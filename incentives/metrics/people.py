"""Count people once: friends who bought, distributors who sold, and first sales.

Of several orders the earliest completed one counts; before any is completed, the earliest paid one
is what may come.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Min

from distribution.models import Referral
from incentives.metrics.audience import included
from incentives.metrics.build import Candidate, candidate
from incentives.metrics.facts import OrderFacts, person
from incentives.metrics.own import is_same_person, seller_of
from incentives.metrics.sales import own_orders, sold_before
from incentives.metrics.values import Counted
from incentives.models import Contribution, Version
from incentives.models.incentive import Metric
from members.models import Member
from orders.models import Attribution, Order

Rows = Sequence[tuple[Version, OrderFacts]]


def count_first_sales(rows: Rows) -> list[Counted]:
    """Count the first own order of each distributor, once in the run."""
    by_seller: dict[int, list[Candidate]] = defaultdict(list)
    for version, order in rows:
        seller = seller_of(version, order, order.tier1)
        if seller and (found := candidate(version, order)):
            by_seller[seller.person].append(found)
    return [_first(candidates).counts_for(who) for who, candidates in by_seller.items()]


def count_new_distributors(rows: Rows) -> list[Counted]:
    """Count each distributor for their upline, by the first order that they sold.

    Who sold before the run is not new.
    """
    by_seller: dict[int, list[tuple[int, Candidate]]] = defaultdict(list)
    for version, order in rows:
        upline = seller_of(version, order, order.tier2)
        seller = order.tier1
        if upline is None or seller is None or is_same_person(order, seller.person):
            continue
        if found := candidate(version, order):
            by_seller[seller.person].append((upline.person, found))
    start = start_of_run(rows)
    known = sold_before(person_ids(by_seller), start) if start and by_seller else set()
    counted = []
    for seller_person, pairs in by_seller.items():
        if seller_person not in known:
            first = _first([found for _, found in pairs])
            upline_person = next(who for who, found in pairs if found is first)
            counted.append(first.counts_for(upline_person, seller_person))
    return counted


def count_referred_buyers(rows: Rows) -> list[Counted]:
    """Count each friend for their referrer, by the friend's first order.

    A friend had paid nothing before the referral, and placed the first order that they paid after
    it, within the version's days and within the run.
    """
    brought = referrals_of({order.buyer for _, order in rows})
    others = [
        (version, order)
        for version, order in rows
        if order.buyer in brought and not is_same_person(order, brought[order.buyer].referrer)
    ]
    return count_brought(others, brought, start=start_of_run(rows))


def count_brought(
    rows: Rows, brought: Mapping[int, ReferredBy], *, start: datetime | None
) -> list[Counted]:
    """Count the first order of each buyer who was brought, also where referrer and buyer are one.

    :param brought: by whom, by person
    :param start: of the run; None: it is not published yet
    """
    in_time = [
        (version, order)
        for version, order in rows
        if order.buyer in brought and brought[order.buyer].in_time(order, version)
    ]
    friends = first_orders_of({order.buyer: brought[order.buyer] for _, order in in_time})
    by_friend: dict[int, list[Candidate]] = defaultdict(list)
    for version, order in in_time:
        friend = friends.get(order.buyer)
        is_new = friend is not None and friend.is_new(version, start)
        if is_new and (found := candidate(version, order)):
            by_friend[order.buyer].append(found)
    return _for_referrers({who: _first(rows) for who, rows in by_friend.items()}, friends)


def _for_referrers(first: Mapping[int, Candidate], friends: Mapping[int, Friend]) -> list[Counted]:
    """Count the orders of friends whose referrers belonged to the audience when they ordered."""
    by_version: dict[int | None, list[tuple[int, Candidate]]] = defaultdict(list)
    for who, found in first.items():
        by_version[found.version.pk].append((who, found))
    counted = []
    for rows in by_version.values():
        asked = [(friends[who].referrer, found.order.placed_at) for who, found in rows]
        answers = included(rows[0][1].version, asked)
        counted += [
            found.counts_for(key[0], who)
            for (who, found), key in zip(rows, asked, strict=True)
            if answers[key]
        ]
    return counted


@dataclass(frozen=True, slots=True)
class ReferredBy:
    """By whom a member was brought, and when."""

    referrer: int
    referred_at: datetime

    def in_time(self, order: OrderFacts, version: Version) -> bool:
        return self.referred_at <= order.placed_at <= self.until(version)

    def until(self, version: Version) -> datetime:
        return self.referred_at + timedelta(days=version.friend_days)


@dataclass(frozen=True, slots=True)
class Friend:
    """A member who was brought, and the first order that they paid."""

    brought: ReferredBy
    first_paid_at: datetime
    first_placed_at: datetime

    @property
    def referrer(self) -> int:
        return self.brought.referrer

    @property
    def was_new(self) -> bool:
        """Whether they had ordered nothing before the referral."""
        return min(self.first_paid_at, self.first_placed_at) >= self.brought.referred_at

    def is_new(self, version: Version, start: datetime | None) -> bool:
        in_run = start is None or self.first_placed_at >= start
        in_days = self.first_placed_at <= self.brought.until(version)
        return self.was_new and in_run and in_days


def _first(candidates: Iterable[Candidate]) -> Candidate:
    """Return the earliest completed one, else the earliest paid one."""

    def place(row: Candidate) -> tuple[bool, datetime, datetime, str]:
        order = row.order
        since = order.release_at if row.is_completed else None
        return not row.is_completed, since or order.paid_at, order.paid_at, order.number

    return min(candidates, key=place)


def start_of_run(rows: Rows) -> datetime | None:
    """Return when the first version of the incentive started; None: it is not published yet."""
    starts = starts_of_runs({version.incentive_id for version, _ in rows})
    return min(starts.values(), default=None)


def starts_of_runs(incentives: Collection[int]) -> dict[int, datetime]:
    """Return when the first version of each incentive that is published started."""
    rows = Version.objects.published().filter(incentive__in=incentives).order_by()
    return dict(rows.values_list("incentive").annotate(Min("starts_at")))


def referrals_of(buyers: Collection[int]) -> dict[int, ReferredBy]:
    """Return those who were brought by somebody else, by person; of several the first time."""
    ids = person_ids(buyers)
    referrals = (
        Referral.objects.filter(member__in=ids)
        .annotate(by=person("referrer"))
        .order_by("at", "member_id")
    )
    brought: dict[int, ReferredBy] = {}
    for member, referrer, at in referrals.values_list("member", "by", "at"):
        brought.setdefault(ids[member], ReferredBy(referrer, at))
    return {who: row for who, row in brought.items() if row.referrer != who}


def first_orders_of(brought: Mapping[int, ReferredBy]) -> dict[int, Friend]:
    """Return those who have paid an order, by person; reads all their orders."""
    ids = person_ids(brought)
    paid = Order.objects.filter(buyer__in=ids, paid_at__isnull=False)
    first: dict[int, tuple[datetime, datetime]] = {}
    rows = paid.order_by("buyer_id", "paid_at", "placed_at").distinct("buyer_id")
    for member, paid_at, placed_at in rows.values_list("buyer", "paid_at", "placed_at"):
        assert paid_at, "only paid orders are read"
        known = first.get(ids[member])
        first[ids[member]] = min(known, (paid_at, placed_at)) if known else (paid_at, placed_at)
    return {who: Friend(row, *first[who]) for who, row in brought.items() if who in first}


def person_ids(people: Collection[int]) -> dict[int, int]:
    """Return the persons by the keys of all their members: their own, and of those merged."""
    merged = Member.objects.filter(merged_into__in=list(people))
    ids = {who: who for who in people}
    for member, survivor in merged.values_list("pk", "merged_into"):
        ids[member] = survivor or member
    return ids


def _orders_of_friends(versions: Sequence[Version], orders: Collection[int]) -> set[int]:
    """Return the orders that buyers who were brought placed in their days as friends.

    None where only later orders changed: what a buyer orders for years is not read again and again.
    """
    rows = Order.objects.filter(pk__in=orders).order_by("-placed_at")
    changed = dict(rows.values_list(person("buyer"), "placed_at"))  # the earliest of each
    ids = person_ids(changed)
    brought: dict[int, datetime] = {}
    for member, at in Referral.objects.filter(member__in=ids).values_list("member", "at"):
        brought[ids[member]] = min(at, brought.get(ids[member], at))
    longest = timedelta(days=max(version.friend_days for version in versions))
    until = {who: at + longest for who, at in brought.items() if changed[who] <= at + longest}
    members = [member for member, who in ids.items() if who in until]
    rows = Order.objects.filter(buyer__in=members, paid_at__isnull=False)
    return {
        order
        for order, buyer, placed_at in rows.values_list("pk", "buyer", "placed_at")
        if placed_at <= until[ids[buyer]]
    }


def _orders_of_sellers(versions: Sequence[Version], orders: Collection[int]) -> set[int]:
    """Return what the orders must be compared with: the orders that count for the same people.

    Where such an order itself changed, any other of the distributor may count instead.
    """
    sellers = set(
        Attribution.objects.filter(order__in=orders, tier1_reason=Attribution.Reason.UPLINE)
        .order_by()
        .values_list(person("tier1__member"), flat=True)
    )
    ids = person_ids(sellers)
    column = "member" if versions[0].metric == Metric.FIRST_SALE else "subject"
    counting = Contribution.objects.filter(
        **{f"{column}__in": list(ids)}, incentive=versions[0].incentive_id, value__gt=0
    ).values_list(column, "order")
    related = {order for _, order in counting if order}
    changed = {ids[who] for who, order in counting if order in orders}
    if changed:
        starts_at = min(version.starts_at for version in versions if version.starts_at)
        own = own_orders(person_ids(changed)).filter(order__paid_at__gte=starts_at)
        related |= set(own.values_list("order", flat=True))
    return related


Finder = Callable[[Sequence[Version], Collection[int]], set[int]]
RELATED: Mapping[str, Finder] = {
    Metric.REFERRED_BUYERS: _orders_of_friends,
    Metric.FIRST_SALE: _orders_of_sellers,
    Metric.NEW_DISTRIBUTORS: _orders_of_sellers,
}
"""By metric: how to find the orders that must be counted together."""
