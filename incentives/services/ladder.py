"""Change what the levels ask for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from common.errors import TwotierError, violated_constraint
from common.locks import advisory_lock
from distribution.models import Level
from events.services import record
from incentives.events import INCENTIVES_LADDER_CHANGED
from incentives.models import LevelCondition
from members.models import User

REQUIREMENTS = ("min_sales", "min_orders", "min_buyers")
FIELDS = ("window", *REQUIREMENTS, "grace_days")
LADDER = "incentives.ladder"
INVALID = {"level_asks_for_orders", "level_buyers_positive", "level_grace_within_limits"}


class InvalidCondition(TwotierError):
    code = "invalid_level_condition"
    message = _(
        "A level asks for own sales or own orders above 0, and its days of grace lie between 1 and"
        " 365. Nothing was changed."
    )
    status = 400


class LadderNotInOrder(TwotierError):
    code = "ladder_not_in_order"
    message = _(
        "Over the same time a higher level asks for more than a lower one. Compare with %(level)s."
        " Nothing was changed."
    )
    status = 400


@transaction.atomic
def change_condition(*, condition: LevelCondition, by: User, at: datetime) -> None:
    """Save what a level asks for; the next review goes by it.

    :raises InvalidCondition: it asks for no orders, or has no days of grace
    :raises LadderNotInOrder: a higher level would be easier to reach than a lower one
    """
    advisory_lock(LADDER)
    for _field, other in out_of_order(condition):
        raise LadderNotInOrder(level=other.level.name)
    before = LevelCondition.objects.filter(pk=condition.level_id).first()
    try:
        with transaction.atomic():
            condition.save(force_insert=before is None, force_update=before is not None)
    except IntegrityError as error:
        if violated_constraint(error) not in INVALID:
            raise
        raise InvalidCondition from error
    record(
        INCENTIVES_LADDER_CHANGED, condition.level, at=at, by=by, before=_state(before),
        after=_state(condition),
    )  # fmt: skip


@transaction.atomic
def remove_condition(*, level: Level, by: User, at: datetime) -> None:
    """Take a level off the ladder: those who have it keep it, and only the shop gives it."""
    advisory_lock(LADDER)
    before = LevelCondition.objects.filter(pk=level.pk).first()
    if before is None:
        return
    before.delete()
    record(INCENTIVES_LADDER_CHANGED, level, at=at, by=by, before=_state(before), after={})


def out_of_order(condition: LevelCondition) -> Iterable[tuple[str, LevelCondition]]:
    """Return the requirements that contradict those of another level, with that level."""
    others = LevelCondition.objects.select_related("level").filter(window=condition.window)
    for other in others.exclude(pk=condition.level_id).order_by("level__rank"):
        is_higher = condition.level.rank > other.level.rank
        higher, lower = (condition, other) if is_higher else (other, condition)
        for field in REQUIREMENTS:
            more, less = getattr(higher, field), getattr(lower, field)
            if more is not None and less is not None and more < less:
                yield field, other
        if all(getattr(higher, field) == getattr(lower, field) for field in REQUIREMENTS):
            yield "min_orders" if condition.min_sales is None else "min_sales", other


def _state(condition: LevelCondition | None) -> dict[str, Any]:
    return {field: getattr(condition, field) for field in FIELDS} if condition else {}
