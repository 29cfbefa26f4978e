"""Bring a distributor's level to what counts; every verb about levels ends here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from common.locks import lock_rows
from distribution.models import Distributor
from distribution.services import set_level
from incentives.ladder.precedence import holding_of
from incentives.models import LadderLevel, LevelReview
from members.models import User


def lock_distributor(distributor: Distributor) -> Distributor:
    """Lock a distributor until the transaction ends, and put them on the ladder.

    Their row is the lock of everything that decides the level.
    """
    lock_rows(Distributor.objects.filter(pk=distributor.pk))
    current = Distributor.objects.select_related("level").get(pk=distributor.pk)
    LadderLevel.objects.get_or_create(
        distributor=current, defaults={"level": current.level, "since": current.since}
    )
    return current


def settle_level(
    current: Distributor,
    *,
    cause: LevelReview.Cause,
    at: datetime,
    by: User | None = None,
    reason: str = "",
    figures: Mapping[str, Any] | None = None,
) -> bool:
    """Set the level of a locked distributor to the one that counts now.

    :param cause: what has changed
    :param figures: those that the ladder decided by
    :returns: whether the level changed; that of an exited distributor never does
    """
    level = holding_of(current, at=at).level
    if current.status == Distributor.Status.EXITED or level == current.level:
        return False
    LevelReview.objects.create(
        distributor=current, at=at, before=current.level, after=level, cause=cause,
        figures=dict(figures or {}),
    )  # fmt: skip
    set_level(distributor=current, level=level, by=by, at=at, reason=reason or str(cause.label))
    return True
