"""Which level own sales reach, and when one is lost: numbers in, numbers out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum

from incentives.ladder.windows import Span, spans_of

NO_RANK = -1
"""Below every level."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Own completed orders of a span: what is left of them in fen, their number, their buyers."""

    sales: int = 0
    orders: int = 0
    buyers: int = 0


@dataclass(frozen=True, slots=True)
class Rung:
    """What a level asks for; all that is set must be reached within one span of the window."""

    level: int
    rank: int
    window: str
    sales: int = 0
    orders: int = 0
    buyers: int = 0
    grace_days: int = 30


@dataclass(frozen=True, slots=True)
class Reached:
    """The highest level whose condition is met, and in which span."""

    rung: Rung
    span: Span


class Step(Enum):
    STAY = "stay"
    RISE = "rise"
    WARN = "warn"
    """The level is no longer reached: the days of grace begin."""
    KEEP = "keep"
    """The level is reached again: the warning ends."""
    FALL = "fall"


def missing(rung: Rung, figures: Figures) -> Figures:
    """Return how much is missing to a level."""
    return Figures(
        max(0, rung.sales - figures.sales),
        max(0, rung.orders - figures.orders),
        max(0, rung.buyers - figures.buyers),
    )


def highest(ladder: Sequence[Rung], figures: Mapping[Span, Figures], day: date) -> Reached | None:
    """Return the highest level that is reached; it does not matter which lower ones are.

    :param figures: of each span; one that is missing has no orders
    """
    for rung in sorted(ladder, key=lambda row: row.rank, reverse=True):
        for span in spans_of(rung.window, day):
            if missing(rung, figures.get(span, Figures())) == Figures():
                return Reached(rung, span)
    return None


def next_step(
    *, rank: int, is_on_ladder: bool, reached: int, falls_at: datetime | None, at: datetime
) -> Step:
    """Return what a review does with a level by the ladder: up at once, down after the grace.

    :param rank: of the level now; ``NO_RANK`` without one
    :param is_on_ladder: whether that level has a condition; one without is never lost by figures
    :param reached: the rank of the highest level that is reached, or ``NO_RANK``
    :param falls_at: when the days of grace end, if they have begun
    """
    if reached > rank:
        return Step.RISE
    if reached == rank or not is_on_ladder:
        return Step.KEEP if falls_at else Step.STAY
    if falls_at is None:
        return Step.WARN
    return Step.FALL if falls_at <= at else Step.STAY


def last_day_of_grace(day: date, rung: Rung) -> date:
    """Return the last day on which a level is kept that is no longer reached since ``day``."""
    return day + timedelta(days=rung.grace_days)
