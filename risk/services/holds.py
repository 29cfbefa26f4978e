"""Open and release holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from commissions.models import CommissionHold
from commissions.services import release_holds
from common.errors import TwotierError
from common.locks import lock_rows
from common.requirements import require_reason
from events.models import Reference
from events.services import record
from members.models import User
from orders.models import Order
from risk.events import RISK_HELD, RISK_RELEASED
from risk.models import Assessment, Hold, Outcome, with_subject_in
from risk.services.cases import lock_or_open_cases

HOLDING_OUTCOMES = {Outcome.HOLD, Outcome.BLOCK}
ORDER = Order._meta.label_lower


class AlreadyReleased(TwotierError):
    code = "already_released"
    message = _("This hold is already released. Nothing was changed: reload the page.")


class SelfReleaseForbidden(TwotierError):
    code = "self_release_forbidden"
    message = _("This hold concerns yourself: ask a colleague. Nothing was changed.")
    status = 403


def create_holds(case_subjects: Mapping[Assessment, Reference], *, at: datetime) -> list[Hold]:
    """Open a hold for each assessment that holds or blocks, in the open case about its subject.

    A released hold is not opened again for the same rule and subject, unless the payee has changed;
    an open hold stays as it is.

    :param case_subjects: the subject of the case of each assessment
    """
    new = _new_holds([row for row in case_subjects if row.outcome in HOLDING_OUTCOMES])
    if not new:
        return []
    cases = lock_or_open_cases({case_subjects[row]: row.member for row in new}, at=at)
    # Concurrent holds are serialized by the lock of the case: check again.
    holds = Hold.objects.bulk_create(
        Hold(
            subject_kind=row.subject_kind, subject_id=row.subject_id, member_id=row.member_id,
            rule=row.rule, outcome=row.outcome, assessment=row, case=cases[case_subjects[row]],
            since=at,
        )
        for row in _new_holds(new)
    )  # fmt: skip
    if holds:
        record(RISK_HELD, holds, at=at)
    return holds


@transaction.atomic
def release(*, hold: Hold, by: User, at: datetime, reason: str) -> None:
    """Release a hold. Its subject continues unless another hold remains.

    The commissions of an order return to the queue, now or when the order is received.

    :raises SelfReleaseForbidden: the hold concerns ``by``
    :raises ReasonRequired: the reason is empty or too long
    :raises AlreadyReleased: the hold is already released
    """
    reason = require_reason(reason)
    if hold.subject_kind == ORDER:
        # Lock the order first, as every other change of it does.
        lock_rows(Order.objects.filter(public_id=hold.subject_id))
    release_locked(hold, by=by, at=at, reason=reason)


def release_locked(hold: Hold, *, by: User, at: datetime, reason: str) -> None:
    """Release a hold whose order, if it is about one, the caller has locked.

    :raises SelfReleaseForbidden, AlreadyReleased: as for ``release``
    """
    if by.member_id is not None and by.member_id == hold.member_id:
        raise SelfReleaseForbidden(hold=hold.public_id)
    changes = {"released_at": at, "released_by": by, "release_reason": reason}
    if Hold.objects.filter(pk=hold.pk, released_at=None).update(**changes) != 1:
        raise AlreadyReleased(hold=hold.public_id)
    for field, value in changes.items():
        setattr(hold, field, value)
    others = Hold.objects.filter(with_subject_in([hold.subject]), member=hold.member_id)
    if hold.subject_kind == ORDER and not others.filter(released_at=None).exists():
        release_holds(
            CommissionHold.objects.filter(
                reason=CommissionHold.Reason.RISK,
                commission__line__order__public_id=hold.subject_id,
                commission__distributor__member=hold.member_id,
            )
        )
    record(RISK_RELEASED, hold, at=at, by=by, rule=hold.rule, reason=reason)


def _new_holds(assessments: Sequence[Assessment]) -> list[Assessment]:
    """Drop those with an open hold, or with a hold released for the same payee."""
    rows = Hold.objects.filter(with_subject_in({row.subject for row in assessments}))
    held, released = set(), set()
    for row in rows.select_related("assessment"):
        if row.released_at:
            released.add((*_key(row.assessment), _payee(row.assessment)))
        else:
            held.add(_key(row.assessment))
    return [
        row
        for row in assessments
        if _key(row) not in held and (*_key(row), _payee(row)) not in released
    ]


def _key(assessment: Assessment) -> tuple[Reference, int, str]:
    return assessment.subject, assessment.member_id, assessment.rule


def _payee(assessment: Assessment) -> str:
    return str(assessment.evidence.get("payee", ""))
