"""Lower the prizes of a closed contest after refunds, if its terms say so. Nobody moves up."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from incentives.models import Award, Progress, Reward
from incentives.prizes import OF_PLACE
from incentives.rewards import Target, amount_of
from incentives.services.holds import place_of
from incentives.services.targets import Due, limits_at
from incentives.services.totals import Place


def lowered_prizes(places: Collection[Place]) -> list[Due]:
    """Return what is still due at places of closed contests whose contributions were lowered."""
    prizes = _prizes_at(places)
    limits = limits_at(list(prizes))
    return [
        Due(place, awards[0].version, _still_due(place, awards), limits.get(place, {}))
        for place, awards in prizes.items()
    ]


def _prizes_at(places: Collection[Place]) -> dict[Place, list[Award]]:
    """Return the awards with a rank, which exist after a close only."""
    rows = Award.objects.filter(
        incentive__in={place.incentive for place in places},
        member__in={place.member for place in places},
        period_start__in={place.period_start for place in places},
        # A range of the steps: what each order gives is no prize, and may be much.
        step__startswith=OF_PLACE, rank__isnull=False, version__takes_back_after_close=True,
    )  # fmt: skip
    prizes: dict[Place, list[Award]] = {}
    for award in rows.select_related("version__incentive", "reward").order_by("pk"):
        if place_of(award) in places:
            prizes.setdefault(place_of(award), []).append(award)
    return prizes


def _still_due(place: Place, awards: Sequence[Award]) -> list[Target]:
    rows = Progress.objects.filter(incentive=place.incentive, period_start=place.period_start)
    value = rows.filter(member=place.member).values_list("value", flat=True).first() or 0
    rank = 1 + rows.filter(value__gt=value).count()
    rewards = list(awards[0].version.rewards.all())
    return [
        Target(award.step, award.reward, award.side, _amount(award, rewards, rank, value),
               rank=award.rank)
        for award in awards
    ]  # fmt: skip


def _amount(award: Award, rewards: Sequence[Reward], rank: int, value: int) -> int:
    """Return the prize of the place that the member would have now, if it is less."""
    if value and award.rank is not None and rank <= award.rank:
        return award.target
    of_place = [row for row in rewards if value and _is_for(row, rank)]
    if award.kind not in Reward.MONEY:
        return min(award.target, int(award.reward in of_place))
    same = [row for row in of_place if row.asset == award.reward.asset]
    return min(award.target, sum(amount_of(row, value) for row in same))


def _is_for(reward: Reward, rank: int) -> bool:
    first, last = reward.first_rank, reward.last_rank
    return first is not None and last is not None and first <= rank <= last
