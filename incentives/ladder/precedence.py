"""Which level counts: a pin alone, else the better of award and ladder."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from distribution.models import Distributor, Level
from incentives.models import LadderLevel, LevelAward, LevelPin


@dataclass(frozen=True, slots=True)
class Holding:
    """The level that counts, and the pin or the award that gives it; without both: the ladder."""

    level: Level | None
    pin: LevelPin | None = None
    award: LevelAward | None = None


def holding_of(distributor: Distributor, *, at: datetime) -> Holding:
    """Return what counts for a distributor, by the level that the ladder has on record.

    Of a distributor whom no review, pin or award has met yet, the level is the one that they have.
    """
    row = LadderLevel.objects.select_related("level").filter(distributor=distributor).first()
    return holding_with(row.level if row else distributor.level, distributor, at=at)


def holding_with(ladder: Level | None, distributor: Distributor, *, at: datetime) -> Holding:
    """Return what counts if the ladder gives this level. An award never takes a level away."""
    pins = LevelPin.objects.in_force(at).filter(distributor=distributor)
    if pin := pins.select_related("level", "pinned_by").order_by("pk").last():
        return Holding(pin.level, pin=pin)
    awards = LevelAward.objects.in_force(at).filter(distributor=distributor)
    best = awards.select_related("level").order_by("-level__rank", "-ends_at").first()
    if best and (ladder is None or best.level.rank > ladder.rank):
        return Holding(best.level, award=best)
    return Holding(ladder)
