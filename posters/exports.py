"""Export the posters and recommendations of a member."""

from __future__ import annotations

from typing import Any

from common import clock
from common.media import public_url
from members.models import Member
from posters.models import Poster, RecommendationLine


def posters_of(member: Member) -> list[dict[str, Any]]:
    """Return the posters of a person."""
    rows = Poster.objects.visible_to(member).select_related("share").order_by("pk")
    return [
        {
            "id": poster.public_id,
            "share": poster.share.code,
            "line": poster.line,
            "requested_at": poster.requested_at.astimezone(clock.SHANGHAI).isoformat(),
            "url": public_url(poster.path),
        }
        for poster in rows
    ]


def recommendations_of(member: Member) -> list[str]:
    """Return the recommendations that a person has written."""
    rows = RecommendationLine.objects.filter(member__in=Member.objects.of_person(member.pk))
    return list(rows.order_by("pk").values_list("text", flat=True))
