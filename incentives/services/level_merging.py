"""Let levels go on when two members turn out to be one person."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models.functions import Greatest

from distribution.models import Distributor
from incentives.models import LevelAward, LevelPin, LevelReview, LevelWarning
from incentives.services.level_settling import lock_distributor, settle_level
from members.models import Member


@transaction.atomic
def merge_levels(*, merged: Member, survivor: Member, at: datetime) -> None:
    """Move awarded levels to the survivor; a pin of the merged distributor ends.

    The next review counts the orders of both. The caller holds the locks of both distributors.
    """
    old = Distributor.objects.filter(member=merged).first()
    if old is None:
        return
    LevelPin.objects.filter(distributor=old, ended_at=None).update(
        ended_at=Greatest("pinned_at", at)
    )
    LevelWarning.objects.filter(distributor=old).delete()
    running = LevelAward.objects.filter(distributor=old, ended_at=None)
    new = Distributor.objects.filter(member=survivor).first()
    if new is None:
        running.filter(ends_at__gt=at).update(ended_at=Greatest("starts_at", at))
        return
    if running.update(distributor=new):
        settle_level(lock_distributor(new), cause=LevelReview.Cause.AWARD, at=at)
