"""Review levels: up at once, down after a warning and days of grace."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import OperationalError, transaction
from django.db.models import Q

from common.clock import business_day, day_start
from common.errors import FAULTS
from distribution.models import Distributor, Level
from events.services import record
from incentives.events import INCENTIVES_LEVEL_WARNED
from incentives.ladder.figures import figures_of, load_ladder
from incentives.ladder.precedence import holding_with
from incentives.ladder.rules import (
    NO_RANK,
    Figures,
    Reached,
    Rung,
    Step,
    highest,
    last_day_of_grace,
    next_step,
)
from incentives.ladder.windows import Span, spans_of
from incentives.models import LadderLevel, LevelReview, LevelWarning
from incentives.services.level_settling import lock_distributor, settle_level

log = structlog.get_logger(__name__)

BATCH_SIZE = 500
Status, Cause = Distributor.Status, LevelReview.Cause


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a review found for one distributor."""

    step: Step
    reached: Reached | None
    changes: bool
    """Whether a row has to be written."""


def review_levels(*, at: datetime, limit: int = BATCH_SIZE) -> int:
    """Review active distributors who were not reviewed today, in batches.

    Each change is a transaction of its own. One that fails is logged and tried again tomorrow.

    :returns: how many were reviewed; 0 when there is nothing more to do today
    """
    ladder = load_ladder()
    if not ladder:
        LevelWarning.objects.all().delete()
        return 0
    _enter(limit)
    due = LadderLevel.objects.filter(
        Q(reviewed_at=None) | Q(reviewed_at__lt=day_start(business_day(at))),
        distributor__status=Status.ACTIVE,
    )
    keys = list(due.order_by("pk").values_list("pk", flat=True)[:limit])
    review_distributors(keys, at=at)
    LadderLevel.objects.filter(pk__in=keys).update(reviewed_at=at)
    return len(keys)


def review_distributors(keys: Collection[int], *, at: datetime) -> int:
    """Review these distributors now; those who are not active keep their level.

    :returns: how many of them rose, fell, were warned or are safe again
    """
    ladder = load_ladder()
    if not ladder or not keys:
        return 0
    figures = figures_of(keys, ladder, at=at)
    rows = LadderLevel.objects.filter(pk__in=keys).select_related("level", "distributor")
    held = {row.pk: row for row in rows}
    warnings = LevelWarning.objects.in_bulk(list(keys))
    changed = 0
    for key in sorted(set(keys)):
        row = held.get(key)
        level = row.level if row else None
        found = _decide(level, warnings.get(key), ladder, figures[key], at)
        # Decided again under the lock: orders may have completed meanwhile.
        if (row is None or found.changes) and _review(key, ladder, at):
            changed += 1
    return changed


def _enter(limit: int) -> None:
    """Put distributors on the ladder who are not on it yet, with the level that they have."""
    new = Distributor.objects.filter(status=Status.ACTIVE, ladder_level=None)
    LadderLevel.objects.bulk_create(
        [LadderLevel(distributor=row, level_id=row.level_id, since=row.since)
         for row in new.order_by("pk")[:limit]],
        ignore_conflicts=True,
    )  # fmt: skip


def _review(key: int, ladder: Collection[Rung], at: datetime) -> bool:
    try:
        return _review_one(key, ladder, at)
    except OperationalError:
        raise
    except FAULTS as fault:
        log.error("level_not_reviewed", distributor=key, exc_info=fault)
        return False


@transaction.atomic
def _review_one(key: int, ladder: Collection[Rung], at: datetime) -> bool:
    """Take the step of one distributor under their lock.

    :returns: whether anything changed
    """
    current = lock_distributor(Distributor(pk=key))
    if current.status != Status.ACTIVE:
        return False
    row = LadderLevel.objects.select_related("level").get(pk=key)
    warning = LevelWarning.objects.filter(pk=key).first()
    figures = figures_of([key], ladder, at=at)[key]
    found = _decide(row.level, warning, ladder, figures, at)
    level = Level.objects.get(pk=found.reached.rung.level) if found.reached else None
    match found.step:
        case Step.RISE:
            _move(current, level, Cause.LADDER, at, _shown(found.reached, figures))
        case Step.FALL:
            lost = _rung_of(row.level, ladder)
            running = Reached(lost, spans_of(lost.window, business_day(at))[0]) if lost else None
            _move(current, level, Cause.GRACE_OVER, at, _shown(running, figures))
        case Step.WARN:
            _warn(current, row.level, level, ladder, at)
        case Step.KEEP:
            LevelWarning.objects.filter(pk=key).delete()
        case Step.STAY:
            LevelWarning.objects.filter(pk=key).update(level=level)
    return found.changes


def _decide(
    level: Level | None,
    warning: LevelWarning | None,
    ladder: Collection[Rung],
    figures: Mapping[Span, Figures],
    at: datetime,
) -> Outcome:
    reached = highest(tuple(ladder), figures, business_day(at))
    step = next_step(
        rank=level.rank if level else NO_RANK,
        is_on_ladder=_rung_of(level, ladder) is not None,
        reached=reached.rung.rank if reached else NO_RANK,
        falls_at=warning.falls_at if warning else None,
        at=at,
    )
    lower = reached.rung.level if reached else None
    is_other = step == Step.STAY and warning is not None and warning.level_id != lower
    return Outcome(step, reached, changes=step != Step.STAY or is_other)


def _move(
    current: Distributor,
    level: Level | None,
    cause: LevelReview.Cause,
    at: datetime,
    figures: dict[str, Any],
) -> None:
    LadderLevel.objects.filter(pk=current.pk).update(level=level, since=at)
    LevelWarning.objects.filter(pk=current.pk).delete()
    settle_level(current, cause=cause, at=at, figures=figures)


def _warn(
    current: Distributor,
    level: Level | None,
    lower: Level | None,
    ladder: Collection[Rung],
    at: datetime,
) -> None:
    """Start the days of grace; say so unless a pin or an award keeps the level anyway."""
    rung = _rung_of(level, ladder)
    if rung is None or level is None:
        return
    last = last_day_of_grace(business_day(at), rung)
    falls_at = day_start(last + timedelta(days=1))
    LevelWarning.objects.create(distributor=current, level=lower, warned_at=at, falls_at=falls_at)
    if holding_with(lower, current, at=at).level == current.level:
        return
    record(
        INCENTIVES_LEVEL_WARNED, current, at=at, level=level.name,
        lower=lower.name if lower else "", last_day=last.isoformat(),
    )  # fmt: skip


def _rung_of(level: Level | None, ladder: Collection[Rung]) -> Rung | None:
    return next((rung for rung in ladder if level and rung.level == level.pk), None)


def _shown(decided_by: Reached | None, figures: Mapping[Span, Figures]) -> dict[str, Any]:
    """Return the figures that a step was decided by, for its review."""
    if decided_by is None:
        return {}
    span = decided_by.span
    counted = figures.get(span, Figures())
    return {
        "sales": counted.sales, "orders": counted.orders, "buyers": counted.buyers,
        "from": span.start.isoformat(), "to": span.last_day.isoformat(),
    }  # fmt: skip
