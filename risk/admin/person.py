"""What risk adds to the page of a person: holds, cases and the latest assessments."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from backoffice.base import NOTHING, StrOrPromise
from backoffice.panels import BODY, Column, Panel, register
from backoffice.timeline import format_moment
from members.admin.person import PERSON
from members.models import Member
from risk.models import Assessment, Case, Hold, Outcome

SHOWN = 10
LATEST = 30


def risk(_request: HttpRequest, member: Member) -> dict[str, Any]:
    """Return the context of the panel: the last verdict in one line, then holds with their case."""
    persons = list(Member.objects.of_person(member.pk).values_list("pk", flat=True))
    holds = Hold.objects.filter(member__in=persons).select_related("case", "released_by")
    rows = list(holds.order_by("-pk")[:SHOWN])
    cases = Case.objects.filter(member__in=persons, status=Case.Status.OPEN)
    return {
        "facts": [
            (_("last assessment"), _last_verdict(persons)),
            (_("open cases"), _case_links(list(cases.order_by("pk")[:SHOWN]))),
        ],
        "empty": _("Nothing was ever held."),
        "table": {
            "columns": [
                Column(_("rule")), Column(_("status")), Column(_("on hold since")),
                Column(_("released by")), Column(_("release reason")),
            ],
            "rows": [_row(hold) for hold in rows],
        },
    }  # fmt: skip


def _last_verdict(persons: list[int]) -> StrOrPromise:
    """Return how many rules passed, held and had no data when somebody was last assessed."""
    latest = list(Assessment.objects.filter(member__in=persons).order_by("-pk")[:LATEST])
    if not latest:
        return _("never assessed")
    same = [row for row in latest if row.subject == latest[0].subject]
    rules = {row.rule: row for row in reversed(same)}.values()  # the latest of each
    counts = {outcome: sum(row.outcome == outcome for row in rules) for outcome in Outcome.values}
    parts = [
        str(text % {"count": count})
        for text, count in (
            (_("%(count)s passed"), counts[Outcome.PASS]),
            (_("%(count)s held"), counts[Outcome.HOLD] + counts[Outcome.BLOCK]),
            (_("%(count)s without data"), counts[Outcome.NOT_ASSESSED]),
        )
        if count
    ]
    return f"{' · '.join(parts)} ({format_moment(latest[0].at)})"


def _case_links(cases: list[Case]) -> Any:
    if not cases:
        return _("none")
    links = [
        format_html('<a href="{}">{}</a>', reverse("admin:risk_case_change", args=[case.pk]), case)
        for case in cases
    ]
    return format_html("、".join("{}" for _link in links), *links)


def _row(hold: Hold) -> list[Any]:
    page = reverse("admin:risk_hold_change", args=[hold.pk])
    is_open = hold.released_at is None
    return [
        format_html('<a href="{}">{}</a>', page, hold.get_rule_display()),
        format_html(
            '<span class="tt-badge tt-{}">{}</span>', "danger" if is_open else "success",
            hold.get_outcome_display() if is_open else _("released"),
        ),
        format_moment(hold.since),
        hold.released_by or NOTHING,
        hold.release_reason or NOTHING,
    ]  # fmt: skip


register(Panel("risk", _("risk"), PERSON, "risk.view_hold", BODY, risk, 160, lazy=True))
