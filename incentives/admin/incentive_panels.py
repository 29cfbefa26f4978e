"""The page of an incentive: a sentence, its figures, its terms, its versions and its awards."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from backoffice import impacts
from backoffice.base import NOTHING
from backoffice.impacts import Effect
from backoffice.names import staff_name
from backoffice.panels import BODY, Column, Figure, Line, More, Panel, register
from common import clock
from common.clock import format_moment
from common.money import yuan_text
from incentives.admin import version_state
from incentives.admin.award_words import TERMS, award_row, award_table_columns
from incentives.admin.incentives import COLOURS
from incentives.admin.review import review_of
from incentives.admin.words import worth_text
from incentives.figures import Figures, figures_of, points_of
from incentives.models import Award, Incentive, Progress, Version
from incentives.models.incentive import PeriodKind
from incentives.states import State, draft_of, main_version, newest_first, state_of
from ledger.chart import Asset
from ledger.columns import amount_text

INCENTIVE = "incentives.incentive"
SHOWN = 10
THINGS = gettext_lazy("coupons by what they take off at most, gifts by their price")


def versions_of(incentive: Incentive) -> list[Version]:
    rows = newest_first().filter(incentive=incentive)
    return list(rows.select_related("incentive", "published_by", "submitted_by"))


def summary(request: HttpRequest, incentive: Incentive) -> dict[str, Any]:
    """Return the context of the panel with the sentence, the state and what comes next."""
    at = clock.now()
    versions = versions_of(incentive)
    version = main_version(versions, at=at)
    state = state_of(incentive, versions, at=at)
    context: dict[str, Any] = {
        "state": State(state).label, "colour": COLOURS[state], "version": version,
        "draft": draft_of(versions), "links": _links(request, version),
        "may_draft": request.user.has_perm(version_state.EDIT),
        "may_revise": _may_revise(state, version),
        "stopped": _stopped(incentive),
    }  # fmt: skip
    if version:
        review = review_of(version, list(version.rewards.all()), at=at)
        context |= version_state.terms(version, review)
    return context


def _links(request: HttpRequest, version: Version | None) -> list[version_state.Link]:
    if version is None:
        return []
    return [link for link in version_state.links(version, request.user) if not link.is_primary]


def _may_revise(state: State, version: Version | None) -> bool:
    """Return whether another version may follow: a published campaign keeps its terms."""
    if state in (State.STOPPED, State.DRAFT, State.WAITING) or version is None:
        return False
    return version.period != PeriodKind.CAMPAIGN


def _stopped(incentive: Incentive) -> str:
    if incentive.stopped_at is None:
        return ""
    return _("%(by)s stopped it on %(at)s: %(reason)s") % {
        "by": staff_name(incentive.stopped_by), "at": format_moment(incentive.stopped_at),
        "reason": incentive.stop_reason,
    }  # fmt: skip


def figures(_request: HttpRequest, incentive: Incentive) -> dict[str, Any]:
    """Return the context of the panel with what it has given and brought."""
    found = figures_of([incentive.pk])[incentive.pk]
    awards = _awards_url(incentive)
    return {
        "figures": [
            Figure(_("money given"), yuan_text(found.cost), _points(incentive), awards),
            Figure(_("worth of things given"), worth_text(found.things), THINGS, awards),
            Figure(_("budget used"), _used(found), _limits(found)),
            Figure(_("people reached"), f"{found.people:,}", url=awards),
            Figure(_("orders brought"), f"{found.orders:,}", yuan_text(found.sales)),
            Figure(_("orders to come"), f"{found.coming:,}", _("paid, not completed yet")),
            Figure(_("awards held"), f"{_held(incentive):,}", url=f"{awards}&status__exact=held"),
        ]
    }  # fmt: skip


def _awards_url(incentive: Incentive) -> str:
    page = reverse("admin:incentives_award_changelist")
    return f"{page}?{urlencode({'incentive': incentive.pk})}"


def _held(incentive: Incentive) -> int:
    return Award.objects.filter(incentive=incentive, status=Award.Status.HELD).count()


def _used(found: Figures) -> str:
    return NOTHING if found.used is None else f"{found.used}%"


def _points(incentive: Incentive) -> str:
    points = points_of(incentive.pk)
    return f"{amount_text(points, Asset.POINTS)} {Asset.POINTS.label}" if points else ""


def _limits(found: Figures) -> str:
    parts = []
    if found.amount_limit is not None:
        parts.append(f"{yuan_text(found.amount)} / {yuan_text(found.amount_limit)}")
    if found.awards_limit is not None:
        count = f"{found.awards:,} / {found.awards_limit:,}"
        parts.append(_("%(count)s awards") % {"count": count})
    return "、".join(parts) or _("no limit is set")


def versions(_request: HttpRequest, incentive: Incentive) -> dict[str, Any]:
    """Return the context of the panel with all versions, the newest first."""
    rows = versions_of(incentive)
    return {
        "table": {
            "columns": [
                Column(_("version")), Column(_("status")), Column(_("starts at")),
                Column(_("ends at")), Column(_("published by")), Column(_("what changed")),
            ],
            "rows": [_version_row(row, rows) for row in rows],
        },
    }  # fmt: skip


def _version_row(row: Version, rows: list[Version]) -> list[Any]:
    older = any(other.number and other.number < (row.number or 10**9) for other in rows)
    return [
        format_html('<a href="{}">{}</a>', version_state.url("change", row.pk), row),
        row.get_status_display(),
        format_moment(row.starts_at) if row.starts_at else NOTHING,
        format_moment(row.ends_at) if row.ends_at else NOTHING,
        staff_name(row.published_by) if row.published_by else NOTHING,
        format_html(
            '<a href="{}">{}</a>', version_state.url("compare", row.pk), _("Compare versions")
        )
        if older
        else NOTHING,
    ]


def awards(_request: HttpRequest, incentive: Incentive) -> dict[str, Any]:
    """Return the context of the panel with the latest awards."""
    rows = Award.objects.filter(incentive=incentive).select_related("member", *TERMS)
    latest = list(rows.order_by("-pk")[:SHOWN])
    return {
        "empty": _("Nobody has reached anything yet."),
        "table": {
            "columns": award_table_columns(person=True),
            "rows": [award_row(row, person=True) for row in latest],
        },
        "more": More(_("All awards"), _awards_url(incentive)) if latest else None,
    }


def history(_request: HttpRequest, incentive: Incentive) -> dict[str, Any]:
    """Return the context of the panel with what people did, the latest first."""
    lines = [line for row in versions_of(incentive) for line in _lines(row)]
    lines.append(Line(incentive.created_at, _("Drafted"), staff_name(incentive.created_by)))
    if incentive.stopped_at:
        text = _("Stopped: %(reason)s") % {"reason": incentive.stop_reason}
        lines.append(Line(incentive.stopped_at, text, staff_name(incentive.stopped_by)))
    return {"lines": sorted(lines, key=lambda line: line.at, reverse=True)}


def _lines(row: Version) -> Iterator[Line]:
    if row.submitted_at:
        text = _("%(version)s was handed over") % {"version": row}
        yield Line(row.submitted_at, text, staff_name(row.submitted_by))
    if row.published_at:
        text = _("%(version)s was published") % {"version": row}
        yield Line(row.published_at, text, staff_name(row.published_by))


@impacts.register("incentives.incentive.stop", order=10)
def people_on_their_way(incentive: Incentive, _at: datetime) -> Iterator[Effect]:
    """Say whom a stop surprises: those with progress, and orders that still complete."""
    people = Progress.objects.filter(incentive=incentive).values("member").distinct().count()
    text = _("have progress; what they reached before the stop is still given.")
    yield Effect(_people(people), text)
    coming = figures_of([incentive.pk])[incentive.pk].coming
    figure = ngettext("%(count)s order", "%(count)s orders", coming) % {"count": f"{coming:,}"}
    yield Effect(figure, _("paid before still count once they are completed."))
    held = Award.objects.filter(
        incentive=incentive, status__in=[Award.Status.HELD, Award.Status.WAITING]
    ).count()
    figure = ngettext("%(count)s award", "%(count)s awards", held) % {"count": f"{held:,}"}
    yield Effect(figure, _("held or waiting go on as before."))


def _people(count: int) -> str:
    return ngettext("%(count)s person", "%(count)s people", count) % {"count": f"{count:,}"}


register(
    Panel("summary", gettext_lazy("in a sentence"), INCENTIVE, "",
          "admin/incentives/summary.html", summary, 10)
)  # fmt: skip
register(
    Panel(
        "figures", gettext_lazy("what it has given and brought"), INCENTIVE, "", BODY, figures, 20
    )
)
register(Panel("versions", gettext_lazy("versions"), INCENTIVE, "", BODY, versions, 110))
register(
    Panel("awards", gettext_lazy("latest awards"), INCENTIVE, "incentives.view_award", BODY,
          awards, 120, lazy=True)
)  # fmt: skip
register(Panel("history", gettext_lazy("history"), INCENTIVE, "", BODY, history, 140))
