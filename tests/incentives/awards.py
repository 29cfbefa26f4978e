"""Give members awards by the engine's service, without the orders that lead to them."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from common.clock import business_day
from incentives.models import Award, Incentive
from incentives.rewards import Target
from incentives.services.awards import apply_targets
from incentives.services.locks import lock_people
from incentives.services.targets import Due, limits_at
from incentives.services.totals import Place
from members.models import Member
from tests.incentives.oracle_terms import Prize, Terms
from tests.incentives.published import publish


def given_award(
    who: Member, amount: int, *, at: datetime, asset: str = "cash", waiting: bool = False
) -> Award:
    """Give an award of a new incentive.

    :param waiting: for a second person
    """
    terms = Terms("own_sales", "month", "steps", (Prize(amount, asset, 1),), at - timedelta(days=1))
    incentive = publish(terms)
    _set(incentive, who, amount, at=at, waiting=waiting)
    return Award.objects.get(incentive=incentive)


def lower(award: Award, to: int, *, at: datetime) -> None:
    """Take an award back to an amount, as a refund does."""
    _set(award.incentive, award.member, to, at=at)
    award.refresh_from_db()


def _set(
    incentive: Incentive, who: Member, amount: int, *, at: datetime, waiting: bool = False
) -> None:
    version = incentive.versions.get()
    reward = version.rewards.get()
    place = Place(incentive.pk, who.pk, business_day(at).replace(day=1))
    targets = [Target("from:1:cash", reward, reward.side, amount)]
    with transaction.atomic():
        lock_people([who.pk])
        limits = limits_at([place]).get(place, {})
        apply_targets([Due(place, version, targets, limits, waiting)], at=at)
