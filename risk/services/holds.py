"""Open holds and the cases to which they belong."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from events.models import Reference
from events.services import record
from members.models import Member
from risk.events import RISK_CASE_OPENED, RISK_HELD
from risk.models import Assessment, Case, Hold, Outcome, with_subject_in

HOLDING_OUTCOMES = {Outcome.HOLD, Outcome.BLOCK}


@dataclass(frozen=True, slots=True)
class PendingHold:
    """An assessment that may hold or block, and the subject of its case."""

    assessment: Assessment
    case_subject: Reference


def hold(alarms: Sequence[PendingHold], *, at: datetime) -> list[Hold]:
    """Open a hold for each assessment that holds or blocks, in the open case about its subject.

    A released hold is not opened again for the same rule and subject, unless the payee has changed;
    an open hold stays as it is.
    """
    alarms = [alarm for alarm in alarms if alarm.assessment.outcome in HOLDING_OUTCOMES]
    new = _new_holds(alarms) if alarms else []
    if not new:
        return []
    cases = open_cases({alarm.case_subject: alarm.assessment.member for alarm in new}, at=at)
    # Concurrent holds are serialized by the lock of the case: check again.
    holds = Hold.objects.bulk_create(
        Hold(
            subject_kind=alarm.assessment.subject_kind,
            subject_id=alarm.assessment.subject_id,
            member_id=alarm.assessment.member_id,
            rule=alarm.assessment.rule,
            outcome=alarm.assessment.outcome,
            assessment=alarm.assessment,
            case=cases[alarm.case_subject],
            since=at,
        )
        for alarm in _new_holds(new)
    )
    if holds:
        record(RISK_HELD, holds, at=at)
    return holds


def _new_holds(alarms: Sequence[PendingHold]) -> list[PendingHold]:
    """Drop those with an open hold, or with a hold released for the same payee."""
    rows = Hold.objects.filter(with_subject_in({alarm.assessment.subject for alarm in alarms}))
    held, released = set(), set()
    for row in rows.select_related("assessment"):
        if row.released_at:
            released.add((*_key(row.assessment), _payee(row.assessment)))
        else:
            held.add(_key(row.assessment))
    return [
        alarm
        for alarm in alarms
        if _key(alarm.assessment) not in held
        and (*_key(alarm.assessment), _payee(alarm.assessment)) not in released
    ]


def _key(assessment: Assessment) -> tuple[Reference, int, str]:
    return assessment.subject, assessment.member_id, assessment.rule


def _payee(assessment: Assessment) -> str:
    return str(assessment.evidence.get("payee", ""))


def open_cases(subjects: dict[Reference, Member], *, at: datetime) -> dict[Reference, Case]:
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


def _lock_cases(subjects: Iterable[Reference]) -> dict[Reference, Case]:
    rows = Case.objects.filter(with_subject_in(subjects), status=Case.Status.OPEN).order_by("pk")
    return {case.subject: case for case in rows.select_for_update(no_key=True)}
