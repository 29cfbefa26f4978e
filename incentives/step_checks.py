"""The checks of rewards side by side: steps that overlap, places with gaps, prizes that fall."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from django.utils.translation import gettext as _

from common.money import yuan_text
from incentives.check_types import Found, Indexed
from incentives.models import Metric, Reward, Version
from ledger.chart import Asset

Kind, Reach = Reward.Kind, Version.Reach
MOST_TIMES = 1_000
LEAST_EACH = 1_000
"""Fen: to give something each fen would be millions of awards of a single order."""


def step_errors(version: Version, rewards: Sequence[Reward]) -> Found:
    """Yield what is wrong between the rewards of a version, by field of the later one."""
    rows = list(enumerate(rewards))
    if version.reach == Reach.RANK:
        yield from _rank_errors(rows)
    else:
        yield from _threshold_errors(version, rows)
        if version.reach == Reach.STEPS and not version.sums_steps:
            yield from _highest_only_errors(version, rows)
        if version.reach == Reach.EVERY and version.counts_money:
            yield from _countless_errors(version, rows)
    if version.metric == Metric.TEAM_POOL and len(rows) > 1:
        yield "rewards", _("A team pool is one percentage: remove the other rewards.")


def _threshold_errors(version: Version, rows: Indexed) -> Found:
    for place, row in rows:
        if row.threshold is None:
            yield f"rewards.{place}.threshold", _("Enter a value above 0.")
        elif version.reach == Reach.EVERY and row.threshold == 1 and not version.counts_money:
            yield f"rewards.{place}.threshold", _("“Each 1” is each time: choose that, or 2.")
    for group in _groups(rows):
        steps = sorted(group, key=lambda pair: pair[1].threshold or 0)
        for (_place, lower), (place, upper) in pairwise(steps):
            if upper.threshold == lower.threshold or version.reach != Reach.STEPS:
                yield (
                    f"rewards.{place}.threshold",
                    _("Two rewards of the same kind overlap here: change the step, or remove one."),
                )
            elif not version.sums_steps and _gives_less(upper, lower):
                yield (
                    f"rewards.{place}.{_value_field(upper)}",
                    _("A higher step must give at least as much as the one below."),
                )


def _highest_only_errors(version: Version, rows: Indexed) -> Found:
    """Yield what would give more, or less, than the highest step that is reached."""
    if version.most_per_member is not None:
        yield (
            "most_per_member",
            _(
                "Only the highest step is given, so there is no limit: remove it, or give all"
                " steps."
            ),
        )
    lowest: dict[str, Reward] = {}
    for place, row in sorted(rows, key=lambda pair: pair[1].threshold or 0):
        if row.kind not in Reward.MONEY:
            continue
        first = lowest.setdefault(row.side, row)
        if row.asset != first.asset:
            yield (
                f"rewards.{place}.asset",
                _("Only the highest step is given: give one asset at every step, or all steps."),
            )


def _countless_errors(version: Version, rows: Indexed) -> Found:
    """Yield what a single large order would reach more often than anybody wants."""
    if version.most_per_member is not None and version.most_per_member <= MOST_TIMES:
        return
    limits = {"amount": yuan_text(LEAST_EACH), "count": MOST_TIMES}
    for place, row in rows:
        if row.threshold is not None and row.threshold < LEAST_EACH:
            yield (
                f"rewards.{place}.threshold",
                _("Give it each %(amount)s or more, or at most %(count)s times per member.")
                % limits,
            )


def _rank_errors(rows: Indexed) -> Found:
    placed = [(place, row) for place, row in rows if row.first_rank is not None]
    for place, row in rows:
        if row.first_rank is None:
            yield f"rewards.{place}.first_rank", _("Say which places get this prize.")
    for group in _groups(placed):
        prizes = sorted(group, key=lambda pair: pair[1].first_rank or 0)
        for (_place, better), (place, worse) in pairwise(prizes):
            if (worse.first_rank or 0) <= _last(better):
                yield (
                    f"rewards.{place}.first_rank",
                    _("A place has two prizes of the same kind: change the places."),
                )
            elif _gives_less(better, worse):
                yield (
                    f"rewards.{place}.{_value_field(worse)}",
                    _("A better place must get at least as much as the ones after it."),
                )
    yield from _gaps(placed)


def _gaps(placed: Indexed) -> Found:
    """Yield places before a prize that get nothing."""
    covered = 0
    for place, row in sorted(placed, key=lambda pair: pair[1].first_rank or 0):
        first = row.first_rank or 0
        if first > covered + 1:
            yield (
                f"rewards.{place}.first_rank",
                _("Place %(place)s gets nothing: prizes leave no gap.") % {"place": covered + 1},
            )
        covered = max(covered, _last(row))


def _groups(rows: Indexed) -> list[Indexed]:
    """Group the rewards that compete: of one kind, for one side."""
    groups: dict[tuple[str, str], Indexed] = {}
    for place, row in rows:
        groups.setdefault((row.side, row.kind), []).append((place, row))
    return list(groups.values())


def _last(row: Reward) -> int:
    return row.last_rank or row.first_rank or 0


def _value_field(row: Reward) -> str:
    return "rate" if row.rate is not None else "amount"


def _gives_less(first: Reward, second: Reward) -> bool:
    """Compare what is of one asset and kind; nobody can say whether a gift is less than a gift."""
    same = first.asset == second.asset and _value_field(first) == _value_field(second)
    return same and _value(first) < _value(second)


def _value(row: Reward) -> int:
    return row.rate or row.amount or 0


def prizes(version: Version, rewards: Sequence[Reward]) -> int:
    """Return how many prizes a contest gives; 1 of anything else."""
    if version.reach != Reach.RANK:
        return 1
    return sum(_places(row) for row in rewards)


def _places(row: Reward) -> int:
    return _last(row) - row.first_rank + 1 if row.first_rank else 0


def least_budget(version: Version, rewards: Sequence[Reward]) -> int:
    """Return the fen below which a budget could not even pay one award, or all prizes.

    Points are not counted. A percentage without its greatest amount may be as low as a fen.
    """
    paid = [row for row in rewards if row.kind in Reward.MONEY and row.asset != Asset.POINTS]
    if version.reach == Reach.RANK:
        return sum((row.amount or 0) * _places(row) for row in paid)
    return max((row.amount or row.most or 1 for row in paid), default=0)
