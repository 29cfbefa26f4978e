"""The timeline of a person: what happened to them, and who did it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from backoffice.base import StrOrPromise
from backoffice.panels import BODY, Line, Panel, register
from events.models import Event, Reference
from members import events
from members.admin.person import PERSON
from members.models import Member, User

MAX_EVENTS = 60
STAFF, MEMBER = "members.user", "members.member"


def _no_subjects(_member: Member) -> Iterable[Reference]:
    return ()


def reasons(rows: Sequence[Event]) -> Mapping[int, StrOrPromise]:
    """Return the reasons that people gave, by the key of the event."""
    return {row.pk: str(row.data.get("reason") or "") for row in rows}


@dataclass(frozen=True)
class TimelineSource:
    """Events of a room that belong to a person's timeline.

    :param titles: what happened, by the name of the event; other events are left out
    :param subjects: what the events are about, besides the member, in a constant number of queries
    :param details: what a title does not say, by the key of the event, in as few queries
    """

    titles: Mapping[str, StrOrPromise]
    subjects: Callable[[Member], Iterable[Reference]] = _no_subjects
    details: Callable[[Sequence[Event]], Mapping[int, StrOrPromise]] = reasons


_sources: list[TimelineSource] = []


def add_source(source: TimelineSource) -> TimelineSource:
    """Show the events of a room on the timelines of persons."""
    _sources.append(source)
    return source


def timeline(_request: HttpRequest, member: Member) -> dict[str, Any]:
    """Return the context of the panel: the latest events with the names of those who did them."""
    rows = _events_of(member)
    names = actor_names(rows)
    lines = []
    details: dict[int, StrOrPromise] = {}
    titles: dict[str, StrOrPromise] = {}
    for source in _sources:
        titles |= source.titles
        details |= source.details([row for row in rows if row.name in source.titles])
    for row in sorted(rows, key=lambda row: (row.at, row.pk), reverse=True):
        detail = details.get(row.pk, "")
        text = f"{titles[row.name]} · {detail}" if detail else titles[row.name]
        lines.append(Line(row.at, text, names[row.actor_kind, row.actor_id]))
    return {"lines": lines, "empty": "" if lines else _("Nothing has happened yet.")}


def _events_of(member: Member) -> list[Event]:
    persons = Member.objects.of_person(member.pk).values_list("public_id", flat=True)
    subjects = [Reference(MEMBER, public_id) for public_id in persons]
    for source in _sources:
        subjects += source.subjects(member)
    about = Q(pk__in=())
    for kind in sorted({subject.kind for subject in subjects}):
        ids = sorted({subject.id for subject in subjects if subject.kind == kind})
        about |= Q(subject_kind=kind, subject_id__in=ids)
    names = [name for source in _sources for name in source.titles]
    return list(Event.objects.filter(about, name__in=names).order_by("-pk")[:MAX_EVENTS])


def actor_names(rows: Iterable[Event]) -> dict[tuple[str, str], StrOrPromise]:
    """Return the names of those who did something, in two queries."""
    actors = {(row.actor_kind, row.actor_id) for row in rows}
    names: dict[tuple[str, str], StrOrPromise] = dict.fromkeys(actors, _("an API client"))
    names["", ""] = _("the system")
    for user in User.objects.filter(username__in=[key for kind, key in actors if kind == STAFF]):
        names[STAFF, user.username] = str(user)
    ids = [key for kind, key in actors if kind == MEMBER]
    for member in Member.objects.filter(public_id__in=ids):
        names[MEMBER, member.public_id] = str(member)
    return names


add_source(
    TimelineSource(
        {
            events.MEMBERS_JOINED.name: _("Joined"),
            events.MEMBERS_PROFILE_CHANGED.name: _("Changed the profile"),
            events.MEMBERS_PHONE_CHANGED.name: _("Gave a phone number"),
            events.MEMBERS_CONTACT_UNMASKED.name: _("The phone number was shown to staff"),
            events.MEMBERS_DUPLICATE_FOUND.name: _("Signed in with ids of two members"),
            events.MEMBERS_MERGE_PROPOSED.name: _("A merge was proposed"),
            events.MEMBERS_MERGE_REFUSED.name: _("The merge was refused"),
            events.MEMBERS_MERGED.name: _("Merged into another member"),
            events.MEMBERS_AGREEMENT_ACCEPTED.name: _("Accepted an agreement"),
            events.MEMBERS_LOCKED.name: _("Locked out"),
            events.MEMBERS_UNLOCKED.name: _("May sign in again"),
            events.MEMBERS_CONSENT_REVOKED.name: _("Withdrew a consent"),
            events.MEMBERS_CLOSED.name: _("Closed the account"),
        }
    )
)
register(Panel("timeline", _("timeline"), PERSON, "", BODY, timeline, 950, lazy=True))
