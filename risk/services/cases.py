"""A case is taken up, gathers notes, and is closed with a conclusion."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from common import status
from common.errors import TwotierError
from common.requirements import require_reason
from events.models import Reference
from events.services import record
from members.models import Member, User
from risk.events import RISK_CASE_ASSIGNED, RISK_CASE_CLOSED, RISK_CASE_NOTED
from risk.models import Case, Note
from risk.services.holds import open_cases

MAX_NOTE_LENGTH = 1000


class CaseHasOpenHolds(TwotierError):
    code = "case_has_open_holds"
    message = _("%(count)s holds of this case are open: release them first. Nothing was changed.")


class CaseAlreadyOpen(TwotierError):
    code = "case_already_open"
    message = _("There is an open case about this already: write a note there.")


class CaseClosed(TwotierError):
    code = "case_closed"
    message = _("The case is closed. Nothing was changed.")


class NoteRequired(TwotierError):
    code = "note_required"
    message = _("Write something, of at most 1000 characters. Nothing was changed.")
    status = 400


@transaction.atomic
def open_case(*, subject: Reference, member: Member, by: User, at: datetime, text: str) -> Case:
    """Look into something that no rule has found, with a first note.

    :raises CaseOpen: somebody looks into it already
    :raises NoteNeeded: without a note
    """
    text = _clean_note(text)
    if Case.objects.filter(
        subject_kind=subject.kind, subject_id=subject.id, status=Case.Status.OPEN
    ).exists():
        raise CaseAlreadyOpen(subject=str(subject))
    case = open_cases({subject: member}, at=at)[subject]
    _create_note(case, text, by=by, at=at)
    return case


@transaction.atomic
def assign(*, case: Case, assignee: User, by: User, at: datetime) -> None:
    """Say who looks into an open case.

    :raises CaseClosed: nobody does any more
    """
    now = _lock_open_case(case)
    before = now.assignee.public_id if now.assignee else None
    Case.objects.filter(pk=case.pk).update(assignee=assignee)
    case.assignee = assignee
    record(
        RISK_CASE_ASSIGNED, case, at=at, by=by,
        before={"assignee": before}, after={"assignee": assignee.public_id},
    )  # fmt: skip


@transaction.atomic
def note(*, case: Case, by: User, at: datetime, text: str) -> Note:
    """Write down what was found out.

    :raises CaseClosed: it is decided
    :raises NoteNeeded: nothing is written, or too much
    """
    text = _clean_note(text)
    _lock_open_case(case)
    return _create_note(case, text, by=by, at=at)


@transaction.atomic
def close(*, case: Case, by: User, at: datetime, reason: str) -> None:
    """Close a case with a conclusion, for good; what comes later opens a new one.

    :raises StillHolds: something is still held in it: that is decided first
    :raises ReasonNeeded: without a conclusion
    :raises WrongStatus: it is closed
    """
    conclusion = require_reason(reason)
    status.move(case, to=Case.Status.CLOSED, closed_at=at, closed_by=by, conclusion=conclusion)
    # Asked with the case locked: whoever opens a hold in it has to come before, or finds it closed.
    if count := case.holds.filter(released_at=None).count():
        raise CaseHasOpenHolds(case=case.public_id, count=count)
    record(RISK_CASE_CLOSED, case, at=at, by=by, reason=conclusion)


def _lock_open_case(case: Case) -> Case:
    """The case as it is now, locked."""
    found = (
        Case.objects.filter(pk=case.pk, status=Case.Status.OPEN)
        .select_related("assignee")
        .select_for_update(no_key=True, of=("self",))
        .first()
    )
    if found is None:
        raise CaseClosed(case=case.public_id)
    return found


def _clean_note(text: str) -> str:
    text = text.strip()
    if not 0 < len(text) <= MAX_NOTE_LENGTH:
        raise NoteRequired
    return text


def _create_note(case: Case, text: str, *, by: User, at: datetime) -> Note:
    written = Note.objects.create(case=case, by=by, text=text, at=at)
    record(RISK_CASE_NOTED, case, at=at, by=by)
    return written
