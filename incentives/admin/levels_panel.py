"""Show on a person's page where they stand on the ladder, and let staff pin their level."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from backoffice.base import NOTHING, StrOrPromise
from backoffice.panels import BODY, Column, Figure, Line, More, Panel, buttons_of, register
from backoffice.timeline import format_moment
from common import clock
from distribution.models import Distributor
from events.models import Event
from incentives import events
from incentives.admin.levels_words import (
    condition_text,
    figures_text,
    level_name,
    progress_text,
    why_it_counts,
)
from incentives.ladder.standing import LevelProgress, LevelStanding, standing
from incentives.models import DistributorLevel, LevelReview
from members.admin.person import PERSON
from members.admin.timeline import TimelineSource, add_source
from members.models import Member

VIEW = "incentives.view_distributorlevel"
SHOWN = 5


def level_of_member(request: HttpRequest, member: Member) -> dict[str, Any] | None:
    """Return the context of the panel of a person; one who is no distributor has none."""
    row = DistributorLevel.objects.filter(member=member).select_related("level").first()
    return level_of(request, row) if row else None


def level_of(request: HttpRequest, row: Distributor) -> dict[str, Any]:
    """Return the context of the panel: what counts, what is missing, and what changed."""
    at = clock.now()
    found = standing(row, at)
    own = DistributorLevel.objects.get(pk=row.pk)
    reviews = reverse("admin:incentives_levelreview_changelist")
    return {
        "notice": _notice(found),
        "figures": [
            Figure(_("level"), level_name(found.level), why_it_counts(found)),
            Figure(
                _("next level"),
                found.next.level.name if found.next else NOTHING,
                progress_text(found.next.missing) if found.next else "",
            ),
        ],
        "table": {
            "columns": [
                Column(_("level")), Column(_("asks for")), Column(_("counted over")),
                Column(_("reached so far")), Column(_("still missing")),
            ],
            "rows": [_row(place) for place in reversed(found.places)],
        },
        "empty": _("There are no levels yet."),
        "lines": [_line(review) for review in _reviews(row)],
        "buttons": buttons_of(request, own),
        "more": More(_("All changes of this level"), f"{reviews}?q={row.member.public_id}"),
    }  # fmt: skip


def _notice(found: LevelStanding) -> StrOrPromise:
    warning = found.warning
    if warning is None:
        return ""
    return _(
        "Own sales no longer reach %(level)s. It is kept until %(moment)s; then comes %(lower)s."
    ) % {
        "level": level_name(found.ladder), "moment": format_moment(warning.falls_at),
        "lower": level_name(warning.level),
    }  # fmt: skip


def _row(place: LevelProgress) -> list[Any]:
    days = (
        _("%(start)s to %(end)s") % {"start": place.span.start, "end": place.span.last_day}
        if place.span
        else NOTHING
    )
    return [
        place.level.name,
        condition_text(place.condition),
        days,
        figures_text(place.figures, with_zeros=True) if place.condition else NOTHING,
        _missing(place) if place.condition else NOTHING,
    ]


def _missing(place: LevelProgress) -> StrOrPromise:
    return _("reached") if place.is_reached else figures_text(place.missing)


def _reviews(row: Distributor) -> list[LevelReview]:
    rows = LevelReview.objects.filter(distributor=row).select_related("before", "after")
    return list(rows.order_by("-pk")[:SHOWN])


def _line(review: LevelReview) -> Line:
    change = f"{level_name(review.before)} → {level_name(review.after)}"
    return Line(review.at, change, review.get_cause_display())


def _details(rows: Sequence[Event]) -> Mapping[int, StrOrPromise]:
    """Return the level that was pinned with the reason, or until when the level is kept."""
    return {row.pk: " · ".join(filter(None, _detail(row))) for row in rows}


def _detail(row: Event) -> Iterator[str]:
    yield str((row.after or {}).get("pinned") or "")
    yield str(row.data.get("level") or "")
    yield str(row.data.get("last_day") or "")
    yield str(row.data.get("reason") or "")


# The distributor is a subject of the timeline already.
add_source(
    TimelineSource(
        {
            events.INCENTIVES_LEVEL_PINNED.name: _("Level pinned"),
            events.INCENTIVES_LEVEL_UNPINNED.name: _("Level no longer pinned"),
            events.INCENTIVES_LEVEL_WARNED.name: _("Warned of a lower level"),
        },
        details=_details,
    )
)
register(Panel("level", _("level"), PERSON, VIEW, BODY, level_of_member, 35, lazy=True))
register(
    Panel("level", _("level"), "distribution.distributor", VIEW, BODY, level_of, 110, lazy=True)
)
register(Panel("level", _("level"), "incentives.distributorlevel", VIEW, BODY, level_of, 20))
