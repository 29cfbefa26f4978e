"""What incentives add to the page of a person and of an order: awards, and progress."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from backoffice.base import NOTHING
from backoffice.panels import BODY, Column, Line, More, Panel, register
from common import clock
from incentives.admin import words
from incentives.admin.award_words import (
    TERMS,
    award_link,
    award_row,
    award_table_columns,
    gives_of,
    render_given,
    status_badge,
)
from incentives.admin.not_counted import not_counted_rows
from incentives.models import Award, Contribution, Progress, Version
from incentives.not_counted import not_counted
from incentives.runs import all_runs
from members.admin.person import PERSON, person_link
from members.models import Member
from orders.admin.history import ORDER, add_source
from orders.models import Order

SHOWN = 10
VIEW = "incentives.view_award"


def awards(_request: HttpRequest, member: Member) -> dict[str, Any]:
    """Return the context of the panel with the latest awards of a person."""
    rows = Award.objects.visible_to(member).select_related("member", *TERMS).order_by("-pk")
    latest = list(rows[:SHOWN])
    page = reverse("admin:incentives_award_changelist")
    more = f"{page}?{urlencode({'q': member.public_id})}"
    return {
        "empty": _("Has reached nothing yet."),
        "table": {
            "columns": award_table_columns(person=False),
            "rows": [award_row(row, person=False) for row in latest],
        },
        "more": More(_("All awards of this person"), more) if len(latest) == SHOWN else None,
    }


def progress(_request: HttpRequest, member: Member) -> dict[str, Any]:
    """Return the context of the panel with what a person has reached in running incentives."""
    running = {row.incentive_id: row for row in Version.objects.running(clock.now())}
    persons = Member.objects.of_person(member.pk).values("pk")
    rows = Progress.objects.filter(member__in=persons, incentive__in=running)
    latest = rows.order_by("incentive_id", "-period_start").distinct("incentive_id")
    return {
        "empty": _("Has no progress in an incentive that runs."),
        "table": {
            "columns": [
                Column(_("incentive")), Column(_("counted")), Column(_("period")),
                Column(_("reached"), is_number=True), Column(_("to come"), is_number=True),
            ],
            "rows": [_progress_row(row, running[row.incentive_id]) for row in latest],
        },
    }  # fmt: skip


def _progress_row(row: Progress, version: Version) -> list[Any]:
    page = reverse("admin:incentives_incentive_change", args=[row.incentive_id])
    return [
        format_html('<a href="{}">{}</a>', page, version.name),
        version.get_metric_display(),
        str(row.period_start),
        words.value_text(version, row.value),
        words.value_text(version, row.coming) if row.coming else NOTHING,
    ]


def of_order(request: HttpRequest, order: Order) -> dict[str, Any] | None:
    """Return the context of the panel with what an order counts, and the awards by it alone.

    Also where it counts for nobody because buyer and earner are one person, or may be.
    """
    missing = not_counted([order.pk], all_runs())
    uncounted = {row.version.incentive_id for row in missing}
    rows = list(
        Contribution.objects.filter(order=order)
        .select_related("version", "member")
        .order_by("incentive_id")
    )
    rows = [row for row in rows if row.value or row.incentive_id not in uncounted]
    if not rows and not missing:
        return None
    own = _awards_by(order, rows)
    return {
        "table": {
            "columns": [
                Column(_("incentive")), Column(pgettext("incentive", "for")),
                Column(_("counts"), is_number=True), Column(_("state")),
                Column(_("awards by this order")),
            ],
            "rows": [
                *(_contribution_row(row, own.get(row.incentive_id, [])) for row in rows),
                *not_counted_rows(missing, request.user),
            ],
        },
    }  # fmt: skip


def _awards_by(order: Order, rows: list[Contribution]) -> dict[int, list[Award]]:
    """Return by incentive the awards whose step is this order or its buyer as a friend."""
    steps = Q(step__startswith=f"order:{order.pk}:")
    for row in rows:
        if row.subject_id:
            steps |= Q(step__startswith=f"friend:{row.subject_id}:")
    awards = Award.objects.filter(
        steps,
        incentive__in=[row.incentive_id for row in rows],
        member__in=_people(rows),
        period_start__in=[row.period_start for row in rows],
    )
    found: dict[int, list[Award]] = {}
    for award in awards.select_related("member", *TERMS).order_by("pk"):
        found.setdefault(award.incentive_id, []).append(award)
    return found


def _people(rows: list[Contribution]) -> set[int]:
    """Return who may have an award by an order: who it counts for, and the friend."""
    friends = {row.subject_id for row in rows if row.subject_id}
    return {row.member_id for row in rows} | friends


def _contribution_row(row: Contribution, awards: list[Award]) -> list[Any]:
    page = reverse("admin:incentives_incentive_change", args=[row.incentive_id])
    return [
        format_html('<a href="{}">{}</a>', page, row.version.name),
        person_link(row.member),
        words.value_text(row.version, row.value),
        _("counts") if row.counted else _("not completed yet"),
        _award_texts(awards),
    ]


def _award_texts(awards: list[Award]) -> str:
    """Return the awards of a row, each with its amount and status."""
    text = SafeString("")
    for award in awards:
        text += format_html(
            "{} {} {}<br>", award_link(award, gives_of(award)),
            render_given(award), status_badge(award),
        )  # fmt: skip
    return text or NOTHING


@add_source
def counted(order: Order) -> Iterator[Line]:
    """Yield when an order began to count in incentives."""
    rows = Contribution.objects.filter(order=order, counted=True).select_related("version")
    for row in rows:
        text = _("Counts in “%(name)s”") % {"name": row.version.name}
        yield Line(row.counted_at or row.happened_at, text, _("the system"))


register(Panel("awards", gettext_lazy("awards"), PERSON, VIEW, BODY, awards, 135, lazy=True))
register(
    Panel("incentives", gettext_lazy("progress in incentives"), PERSON, VIEW, BODY, progress, 134,
          lazy=True)
)  # fmt: skip
register(Panel("incentives", gettext_lazy("incentives"), ORDER, VIEW, BODY, of_order, 22))
