"""Read notices, and forget old ones."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from members.models import Member
from notices.models import Notice

KEPT_FOR = timedelta(days=180)
BATCH = 2_000


def unread_count(*, member: int) -> int:
    """Return how many notices a person has not read.

    :param member: the key of the member
    """
    return Notice.objects.of_person(member).unread().count()


def mark_read(*, member: Member, ids: Sequence[str] | None, at: datetime) -> int:
    """Mark a person's notices as read; a repetition changes nothing.

    :param ids: public ids, unknown ones are passed over; None: all
    :returns: how many are unread now
    """
    rows = Notice.objects.visible_to(member).unread()
    if ids is not None:
        rows = rows.filter(public_id__in=ids)
    rows.update(read_at=at)
    return unread_count(member=member.pk)


def forget_old_notices(*, at: datetime) -> int:
    """Delete a batch of notices older than 180 days, read or not.

    :returns: their number; 0 when none is left
    """
    old = Notice.objects.filter(created_at__lt=at - KEPT_FOR).order_by("created_at")
    keys = list(old.values_list("pk", flat=True)[:BATCH])
    Notice.objects.filter(pk__in=keys).delete()
    return len(keys)
