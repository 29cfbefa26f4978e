"""What the page of a client shows: what it may do, what it calls, what it changed, its history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib.auth import get_user_model
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _text
from django.utils.translation import gettext_lazy as _

from backoffice.ages import age_text
from backoffice.base import NOTHING, StrOrPromise
from backoffice.names import staff_name
from backoffice.panels import BODY, Column, Figure, Line, More, Panel, register
from backoffice.references import link_to
from backoffice.timeline import format_moment
from common import clock
from events.models import Event
from integration.models import SCOPES, ApiClient
from integration.usage import Usage, usage

CLIENT = "integration.apiclient"
PERIODS = (1, 7, 30)
SHOWN = 20
POWERFUL: Mapping[str, StrOrPromise] = {
    "wallets:spend": _("moves money of members"),
    "coupons:use": _("uses coupons of members"),
    "members:move_in": _("writes the past; only while a mall moves in"),
    "webhooks:write": _("decides where events are sent"),
}


def may(_request: HttpRequest, client: ApiClient) -> dict[str, Any]:
    """Return the context of the panel with the scopes in words; powerful ones say why."""
    return {
        "table": {
            "columns": [Column(_("may")), Column(_("scope")), Column(_("note"))],
            "rows": [
                [SCOPES[scope], code(scope), POWERFUL.get(scope, "")]
                for scope in SCOPES
                if scope in client.scopes
            ],
        },
        "notice": secret_notice(client),
    }


def secret_notice(client: ApiClient) -> str:
    """Return that two secrets are valid, so that people end the rotation."""
    if client.revoked_at or not client.old_secret_encrypted:
        return ""
    return _text(
        "Two secrets are valid since %(moment)s. End the previous one once the server signs with"
        " the present one."
    ) % {"moment": format_moment(client.rotated_at) if client.rotated_at else NOTHING}


def calls(_request: HttpRequest, client: ApiClient) -> dict[str, Any]:
    """Return the context of the panel with the calls of today, of 7 and of 30 days."""
    found = usage(client, days=PERIODS, at=clock.now())
    last = client.last_used_at
    facts = [(_("last used"), age_text(last, clock.now()) if last else _("never"))]
    if found is None:
        return {"facts": facts, "empty": _("The counts cannot be read now. Try again later.")}
    today, week, month = found
    return {
        "figures": [
            Figure(_("calls today"), str(today.calls)),
            Figure(_("in 7 days"), str(week.calls)),
            Figure(_("in 30 days"), str(month.calls)),
            Figure(_("refused in 7 days"), str(week.refused.total()), share(week)),
        ],
        "facts": facts,
        "table": {
            "columns": [
                Column(_("call")), Column(_("today"), is_number=True),
                Column(_("7 days"), is_number=True), Column(_("30 days"), is_number=True),
            ],
            "rows": [*_rows(found, "accepted"), *_rows(found, "refused")],
        },
        "empty": _("It has called nothing in the last 30 days."),
    }  # fmt: skip


def share(found: Usage) -> str:
    """Return which part of the calls was refused."""
    if not found.refused:
        return ""
    percent = 100 * found.refused.total() / found.calls
    return _text("%(percent)s of its calls") % {"percent": f"{percent:.1f}%"}


def _rows(periods: Iterable[Usage], kind: str) -> list[list[Any]]:
    counters = [getattr(period, kind) for period in periods]
    names = [name for name, _count in counters[-1].most_common()]
    return [[_name(kind, name), *(counter[name] for counter in counters)] for name in names]


def _name(kind: str, name: str) -> StrOrPromise:
    if kind == "refused":
        return format_html("{} {}", _text("refused:"), code(name))
    return SCOPES.get(name, name)


def changed(_request: HttpRequest, client: ApiClient) -> dict[str, Any]:
    """Return the context of the panel with the latest events that the client caused."""
    rows = Event.objects.filter(actor_kind=CLIENT, actor_id=client.public_id).order_by("-pk")
    return {
        "table": {
            "columns": [Column(_("at")), Column(_("what")), Column(_("subject"))],
            "rows": [
                [format_moment(row.at), row.title, link_to(row.subject_kind, row.subject_id)]
                for row in rows[:SHOWN]
            ],
        },
        "empty": _("It has changed no product, member or endpoint yet. Orders are not listed."),
        "more": More(
            _("All its events"),
            f"{reverse('admin:events_event_changelist')}?q={client.public_id}",
        ),
    }


def history(_request: HttpRequest, client: ApiClient) -> dict[str, Any]:
    """Return the context of the panel that says who did what to the client."""
    rows = Event.objects.filter(subject_kind=CLIENT, subject_id=client.public_id).order_by("-pk")
    latest = list(rows[:SHOWN])
    names = {event.actor_id for event in latest}
    staff = {user.username: user for user in get_user_model().objects.filter(username__in=names)}
    return {
        "lines": [
            Line(row.at, _told(row), staff_name(staff.get(row.actor_id)) if row.actor_id else "")
            for row in latest
        ]
    }


def _told(event: Event) -> str:
    parts = [event.title]
    if reason := event.data.get("reason"):
        parts.append(_text("Reason: %(reason)s") % {"reason": reason})
    before = set((event.before or {}).get("scopes", ()))
    after = set((event.after or {}).get("scopes", ()))
    if added := _labels(after - before):
        parts.append(_text("Added: %(scopes)s") % {"scopes": added})
    if removed := _labels(before - after):
        parts.append(_text("Removed: %(scopes)s") % {"scopes": removed})
    return " ".join(parts)


def _labels(scopes: set[str]) -> str:
    return _text(", ").join(str(SCOPES[scope]) for scope in SCOPES if scope in scopes)


def code(text: str) -> SafeString:
    return format_html("<code>{}</code>", text)


register(Panel("may", _("what it may do"), CLIENT, "", BODY, may, 10, width="half"))
register(Panel("calls", _("what it calls"), CLIENT, "", BODY, calls, 20, width="half"))
register(
    Panel(
        "changed", _("what it changed"), CLIENT, "events.view_event", BODY, changed, 210, lazy=True
    )
)
register(Panel("history", _("history"), CLIENT, "events.view_event", BODY, history, 220, lazy=True))
