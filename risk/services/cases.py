"""Open, assign, annotate and close risk cases."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from common import status
from common.errors import TwotierError
from common.requirements import require_reason
from events.models import Reference
from events.services import record
from members.models import Member, User
from risk.events import (
    RISK_CASE_ASSIGNED,
    RISK_CASE_CLOSED,
    RISK_CASE_NOTED,
    RISK_CASE_OPENED,
)
from risk.models import Case, Note, with_subject_in

MAX_NOTE_LENGTH = 1000


class CaseHasOpenHolds(TwotierError):
    code = "case_has_open_holds"
    message = _("This case has %(count)s open holds: release them first. Nothing was changed.")


class CaseAlreadyOpen(TwotierError):
    code = "case_already_open"
    message = _("There is already an open case about this: add a note to it.")


class CaseClosed(TwotierError):
    code = "case_closed"
    message = _("The case is closed. Nothing was changed.")


class NoteRequired(TwotierError):
    code = "note_required"
    message = _("Write a note of at most 1000 characters. Nothing was changed.")
    status = 400


@transaction.atomic
def open_case(*, subject: Reference, member: Member, by: User, at: datetime, text: str) -> Case:
    """Open a case without a rule, with a first note.

    :raises CaseAlreadyOpen: the subject has an open case
    :raises NoteRequired: the note is empty or too long
    """
    text = _clean_note(text)
    if Case.objects.filter(with_subject_in([subject]), status=Case.Status.OPEN).exists():
        raise CaseAlreadyOpen(subject=str(subject))
    case = lock_or_open_cases({subject: member}, at=at)[subject]
    _create_note(case, text, by=by, at=at)
    return case


def lock_or_open_cases(subjects: dict[Reference, Member], *, at: datetime) -> dict[Reference, Case]:
    """Lock the open case about each subject; open one where there is none."""
    candidates = [
        Case(subject_kind=subject.kind, subject_id=subject.id, member=member, opened_at=at)
        for subject, member in sorted(subjects.items(), key=lambda item: item[0])
    ]
    new_ids = {case.public_id for case in candidates}
    cases: dict[Reference, Case] = {}
    # If a case is closed between the two statements, the next round inserts a new one.
    while len(cases) < len(candidates):
        missing = [case for case in candidates if case.subject not in cases]
        Case.objects.bulk_create(missing, ignore_conflicts=True)
        cases |= _lock_cases(case.subject for case in missing)
    opened = [case for case in cases.values() if case.public_id in new_ids]
    if opened:
        record(RISK_CASE_OPENED, opened, at=at)
    return cases


@transaction.atomic
def assign(*, case: Case, assignee: User, by: User, at: datetime) -> None:
    """Assign an open case to a person.

    :raises CaseClosed: the case is closed
    """
    current = _lock_open_case(case)
    before = current.assignee.public_id if current.assignee else None
    Case.objects.filter(pk=case.pk).update(assignee=assignee)
    case.assignee = assignee
    record(
        RISK_CASE_ASSIGNED, case, at=at, by=by,
        before={"assignee": before}, after={"assignee": assignee.public_id},
    )  # fmt: skip


@transaction.atomic
def note(*, case: Case, by: User, at: datetime, text: str) -> Note:
    """Add a note to an open case.

    :raises CaseClosed: the case is closed
    :raises NoteRequired: the note is empty or too long
    """
    text = _clean_note(text)
    _lock_open_case(case)
    return _create_note(case, text, by=by, at=at)


@transaction.atomic
def close(*, case: Case, by: User, at: datetime, reason: str) -> None:
    """Close a case with a conclusion. It cannot be reopened; later holds open a new case.

    :raises CaseHasOpenHolds: a hold of the case is not released
    :raises ReasonRequired: the conclusion is empty or too long
    :raises WrongStatus: the case is closed
    """
    conclusion = require_reason(reason)
    status.move(case, to=Case.Status.CLOSED, closed_at=at, closed_by=by, conclusion=conclusion)
    # The case is locked: a concurrent hold either came before, or finds the case closed.
    if count := case.holds.filter(released_at=None).count():
        raise CaseHasOpenHolds(case=case.public_id, count=count)
    record(RISK_CASE_CLOSED, case, at=at, by=by, reason=conclusion)


def _lock_cases(subjects: Iterable[Reference]) -> dict[Reference, Case]:
    rows = Case.objects.filter(with_subject_in(subjects), status=Case.Status.OPEN).order_by("pk")
    return {case.subject: case for case in rows.select_for_update(no_key=True)}


def _lock_open_case(case: Case) -> Case:
    """Read and lock an open case."""
    current = (
        Case.objects.filter(pk=case.pk, status=Case.Status.OPEN)
        .select_related("assignee")
        .select_for_update(no_key=True, of=("self",))
        .first()
    )
    if current is None:
        raise CaseClosed(case=case.public_id)
    return current


def _clean_note(text: str) -> str:
    text = text.strip()
    if not 0 < len(text) <= MAX_NOTE_LENGTH:
        raise NoteRequired
    return text


def _create_note(case: Case, text: str, *, by: User, at: datetime) -> Note:
    row = Note.objects.create(case=case, by=by, text=text, at=at)
    record(RISK_CASE_NOTED, case, at=at, by=by)
    return row
