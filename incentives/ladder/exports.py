"""The levels of a member, for the export of their data."""

from __future__ import annotations

from typing import Any

from common import clock
from incentives.models import LevelReview
from members.models import Member


def levels_of(member: Member) -> list[dict[str, Any]]:
    """Return each change of a person's level, with its cause and the figures behind it."""
    persons = Member.objects.of_person(member.pk)
    rows = LevelReview.objects.filter(distributor__member__in=persons)
    return [
        {
            "at": row.at.astimezone(clock.SHANGHAI).isoformat(),
            "before": row.before.name if row.before else "",
            "after": row.after.name if row.after else "",
            "cause": row.cause,
            "figures": row.figures,
        }
        for row in rows.select_related("before", "after").order_by("pk")
    ]
