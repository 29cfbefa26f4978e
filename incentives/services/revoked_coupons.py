"""Follow coupons that awards gave and that were taken back only when their orders returned them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from incentives.models import Award, Contribution, Reward
from incentives.rewards import FRIEND, basis_keys, basis_of
from incentives.services.awards import apply_targets
from incentives.services.closed_periods import closed_periods
from incentives.services.holds import place_of
from incentives.services.locks import keep_periods_open, lock_people
from incentives.services.moves import key_of
from incentives.services.settling import settle, state_of
from incentives.services.targets import targets_at
from incentives.services.totals import Place, places_of


@transaction.atomic
def book_revoked(*, keys: Collection[str], at: datetime) -> None:
    """Book as taken back what awards gave by coupons that are revoked. Idempotent.

    A used coupon stays with an award that is due no more, and is revoked when its order returns it.
    Nothing is due by such an award for the moment, even if another order counts for it by now:
    ``settle_again`` then gives a new coupon.

    :param keys: of the coupons
    """
    public_ids = {key.split(":")[1] for key in keys if key.startswith("award:")}
    given = Award.objects.filter(public_id__in=public_ids, kind=Reward.Kind.COUPON, posted=1)
    members = set(given.values_list("member", flat=True))
    if not members:
        return
    lock_people(members)
    rows = given.select_related("version__incentive", "reward__coupon").order_by("pk")
    lost = [row for row in rows if key_of(row, row.moves) in keys]
    before = {row.pk: state_of(row) for row in lost}
    for award in lost:
        award.target = 0
    settle(lost, [award.version for award in lost], before=before, at=at)


@transaction.atomic
def settle_again(*, awards: Collection[str], at: datetime) -> None:
    """Give what was not given as long as these awards kept their coupons. Idempotent.

    In a transaction of its own: no coupon is locked after a budget.

    :param awards: public ids
    """
    rows = Award.objects.filter(public_id__in=list(awards))
    lock_people(set(rows.values_list("member", flat=True)))
    places = _places_to_settle(rows.all())
    apply_targets(targets_at(places, {}), at=at)


def _places_to_settle(awards: QuerySet[Award]) -> set[Place]:
    """Return where the awards are, and the open periods in which their friends count."""
    found = list(awards.order_by("pk"))
    own = {place_of(award) for award in found}
    others = _places_of_friends(found) - own
    incentives = {place.incentive for place in others}
    keep_periods_open(incentives)
    closed = closed_periods(incentives, {place.period_start for place in others})
    return own | {place for place in others if (place.incentive, place.period_start) not in closed}


def _places_of_friends(awards: Iterable[Award]) -> set[Place]:
    """Return the places of the members of awards in which the friends of these count."""
    wanted = {
        (award.incentive_id, award.member_id, friend)
        for award in awards
        if (basis := basis_of(award.step))
        for friend in basis_keys([basis])[FRIEND]
    }
    rows = Contribution.objects.filter(
        incentive__in={incentive for incentive, _, _ in wanted},
        subject__in={friend for _, _, friend in wanted},
    )
    return {
        place
        for row in rows
        for place in places_of(row)
        if (place.incentive, place.member, row.subject_id) in wanted
    }
