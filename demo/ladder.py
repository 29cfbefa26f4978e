"""Build the ladder of the demo's levels."""

from __future__ import annotations

from datetime import datetime

from distribution.models import Level
from incentives.models import LevelCondition
from incentives.services.ladder import change_condition
from members.models import User

LADDER = [("银牌", 30_000), ("金牌", 300_000), ("钻石", 1_500_000)]
"""Names of levels with the own sales in 90 days that they ask for, in fen."""
FROM_SEES_TEAM = 2
"""The rank from which a level sees the data of the team."""


def raise_ladder(*, by: User, at: datetime) -> None:
    """Create the levels that the shop has not, with what they ask for."""
    for rank, (name, sales) in enumerate(LADDER, start=1):
        level, _is_new = Level.objects.get_or_create(
            rank=rank,
            defaults={
                "name": name,
                "sees_team_data": rank >= FROM_SEES_TEAM,
                "advanced_materials": rank >= FROM_SEES_TEAM,
            },
        )
        if not LevelCondition.objects.filter(pk=level.pk).exists():
            condition = LevelCondition(
                level=level, window=LevelCondition.Window.DAYS_90, min_sales=sales
            )
            change_condition(condition=condition, by=by, at=at)
