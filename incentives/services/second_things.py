"""Refuse things that would be given a second time, as the first one could not be taken back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from incentives.models import Award, Version
from incentives.models.incentive import Metric
from incentives.rewards import FRIEND, basis_of
from incentives.services.holds import place_of
from incentives.services.moves import Move
from incentives.services.totals import Place

NOT_RETURNABLE = "not_returnable"
"""A thing that cannot be taken back: a used coupon, a gift that was sent.

It counts as given: for the same friend, for the first sale, and where terms give only so many.
"""

Things = tuple[Place, int]
"""What a limit is for: the place, and the reward by primary key."""


def refuse_second_things(moves: Sequence[Move]) -> None:
    """Refuse what exceeds the limit of its terms together with what is kept.

    The caller has taken back what can be taken back, and the people are locked.
    """
    giving = [move for move in moves if _is_for_one(move)]
    if giving:
        _refuse_for_same_friends(giving, moves)
        _refuse_above_limits(giving, moves)


def _is_for_one(move: Move) -> bool:
    """Return whether it gives a thing for an order, a friend or a proof."""
    award = move.award
    return move.gives and not move.refusal and not award.asset and bool(basis_of(award.step))


def _refuse_for_same_friends(giving: Iterable[Move], moves: Sequence[Move]) -> None:
    """Refuse what a member keeps for the same friend, whose next order counts in another period."""
    for_friends = [move for move in giving if move.award.step.startswith(f"{FRIEND}:")]
    if not for_friends:
        return
    rows = Award.objects.filter(
        incentive__in={move.award.incentive_id for move in for_friends},
        member__in={move.award.member_id for move in for_friends},
        step__in={move.award.step for move in for_friends}, target=0, posted__gt=0,
    )  # fmt: skip
    taken_back = _taken_back(moves)
    kept = {_of_friend(row) for row in rows if row.pk not in taken_back}
    kept |= {_of_friend(move.award) for move in moves if move.refusal == NOT_RETURNABLE}
    for move in for_friends:
        if _of_friend(move.award) in kept:
            move.refusal = NOT_RETURNABLE


def _of_friend(award: Award) -> tuple[int, int, str]:
    """Return what is given once for a friend, whatever the period."""
    return award.incentive_id, award.member_id, award.step


def _refuse_above_limits(giving: Iterable[Move], moves: Sequence[Move]) -> None:
    """Refuse the rest once a member has as many of a reward as the terms give in a period."""
    limits = _limits({move.award.reward.version_id for move in giving})
    limited = [move for move in giving if not move.refusal and _version(move) in limits]
    if not limited:
        return
    rows = Award.objects.filter(
        incentive__in={move.award.incentive_id for move in limited},
        member__in={move.award.member_id for move in limited},
        period_start__in={move.award.period_start for move in limited},
        reward__in={move.award.reward_id for move in limited}, posted__gt=0,
    )  # fmt: skip
    taken_back = _taken_back(moves)
    given = Counter(_things(row) for row in rows if row.pk not in taken_back)
    for move in limited:
        things = _things(move.award)
        if given[things] >= limits[_version(move)]:
            move.refusal = NOT_RETURNABLE
        else:
            given[things] += 1


def _taken_back(moves: Iterable[Move]) -> set[int]:
    """Return the awards that lose their thing now; their rows are not saved yet."""
    return {move.award.pk for move in moves if not move.gives and not move.refusal}


def _limits(versions: Iterable[int]) -> Mapping[int, int]:
    """Return how many of each reward a version gives to a member in a period; only if limited."""
    rows = Version.objects.filter(pk__in=list(versions)).order_by()
    found = rows.values_list("pk", "metric", "most_per_member")
    most = {key: 1 if metric == Metric.FIRST_SALE else limit for key, metric, limit in found}
    return {key: limit for key, limit in most.items() if limit is not None}


def _version(move: Move) -> int:
    return move.award.reward.version_id


def _things(award: Award) -> Things:
    return place_of(award), award.reward_id
