"""What distribution adds to the page of a person: the upline, the distributor and the history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from backoffice.base import NOTHING, StrOrPromise
from backoffice.names import staff_name
from backoffice.panels import (
    BODY,
    Button,
    Column,
    More,
    Panel,
    buttons_of,
    copyable,
    register,
)
from backoffice.timeline import format_moment
from common import clock
from distribution import events
from distribution.models import (
    Application,
    Binding,
    BindingExtension,
    Distributor,
    Referral,
)
from distribution.models.relations import Source
from distribution.queries import binding_of
from events.models import Event, Reference
from members.admin.person import PERSON, person_link, person_url
from members.admin.timeline import TimelineSource, add_source
from members.models import Member

MAX_EARLIER = 5
STATUS_COLOURS = {
    "active": "success", "approved": "success", "submitted": "warning", "suspended": "warning",
    "frozen": "danger", "rejected": "danger", "exited": "info",
}  # fmt: skip


def badge(row: Any) -> SafeString:
    """Return the status of a distributor or an application in its colour."""
    colour = STATUS_COLOURS.get(row.status, "info")
    return format_html('<span class="tt-badge tt-{}">{}</span>', colour, row.get_status_display())


def upline(request: HttpRequest, member: Member) -> dict[str, Any]:
    """Return the context of the panel about the upline: who, since when, until when changeable."""
    now = clock.now()
    current = binding_of(member, at=now)
    persons = Member.objects.of_person(member.pk).values("pk")
    earlier = Binding.objects.filter(member__in=persons).select_related("distributor__member")
    referral = Referral.objects.filter(member=member).select_related("referrer").first()
    facts: list[tuple[StrOrPromise, Any]] = (
        _facts_of_binding(current, at=now) if current else [(_("upline"), _("no upline"))]
    )
    if referral:
        source = referral.get_source_display()
        text = format_html(
            "{} · {} · {}", person_link(referral.referrer), source, format_moment(referral.at)
        )
        facts.append((_("first referred by"), text))
    if current:
        earlier = earlier.exclude(pk=current.pk)
    rows = earlier.order_by("-started_at", "-pk")
    return {
        "facts": facts,
        "table": {
            "columns": [Column(_("earlier upline")), Column(_("from–to")), Column(_("end reason"))],
            "rows": [_earlier(row) for row in rows[:MAX_EARLIER]],
        },
        "buttons": _buttons_of_binding(request, member, current, at=now),
    }


def _facts_of_binding(row: Binding, *, at: datetime) -> list[tuple[StrOrPromise, Any]]:
    distributor = row.distributor
    name = format_html("{} {}", person_link(distributor.member), badge(distributor))
    until = format_moment(row.expires_at) if row.expires_at else _("does not expire")
    if extension := row.extensions.select_related("by").first():
        until = f"{until} · {_extended(extension)}"
    return [
        (_("upline"), name),
        (_("the upline's upline"), _tier2(distributor, at=at)),
        (_("since"), f"{format_moment(row.started_at)} · {row.get_source_display()}"),
        (_("until"), until),
        (_("changeable"), _changeable(row, at=at)),
    ]


def _tier2(tier1: Distributor, *, at: datetime) -> StrOrPromise:
    """Return who is paid in tier 2 for this buyer's orders."""
    row = binding_of(tier1.member, at=at)
    if row is None:
        return _("no upline")
    return format_html("{} {}", person_link(row.distributor.member), badge(row.distributor))


def _extended(row: BindingExtension) -> str:
    said = _("extended by %(name)s, %(moment)s: %(reason)s")
    return said % {
        "name": staff_name(row.by), "moment": format_moment(row.at), "reason": row.reason,
    }  # fmt: skip


def _changeable(row: Binding, *, at: datetime) -> str:
    """Say until when staff may change the upline; the law's window is thirty days."""
    until = row.can_leave_until
    if until < at:
        return str(_("no longer: bound for more than 30 days"))
    days = (until - at).days
    left = ngettext("%(days)s day left", "%(days)s days left", days) % {"days": days}
    return str(_("until %(moment)s") % {"moment": format_moment(until)}) + f" ({left})"


def _earlier(row: Binding) -> list[Any]:
    end = row.ended_at or row.expires_at
    period = f"{format_moment(row.started_at)} – {format_moment(end) if end else ''}"
    reason = row.get_end_reason_display() if row.end_reason else NOTHING
    note = f" · {row.end_note}" if row.end_note else ""
    return [person_link(row.distributor.member), period, f"{reason}{note}"]


def _buttons_of_binding(
    request: HttpRequest, member: Member, row: Binding | None, *, at: datetime
) -> list[Button]:
    if row and request.user.has_perm("distribution.view_binding"):
        names = ("extend", "move", "leave") if row.can_leave_until >= at else ("extend",)
        return buttons_of(request, row, *names)
    if row or not request.user.has_perm("distribution.add_binding"):
        return []
    page = reverse("admin:distribution_binding_assign")
    url = f"{page}?member={member.public_id}"
    return [Button(_("Give this member an upline"), url, "person_add", is_dialog=False)]


def distributor(request: HttpRequest, member: Member) -> dict[str, Any]:
    """Return the context of the panel about the distributor, or about the way to become one."""
    rows = Distributor.objects.filter(member=member).select_related("level", "segment", "member")
    if row := rows.first():
        return {
            "facts": [
                (_("status"), badge(row)),
                (_("invite code"), copyable(row.code)),
                (_("level"), row.level or NOTHING),
                (_("segment"), row.segment or NOTHING),
                (_("distributor since"), format_moment(row.since)),
            ],
            "buttons": buttons_of(request, row),
            "more": More(
                _("Periods of status and level"),
                reverse("admin:distribution_distributor_change", args=[row.pk]),
            ),
        }
    application = Application.objects.filter(member=member).first()
    if application and request.user.has_perm("distribution.view_application"):
        page = reverse("admin:distribution_application_change", args=[application.pk])
        text = format_html("{} · {}", badge(application), format_moment(application.submitted_at))
        return {
            "facts": [(_("application"), text)],
            "more": More(_("Open the application"), page),
        }
    return {"empty": _("Not a distributor."), "buttons": _enrol_button(request, member)}


def _enrol_button(request: HttpRequest, member: Member) -> list[Button]:
    if not request.user.has_perm("distribution.add_distributor"):
        return []
    url = f"{reverse('admin:distribution_distributor_add')}?member={member.pk}"
    return [Button(_("Make this member a distributor"), url, "person_add", is_dialog=False)]


def _subjects(member: Member) -> Iterable[Reference]:
    for distributor in Distributor.objects.filter(member=member):
        yield Reference.to(distributor)
    for application in Application.objects.filter(member=member):
        yield Reference.to(application)


def _details(rows: Sequence[Event]) -> Mapping[int, StrOrPromise]:
    """Return who the upline was, the new value, and the reason."""
    bindings = Binding.objects.filter(
        public_id__in=[row.data["binding"] for row in rows if row.data.get("binding")]
    ).select_related("distributor__member")
    uplines = {row.public_id: str(row.distributor) for row in bindings}
    return {row.pk: _detail(row, uplines) for row in rows}


def _detail(row: Event, uplines: Mapping[str, str]) -> str:
    after = row.after or {}
    values = [
        uplines.get(str(row.data.get("binding")), ""),
        _label(Distributor.Status, after.get("status")),
        after.get("level") or after.get("segment"),
        _label(Source, row.data.get("source")),
        _label(Binding.EndReason, row.data.get("end_reason")),
        _label(Application.Route, row.data.get("route")),
        row.data.get("reason"),
    ]
    return " · ".join(str(value) for value in values if value)


def _label(choices: Any, value: Any) -> str:
    return str(choices(value).label) if value in choices.values else ""


add_source(
    TimelineSource(
        {
            events.DISTRIBUTION_APPLIED.name: _("Applied to become a distributor"),
            events.DISTRIBUTION_APPROVED.name: _("The application was approved"),
            events.DISTRIBUTION_REJECTED.name: _("The application was rejected"),
            events.DISTRIBUTION_ENROLLED.name: _("Became a distributor"),
            events.DISTRIBUTION_BOUND.name: _("Got an upline"),
            events.DISTRIBUTION_UNBOUND.name: _("Left the upline"),
            events.DISTRIBUTION_ASSIGNED.name: _("Staff assigned an upline"),
            events.DISTRIBUTION_REASSIGNED.name: _("Staff changed the upline"),
            events.DISTRIBUTION_EXTENDED.name: _("Staff extended the binding"),
            events.DISTRIBUTION_STATUS_CHANGED.name: _("Status as a distributor"),
            events.DISTRIBUTION_LEVEL_CHANGED.name: _("New level"),
            events.DISTRIBUTION_SEGMENT_CHANGED.name: _("New segment"),
        },
        _subjects,
        _details,
    )
)


def page_of_person(_request: HttpRequest, row: Distributor) -> dict[str, Any]:
    """Return the context of the panel that leads from a distributor to the person."""
    return {"more": More(_("Orders, commissions, wallets and history"), person_url(row.member_id))}


register(
    Panel(
        "person", _("the person's page"), "distribution.distributor", "members.view_member", BODY,
        page_of_person, 10,
    )
)  # fmt: skip
register(
    Panel(
        "upline", _("upline"), PERSON, "distribution.view_binding", BODY, upline, 20, width="half"
    )
)
register(
    Panel(
        "distributor", _("distributor"), PERSON, "distribution.view_distributor", BODY,
        distributor, 30, width="half",
    )
)  # fmt: skip
