"""Gather what two accounts of one person have in incentives under the account that goes on."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TypeVar

from django.db.models import Exists, Max, Min, OuterRef, Q, QuerySet

from common.bulk_insert import update
from distribution.models import Referral
from incentives.models import Award, Contribution, Metric, PeriodClosing, PointsFactor, Version
from incentives.rewards import end_for_another, friend_steps, rename_friend
from incentives.runs import Run
from incentives.services.holds import place_of
from incentives.services.locks import keep_periods_open
from incentives.services.scopes import Scope, scope_of
from incentives.services.totals import Place, places_of, sum_up
from members.models import Member
from orders.models import Order

Row = TypeVar("Row", Award, Contribution)
Identity = tuple[Place, str]
"""What an award is unique by: its place and its step."""


def gather(*, merged: Member) -> set[Place]:
    """Move contributions and awards of open periods to the survivor; the caller locked the people.

    Nothing is given or taken back here. Awards move with what they count, and keep what was given:
    counted again afterwards they are found, and nothing is given a second time.

    :param merged: a member who was merged into another one
    :returns: the places where something is to be counted again
    """
    rows = _contributions_of(merged).order_by()
    keep_periods_open(set(rows.values_list("incentive", flat=True).distinct()))
    awards = [*_awards_of(merged), *_awards_about(merged)]
    places = _move_contributions(merged)
    _move_awards(awards, merged)
    PointsFactor.objects.filter(member=merged).update(member=merged.merged_into)
    sum_up(places)
    return places | set(map(place_of, awards))


def scope_with_merges(
    runs: Sequence[Run], orders: Collection[int], others: Collection[int] = ()
) -> Scope:
    """Return what is counted if these orders changed, and what merged accounts still have.

    A merge that no worker has followed yet is followed first: counted for the survivor alone, what
    an order gave to the merged member would be taken back and given again.

    :param others: persons whom it concerns besides those of the orders
    """
    scope = scope_of(runs, orders)
    merged: list[Member] = []
    while found := _not_gathered({*scope.people, *others}, except_for=merged):
        merged += found
        orders = set(orders).union(*map(orders_of_merged, found))
        scope = scope_of(runs, orders)
    scope = replace(scope, people={*scope.people, *others})
    return with_people_of(scope, merged)


def with_people_of(scope: Scope, merged: Sequence[Member]) -> Scope:
    """Return a scope with merged members to follow, and those whose locks ``gather`` needs."""
    people = set(scope.people).union(*map(_people_to_lock, merged))
    return replace(scope, people=people, merged=merged)


def _not_gathered(people: Collection[int], *, except_for: Collection[Member]) -> list[Member]:
    """Return the members who were merged into people and have something of their own."""
    own, merged = OuterRef("pk"), Member.objects.filter(merged_into__in=people).order_by("pk")
    having = merged.filter(
        Exists(_open(Contribution.objects.filter(member=own)))
        | Exists(_open(Contribution.objects.filter(subject=own)))
        | Exists(_open(Award.objects.filter(member=own)))
    )
    return list(having.exclude(pk__in=[row.pk for row in except_for]))


def orders_of_merged(merged: Member) -> set[int]:
    """Return the orders of open periods that may count for others, or for nobody, after a merge.

    They count for the member, are about one of the accounts, or were bought by the member. What the
    survivor sold to the member is an own purchase now, and who had bought before is no new friend.
    What one account bought, which nobody brought, may be the first order of the other one's friend.
    """
    about = Q(member=merged) | Q(subject__in=(merged.pk, merged.merged_into_id))
    bought = Q(order__buyer=merged)
    # Two statements: one with both conditions would read all contributions.
    rows = [_open(Contribution.objects.filter(which)) for which in (about, bought)]
    found = [row.order_by().values_list("order", flat=True) for row in rows]
    return {order for orders in found for order in orders if order} | _orders_as_friend(merged)


def _orders_as_friend(merged: Member) -> set[int]:
    """Return what a person who was brought has paid in their days as a friend, by any account."""
    accounts = Member.objects.of_person(_survivor_of(merged)).values("pk")
    brought_at = Referral.objects.filter(member__in=accounts).aggregate(first=Min("at"))["first"]
    versions = Version.objects.published().filter(metric=Metric.REFERRED_BUYERS)
    days = versions.aggregate(longest=Max("friend_days"))["longest"]
    if brought_at is None or days is None:
        return set()
    in_days = (brought_at, brought_at + timedelta(days=days))
    paid = Order.objects.filter(buyer__in=accounts, paid_at__isnull=False, placed_at__range=in_days)
    return set(paid.values_list("pk", flat=True))


def _people_to_lock(merged: Member) -> set[int]:
    """Return whose locks ``gather`` needs: also of those for whom the member counts as a friend.

    The merged member's own lock is among them: a count that began before the merge may hold it.
    """
    rows = _contributions_of(merged).order_by().values_list("member", "subject").distinct()
    return {merged.pk, _survivor_of(merged), *(who for row in rows for who in row if who)}


def _survivor_of(merged: Member) -> int:
    assert merged.merged_into_id, "the caller knows that the member was merged"
    return merged.merged_into_id


def _contributions_of(merged: Member) -> QuerySet[Contribution]:
    return _open(Contribution.objects.filter(Q(member=merged) | Q(subject=merged)))


def _move_contributions(merged: Member) -> set[Place]:
    """Move contributions to the survivor; return where they were, and where they are."""
    rows = _contributions_of(merged).order_by()
    keys = rows.values("incentive_id", "period_start", "member_id", "subject_id").distinct()
    places = set[Place]().union(*(places_of(Contribution(**key)) for key in keys))
    survivor = _survivor_of(merged)
    places |= {place._replace(member=survivor) for place in places if place.member == merged.pk}
    rows.filter(subject=merged).update(subject=survivor)
    _open(Contribution.objects.filter(member=merged)).update(member=survivor)
    return places


def _awards_of(merged: Member) -> list[Award]:
    return list(_open(Award.objects.filter(member=merged)).order_by("pk"))


def _awards_about(merged: Member) -> list[Award]:
    """Return the awards that others have for a member as their friend."""
    about = _open(Contribution.objects.filter(subject=merged)).order_by()
    rows = Award.objects.filter(
        incentive__in=about.values("incentive"), member__in=about.values("member"),
        step__startswith=friend_steps(merged.pk),
    )  # fmt: skip
    return list(_open(rows).exclude(member=merged).order_by("pk"))


def _move_awards(awards: Iterable[Award], merged: Member) -> None:
    """Move awards to where they belong now; of two of one step the one with less given ends."""
    moving = list(awards)
    survivor = _survivor_of(merged)
    for award in moving:
        award.step = rename_friend(award.step, merged.pk, survivor)
        if award.member_id == merged.pk:
            award.member_id = survivor
    going_on = _awards_at(moving)
    ending: dict[int, Award] = {}
    for award in moving:
        identity = place_of(award), award.step
        twin = going_on.get(identity, award)
        best, other = (award, twin) if _standing(award) > _standing(twin) else (twin, award)
        going_on[identity] = best
        if other is not best:
            other.step = end_for_another(other.step, other.pk)
            ending[other.pk] = other
    # These first: no two awards have one step at any moment.
    update(list(ending.values()), ["member", "step"])
    update([award for award in moving if award.pk not in ending], ["member", "step"])


def _awards_at(moving: Iterable[Award]) -> dict[Identity, Award]:
    """Return the awards that are already where others move to."""
    wanted = {(place_of(award), award.step) for award in moving}
    places = {place for place, _step in wanted}
    rows = Award.objects.filter(
        incentive__in={place.incentive for place in places},
        member__in={place.member for place in places}, step__in={step for _place, step in wanted},
    )  # fmt: skip
    found = {(place_of(row), row.step): row for row in rows}
    return {identity: row for identity, row in found.items() if identity in wanted}


def _standing(award: Award) -> tuple[int, bool]:
    """Return what decides which of two awards goes on: a refused one could give nothing more."""
    return award.posted, award.status != Award.Status.REFUSED


def _open(rows: QuerySet[Row]) -> QuerySet[Row]:
    """Limit to rows of periods that are not closed."""
    closed = PeriodClosing.objects.filter(
        incentive=OuterRef("incentive"), period_start=OuterRef("period_start")
    )
    return rows.filter(~Exists(closed))
