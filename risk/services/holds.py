"""What a rule has found keeps its subject back, and becomes a case for a person."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from events.models import Reference
from events.services import record
from members.models import Member
from risk.events import RISK_CASE_OPENED, RISK_HELD
from risk.models import Assessment, Case, Hold, with_subject_in


@dataclass(frozen=True, slots=True)
class PendingHold:
    """An assessment that holds or blocks, and the subject of the case that it belongs to."""

    assessment: Assessment
    case_subject: Reference


def hold(alarms: Sequence[PendingHold], *, at: datetime) -> list[Hold]:
    """Open what is new of the holds, each in the open case about its subject.

    What a person has released is not held again for the same rule and subject, unless the account
    that is paid has become another one; what is held already stays as it is.
    """
    new = _new_holds(alarms)
    if not new:
        return []
    cases = open_cases({alarm.case_subject: alarm.assessment.member for alarm in new}, at=at)
    # Those who hold the same at this moment have taken turns at the case: look again.
    made = Hold.objects.bulk_create(
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
    if made:
        record(RISK_HELD, made, at=at)
    return made


def _new_holds(alarms: Sequence[PendingHold]) -> list[PendingHold]:
    """Those for which there is no open hold, and none that was released knowing the same."""
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


def _key(one: Assessment) -> tuple[str, str, int, str]:
    return one.subject_kind, one.subject_id, one.member_id, one.rule


def _payee(one: Assessment) -> str:
    return str(one.evidence.get("payee", ""))


def open_cases(subjects: dict[Reference, Member], *, at: datetime) -> dict[Reference, Case]:
    """The open case about each subject, opened where there is none; they are locked."""
    fresh = [
        Case(subject_kind=subject.kind, subject_id=subject.id, member=member, opened_at=at)
        for subject, member in sorted(subjects.items(), key=lambda item: item[0])
    ]
    ours = {case.public_id for case in fresh}
    found: dict[Reference, Case] = {}
    # Whoever closes a case between the two statements lets the first one insert in the next round.
    while len(found) < len(fresh):
        missing = [case for case in fresh if case.subject not in found]
        Case.objects.bulk_create(missing, ignore_conflicts=True)
        found |= _lock_cases(case.subject for case in missing)
    opened = [case for case in found.values() if case.public_id in ours]
    if opened:
        record(RISK_CASE_OPENED, opened, at=at)
    return found


def _lock_cases(subjects: Iterable[Reference]) -> dict[Reference, Case]:
    rows = Case.objects.filter(with_subject_in(subjects), status=Case.Status.OPEN).order_by("pk")
    return {case.subject: case for case in rows.select_for_update(no_key=True)}
