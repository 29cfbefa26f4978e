"""How many distributors reach a level, before the next review acts on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from common.clock import business_day
from distribution.models import Distributor
from incentives.ladder.figures import figures_of, rung_of
from incentives.ladder.rules import Rung, highest
from incentives.models import LevelCondition

BATCH_SIZE = 2_000
LIMIT = 20_000
"""How many distributors are counted: somebody waits for the answer."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """Numbers of active distributors, of the ``counted`` newest."""

    counted: int
    is_everybody: bool
    reaching: int
    having: int
    below: int
    """They have the level and do not reach it."""


def outlook(condition: LevelCondition, *, at: datetime, limit: int = LIMIT) -> Outlook:
    """Count who reaches the condition as it is stored."""
    active = Distributor.objects.filter(status=Distributor.Status.ACTIVE).order_by("-pk")
    levels = dict(active.values_list("pk", "level")[: limit + 1])
    is_everybody = len(levels) <= limit
    keys = list(levels)[:limit]
    reaching = set(_reaching(keys, rung_of(condition), at))
    having = {key for key in keys if levels[key] == condition.level_id}
    return Outlook(len(keys), is_everybody, len(reaching), len(having), len(having - reaching))


def _reaching(keys: list[int], rung: Rung, at: datetime) -> Iterator[int]:
    day = business_day(at)
    for start in range(0, len(keys), BATCH_SIZE):
        batch = keys[start : start + BATCH_SIZE]
        figures = figures_of(batch, [rung], at=at)
        yield from (key for key in batch if highest([rung], figures[key], day))
