"""Show the live ranking of a contest to a member."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from common import clock
from common.errors import TwotierError
from incentives.models import Version
from incentives.overview.progress import last_moment
from incentives.periods import span_of
from incentives.ranking import ranking
from members.models import Member

TOP = 100


class NoRanking(TwotierError):
    code = "no_ranking"
    message = _("This incentive has no ranking: it gives nothing by place.")
    status = 404


def ranking_of(
    version: Version, member: Member, *, day: date | None, at: datetime
) -> dict[str, Any]:
    """Return the best of the period that a day is in, and the member's own place."""
    moment = clock.day_start(day) if day else last_moment(version, at)
    start = span_of(version, moment).start
    found = ranking(version=version, period_start=start, size=TOP, of=member)
    assert found.own, "it was asked for"
    rank = found.own.rank
    mine = {name: getattr(found.own, name) for name in ("value", "coming", "missing")}
    return {
        "first_day": start,
        "results": found.places,
        "mine": mine if rank is None else {**mine, "rank": rank},
        "final": found.is_final,
    }
