"""Where a distributor stands: the level that counts and why, and what is missing to each level."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from common.clock import business_day
from distribution.models import Distributor, Level
from incentives.ladder.figures import figures_of, rung_of
from incentives.ladder.precedence import Holding, holding_with
from incentives.ladder.rules import Figures, highest, missing
from incentives.ladder.windows import Span, spans_of
from incentives.models import LadderLevel, LevelCondition, LevelWarning


@dataclass(frozen=True, slots=True)
class LevelProgress:
    """A level of the ladder, as one distributor sees it.

    ``span``, ``figures`` and ``missing``: of the span in which the condition is met, else of the
    running one. A level without a condition is given by the shop only.
    """

    level: Level
    condition: LevelCondition | None
    is_reached: bool
    span: Span | None
    figures: Figures
    missing: Figures


@dataclass(frozen=True, slots=True)
class LevelStanding:
    """Where a distributor stands at a moment."""

    distributor: Distributor
    holding: Holding
    ladder: Level | None
    """The level by the ladder; it counts without a pin or a better award."""
    places: Sequence[LevelProgress]
    """Every level, the lowest first."""
    next: LevelProgress | None
    """The lowest level with a condition above the one that counts."""
    warning: LevelWarning | None

    @property
    def level(self) -> Level | None:
        return self.holding.level


def standing(distributor: Distributor, at: datetime) -> LevelStanding:
    """Return where a distributor stands; the number of queries does not grow with the levels."""
    levels = list(Level.objects.select_related("condition").order_by("rank"))
    conditions = {level.pk: _condition_of(level) for level in levels}
    ladder = [rung_of(row) for row in conditions.values() if row]
    figures = figures_of([distributor.pk], ladder, at=at)[distributor.pk]
    on_record = LadderLevel.objects.select_related("level").filter(distributor=distributor).first()
    by_ladder = on_record.level if on_record else distributor.level
    holding = holding_with(by_ladder, distributor, at=at)
    places = [_place(level, conditions[level.pk], figures, at) for level in levels]
    rank = holding.level.rank if holding.level else -1
    above = [row for row in places if row.condition and row.level.rank > rank]
    warning = LevelWarning.objects.select_related("level").filter(distributor=distributor).first()
    return LevelStanding(
        distributor, holding, by_ladder, places, above[0] if above else None, warning
    )


def _condition_of(level: Level) -> LevelCondition | None:
    condition: LevelCondition | None = getattr(level, "condition", None)
    if condition:
        condition.level = level
    return condition


def _place(
    level: Level,
    condition: LevelCondition | None,
    figures: Mapping[Span, Figures],
    at: datetime,
) -> LevelProgress:
    if condition is None:
        return LevelProgress(level, None, False, None, Figures(), Figures())
    rung, day = rung_of(condition), business_day(at)
    reached = highest([rung], figures, day)
    span = reached.span if reached else spans_of(rung.window, day)[0]
    counted = figures.get(span, Figures())
    return LevelProgress(
        level, condition, reached is not None, span, counted, missing(rung, counted)
    )
